"""What a channel's process does turn by turn: nothing holds the rest up, nothing covers another."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from backend.channels import answers, photos
from backend.channels.answers import Replies
from backend.channels.folder import Folder
from backend.channels.hook import MOST_BYTES, hooked
from backend.channels.intake import Intake
from backend.channels.line import Line
from backend.channels.main import Worker
from backend.channels.transfer import Transfers
from backend_client.channels import records
from backend_client.channels.records import Record
from backend_client.channels.spec import load
from backend_client.contract.answers import Answer, Answers, Said
from backend_client.contract.base import Text
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Channel
from backend_client.errors import BadFileError, Unreachable
from tests.media import jpeg

AWAY = Unreachable(Text("没有应答。", "No answer."), Text("稍后再试。", "Try again."))
TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("fault", [AWAY, OSError(28, "No space left on device", "in")])
def test_what_fails_holds_nothing_else_up(fault: Exception) -> None:
    done: list[str] = []

    class Away:
        @property
        def folder(self) -> Folder:
            raise fault

    class Said:
        def bring(self, _ended: Callable[[], bool]) -> int:
            done.append("answers")
            return 0

        def send(self) -> int:
            done.append("transfers")
            return 0

    said = Said()
    worker = Worker(cast("Intake", Away()), cast("Replies", said), cast("Transfers", said))
    assert not worker.turn(lambda: False)
    assert done == ["answers", "transfers"]


@dataclass
class Owing:
    """Stand for the service's list of answers: what is told is owed no more."""

    owed: dict[int, Answer]
    asked: int = 0
    told: list[int] = field(default_factory=list)

    def say(self, call: Callable[[Any], object]) -> object:
        class _Client:
            casework = self

        return call(_Client())

    def answers(self, _channel: Channel, *, after: int = 0) -> Answers:
        self.asked += 1
        left = [one for n, one in sorted(self.owed.items()) if n > after]
        return Answers(answers=tuple(left[:2]))


def owed(n: int, intake_id: str) -> Answer:
    return Answer(
        n=n,
        event_id=f"event-{n}",
        intake_id=intake_id,
        channel=Channel.APP,
        said=Said.ACCEPTED,
        words="",
        at=datetime(2026, 7, 20, tzinfo=UTC),
    )


def test_answers_of_other_systems_are_passed_over_and_looked_at_again_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    brought: list[int] = []
    monkeypatch.setattr(answers, "_ANEW", 4)
    service = Owing({n: owed(n, f"typed-{n}") for n in range(1, 9)} | {9: owed(9, "app-9")})

    class _Replies(Replies):
        def _tell(self, numbers: list[int]) -> None:
            for one in numbers:
                del service.owed[one]

    replies = _Replies(load("app"), cast("Line", service), lambda n, _record: brought.append(n))
    assert replies.bring() == 1
    assert (brought, service.asked) == ([9], 6)
    service.owed[10] = owed(10, "app-10")
    assert replies.bring() == 1
    assert (brought, service.asked) == ([9, 10], 8), "what is no answer of ours is not read again"
    service.owed[3] = owed(3, "app-3")  # seen late, as after a clock was set back
    assert [replies.bring() for _ in range(3)] == [0, 0, 1]
    assert brought == [9, 10, 3]


def test_an_answer_that_was_not_taken_comes_again_in_the_next_turn() -> None:
    service = Owing({1: owed(1, "typed-1"), 2: owed(2, "app-A2")})
    tries: list[int] = []

    def carry(number: int, record: dict[str, str]) -> None:
        assert record["orderNo"] == "A2"
        tries.append(number)
        raise AWAY

    replies = Replies(load("app"), cast("Line", service), carry)
    for _ in range(2):
        with pytest.raises(Unreachable):
            replies.bring()
    assert tries == [2, 2]


def test_another_file_of_the_same_name_goes_by_another_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    names = []
    for told in ("monday", "tuesday", "monday"):
        file = folder.put("in", "daily.csv", told)
        names.append(folder.target(file, "done").name)
        assert folder.move(file, "done").name == names[-1]
    assert names[0] == "daily.csv"
    assert len(set(names)) == 3
    assert {one.read_text() for one in (tmp_path / "done").iterdir()} == {"monday", "tuesday"}


@pytest.mark.parametrize("length", ["000000000001" + "9" * 8, "9" * 5_000, str(MOST_BYTES + 1)])
def test_a_length_nobody_may_send_is_not_waited_for(tmp_path: Path, length: str) -> None:
    folder = Folder(tmp_path)
    folder.make()
    with hooked(folder, ("127.0.0.1", 0), TOKEN) as at:
        link = http.client.HTTPConnection(*at, timeout=10)
        link.putrequest("POST", "/records")
        for name, said in (
            ("Authorization", f"Bearer {TOKEN}"),
            ("Content-Type", "application/json"),
            ("Content-Length", length),
        ):
            link.putheader(name, said)
        link.endheaders()
        assert link.getresponse().status == 413
        link.close()


def test_the_same_posted_by_two_at_once_is_one_whole_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    body = json.dumps({"data": ["x" * 2_000_000]}).encode()
    status: list[int] = []

    def post(at: tuple[str, int]) -> None:
        link = http.client.HTTPConnection(*at, timeout=30)
        head = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        link.request("POST", "/records", body, head)
        status.append(link.getresponse().status)
        link.close()

    with hooked(folder, ("127.0.0.1", 0), TOKEN) as at:
        threads = [threading.Thread(target=post, args=(at,)) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(status) == [*[200] * 7, 202]
    (file,) = (tmp_path / "in").iterdir()
    assert file.read_bytes() == body


def test_what_came_before_a_bad_place_has_its_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_file: Path, _inside: str = "") -> Any:
        yield Record(1, {"orderNo": "A1", "desc": "井盖"})
        raise BadFileError(Text("文件损坏。", "Damaged."), Text("重传。", "Send it again."))

    class _Reply:
        status, body = 201, b'{"item_id":"event-1","version":1,"n":1}'

    class _Line:
        def say(self, _call: object) -> object:
            return _Reply()

    monkeypatch.setattr(records, "read", broken)
    folder = Folder(tmp_path)
    folder.make()
    file = folder.put("in", "a.xlsx", jpeg())
    work = Intake(load("app"), folder, cast("Line", _Line()), SystemClock())
    book = work.take(file)
    assert book.taken == 1
    (line,) = (tmp_path / "receipts" / "a.xlsx.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["eventId"] == "event-1"
    assert (tmp_path / "refused" / "a.xlsx").exists()
    assert (tmp_path / "refused" / "a.xlsx.why.txt").exists()


def test_a_file_is_not_blamed_for_accounts_that_are_gone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "app")
    folder.make()
    file = folder.put("in", "a.json", '{"orderNo": "A1", "desc": "井盖"}')
    line = Line("http://127.0.0.1:9", tmp_path / "gone.json", "channel_app", SystemClock())
    with pytest.raises(BadFileError, match="gone"):
        Intake(load("app"), folder, line, SystemClock()).take(file)
    assert file.exists()
    assert list((tmp_path / "app" / "refused").iterdir()) == []


def test_a_photo_too_large_is_not_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    with (tmp_path / "in" / "film.mp4").open("wb") as film:
        film.truncate(1 << 40)
    done = photos.bring(cast("Line", None), folder, ("film.mp4",), "3206")
    ((name, why),) = done.faults
    assert (name, "too large" in why.en, done.ids) == ("film.mp4", True, [])


@pytest.mark.parametrize("order_id", ["../events", "a/b", "a?b", "a b", "x" * 65, "-"])
def test_an_order_id_that_is_none_makes_no_address(tmp_path: Path, order_id: str) -> None:
    spec = load("police")
    assert spec.transfer is not None
    work = Transfers(spec, spec.transfer, Folder(tmp_path), cast("Line", None))
    told = {spec.transfer.order_id: order_id, spec.transfer.state: spec.transfer.signed[0]}
    fault = work.reply(Record(1, told))
    assert fault is not None
    assert "none of ours" in fault.en
