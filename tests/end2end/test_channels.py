"""Channels' processes beside the real service: files and hook in, receipts and answers out."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from backend_client.client import Client
from backend_client.contract.events import Close, Dispatch, Event, Reasoned, Touch
from backend_client.contract.orders import Order, OrderState
from backend_client.repairs import repairs
from tests import media
from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = [pytest.mark.end2end, pytest.mark.timeout(600)]

HERE = {"xzb": "120.86", "yzb": "32.01"}
KILLED = "110-K"
"""What the numbers begin with that are handed in while something is killed."""


def command(service: Service, name: str, folder: Path, *words: str) -> list[str]:
    door = ["--url", service.url, "--credentials", str(service.credentials)]
    return [sys.executable, "-m", "backend", "channel", name, str(folder), *door, *words]


def once(
    service: Service, name: str, folder: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    words = (*words, "--once")
    return subprocess.run(
        command(service, name, folder, *words),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def put(folder: Path, name: str, body: str | bytes) -> Path:
    """Hand a file over as a system does: written under another name, then renamed."""
    home = folder / "in"
    home.mkdir(parents=True, exist_ok=True)
    part = home / f".{name}.tmp"
    part.write_bytes(body.encode() if isinstance(body, str) else body)
    os.utime(part, (1_700_000_000, 1_700_000_000))
    part.replace(home / name)
    return home / name


def call(number: int, **changed: object) -> dict[str, object]:
    at = datetime.now(UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S%z")
    usual = {"jjdbh": f"J{number}", "bjsj": at, "bjnr": f"人民中路第 {number} 处玻璃碴"}
    return {
        **usual,
        "sfdd": "人民中路",
        "bjrxm": "王小明",
        "lxdh": "13812345678",
        **HERE,
        **changed,
    }


def document(*rows: dict[str, object]) -> str:
    return json.dumps({"data": rows}, ensure_ascii=False)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def events(client: Client, *prefixes: str) -> dict[str, Event]:
    """Give the events of some channels, by their own numbers."""
    found: dict[str, Event] = {}
    after = ""
    while True:
        page = client.items("event", after=after)
        every = [one for one in page.items if isinstance(one, Event)]
        ours = [one for one in every if one.intake_id.startswith(prefixes)]
        assert not set(found) & {one.intake_id for one in ours}, "one event for one report"
        found |= {one.intake_id: one for one in ours}
        if page.next is None:
            return found
        after = page.next


def test_a_file_of_110_comes_in_whole_and_each_record_gets_its_receipt(
    service: Service, tmp_path: Path
) -> None:
    folder, desk = tmp_path / "110", service.client("operator")
    put(folder, "现场.jpg", media.jpeg())
    put(folder, "病毒.jpg", b"MZ" + b"\x00" * 2_000)
    inline = "data:image/png;base64," + base64.b64encode(media.png()).decode()
    outside = os.path.relpath(service.data / "service.lock", folder / "in")
    rows = (
        call(1, fj=["现场.jpg", inline, outside, "病毒.jpg"]),
        call(2, xzb="32.01", yzb="120.86"),
        call(3, bjsj="2099-01-01 00:00:00"),
        call(4, bjnr="\u200b\u200b"),
        call(5, bjnr="<script>alert(1)</script>'; DROP TABLE event;-- 😡"),
        call(6, bjnr="🆘🔥"),
    )
    put(folder, "夜班.json", document(*rows).encode("gb18030"))
    done = once(service, "police", folder)
    assert done.returncode == 1, done.stderr
    assert "3 new, 0 there before" in done.stderr
    known = events(desk, "110-")
    assert set(known) == {"110-J1", "110-J5", "110-J6"}
    first = known["110-J1"]
    assert (first.channel.value, first.region, first.lon, first.lat) == (
        "police",
        "320613",
        120.86,
        32.01,
    )
    assert first.reporter is not None
    assert first.reporter.contact == "13*******78"
    assert [desk.casework.attachment(one) for one in first.attachments] == [
        media.jpeg(),
        media.png(),
    ]
    assert known["110-J5"].text == rows[4]["bjnr"], "kept as text"
    receipts = {one["jjdbh"]: one for one in lines(folder / "receipts" / "夜班.json.jsonl")}
    assert {number: one["hzzt"] for number, one in receipts.items()} == {
        **dict.fromkeys(("J1", "J5", "J6"), "已接收"),
        **dict.fromkeys(("J2", "J3", "J4"), "已退回"),
    }
    assert receipts["J1"]["hzdh"] == first.item_id
    assert "颠倒" in str(receipts["J2"]["hzsm"])
    assert "经度 120.86，纬度 32.01" in str(receipts["J2"]["hzsm"])
    refused = lines(folder / "refused" / "夜班.json.jsonl")
    assert [(one["line"], one["where"]) for one in refused] == [
        (1, "photos/service.lock"),
        (1, "photos/病毒.jpg"),
        (2, "lon"),
        (3, "reported_at"),
        (4, "title"),
    ]
    kept = repairs(desk).rows
    assert sorted(json.loads(one.raw)["intake_id"] for one in kept) == [
        "110-J2",
        "110-J3",
        "110-J4",
    ]
    assert not any("王小明" in one.raw or "13812345678" in one.raw for one in kept)
    assert sorted(one.name for one in (folder / "in").iterdir()) == []
    assert (folder / "done" / "夜班.json").exists()

    put(folder, "夜班.json", document(*rows[:1]))
    again = once(service, "police", folder)
    assert "0 new, 1 there before" in again.stderr, again.stderr
    put(folder, "坏.json", "{")
    assert once(service, "police", folder).returncode == 0
    assert "JSON" in (folder / "refused" / "坏.json.why.txt").read_text(encoding="utf-8")
    assert len(events(desk, "110-")) == 3


@contextmanager
def listening(told: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    """Run a channel's own system that takes answers, and fails first; give its address."""
    failures = [500]

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if failures:
                self.send_response(failures.pop())
            else:
                told.append((self.headers["Idempotency-Key"], body))
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    ear = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    ear.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        ear.join(5)
        server.server_close()


def test_answers_reach_each_channel_where_it_reads_them_and_are_told_once(
    service: Service, tmp_path: Path
) -> None:
    desk = service.client("dispatcher")
    at = datetime.now(UTC) - timedelta(minutes=1)
    ms = int(at.timestamp() * 1000)
    put(tmp_path / "app", "a.json", json.dumps({"orderNo": "A1", "createTime": ms, "desc": "井盖"}))
    note = {"sn": "P1", "takenAt": ms // 1000, "note": "路灯"}
    put(tmp_path / "photo", "a.json", json.dumps(note))
    assert once(service, "app", tmp_path / "app").returncode == 0
    assert once(service, "photo", tmp_path / "photo").returncode == 0
    for one in events(desk, "app-", "ssp-").values():
        reason = Reasoned(version=1, reason="不属于本市事权，请向产权单位反映")
        desk.casework.refuse(one.item_id, reason)

    def brought() -> list[Path]:
        once(service, "app", tmp_path / "app")
        return list((tmp_path / "app" / "answers").iterdir())

    (file,) = wait_for(brought, 60, "an answer after its ten seconds")
    answer = json.loads(file.read_text(encoding="utf-8"))
    assert (answer["orderNo"], answer["status"]) == ("A1", "refused")
    assert answer["text"] == "不属于本市事权，请向产权单位反映"
    file.unlink()
    once(service, "app", tmp_path / "app")
    assert not list((tmp_path / "app" / "answers").iterdir()), "told, so not owed any more"

    told: list[tuple[str, dict[str, str]]] = []
    with listening(told) as url:
        failed = once(service, "photo", tmp_path / "photo", "--answers", url)
        assert (failed.returncode, told) == (3, []), "not taken is not told"
        assert "HTTP 500" in failed.stderr
        for _ in range(2):
            assert once(service, "photo", tmp_path / "photo", "--answers", url).returncode == 0
    ((key, body),) = told
    assert key == f"photo-answer-{body['no']}"
    assert (body["sn"], body["state"]) == ("P1", "refused")


def test_what_12345_sends_to_110_goes_out_and_its_receipt_and_result_come_back(
    service: Service, tmp_path: Path
) -> None:
    desk, folder = service.client("dispatcher"), tmp_path / "110"
    at = datetime.now(UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S%z")
    row = f"DH1,{at},夜里飙车,工农路夜里有人飙车,崇川区\n"
    put(tmp_path / "h", "a.csv", "工单编号,来电时间,诉求标题,诉求内容,所属区县\n" + row)
    assert once(service, "hotline", tmp_path / "h").returncode == 0
    (event,) = events(desk, "12345-").values()
    head = desk.accept_event(event.item_id, Touch(version=1))
    desk.dispatch_event(event.item_id, Dispatch(version=head.version, department="D16"))
    assert once(service, "police", folder).returncode == 0
    (file,) = (folder / "transfers").iterdir()
    told = json.loads(file.read_text(encoding="utf-8"))
    assert (told["nr"], told["bt"]) == ("工农路夜里有人飙车", "夜里飙车")
    file.unlink()
    assert once(service, "police", folder).returncode == 0
    assert not list((folder / "transfers").iterdir()), "sent once, whoever took the file away"

    def order() -> Order:
        found = desk.item("order", told["zbdh"])
        assert isinstance(found, Order)
        return found

    receipt = {"zbdh": told["zbdh"], "jjdbh": "J99", "zt": "已接收"}
    put(folder, "回执.json", json.dumps({"data": [receipt]}, ensure_ascii=False))
    assert once(service, "police", folder).returncode == 0
    assert order().state is OrderState.SIGNED
    assert order().signed_by is not None
    assert order().signed_by.person_id == "operator_police"  # type: ignore[union-attr]  # just seen
    result = {**receipt, "zt": "已处置", "fkqk": "已设卡查处 2 车"}
    odd = {**receipt, "zt": "在路上"}
    put(folder, "反馈.json", json.dumps({"data": [result, result, odd]}, ensure_ascii=False))
    assert once(service, "police", folder).returncode == 1, "a state nobody knows is refused alone"
    assert (order().state, order().report) == (OrderState.REPORTED, "已设卡查处 2 车")
    (refused,) = lines(folder / "refused" / "反馈.json.jsonl")
    assert refused["line"] == 3
    current = desk.item("event", event.item_id)
    desk.close_event(event.item_id, Close(version=current.version, answer="已查处，谢谢反映"))


def test_a_row_nobody_can_split_and_a_foreign_channel_are_told(
    service: Service, tmp_path: Path
) -> None:
    folder, desk = tmp_path / "h", service.client("operator")
    at = datetime.now(UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S%z")
    head = "工单编号,来电时间,诉求标题,诉求内容,所属区县,联系电话\n"
    good = f"DH1,{at},路灯不亮,工农路路灯不亮,崇川区,13812345678\n"
    odd = f"DH2,{at},井盖,井盖,缺失,崇川区,13812345678\n"
    put(folder, "a.csv", head + good + odd)
    assert once(service, "hotline", folder).returncode == 1
    assert set(events(desk, "12345-DH")) == {"12345-DH1"}
    (row,) = (one for one in repairs(desk).rows if f"{head}DH2" in one.raw)
    assert "有 7 列，表头有 6 列" in row.raw
    assert "13812345678" not in row.raw
    assert row.by.person_id == "channel_hotline"

    put(folder, "b.csv", head + good.replace("DH1", "DH3"))
    foreign = once(service, "hotline", folder, "--account", "channel_police")
    assert foreign.returncode == 3, "it may not read the answers of the hotline"
    assert "channel_police 只代表渠道 police" in foreign.stderr
    (refused,) = lines(folder / "refused" / "b.csv.jsonl")
    assert refused["where"] == "channel"
    assert set(events(desk, "12345-DH")) == {"12345-DH1"}


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_either_is_killed(service: Service, tmp_path: Path) -> None:
    folder, token = tmp_path / "110", tmp_path / "token"
    token.write_text("0123456789abcdef0123", encoding="utf-8")
    count, per_file = 120, 20
    for first in range(0, count, per_file):
        rows = [call(number, jjdbh=f"K{number}") for number in range(first, first + per_file)]
        put(folder, f"f{first:03}.json", document(*rows))
    words = command(service, "police", folder, "--no-transfer")
    words += ["--hook", "127.0.0.1:0", "--token-file", str(token)]
    log = tmp_path / "channel.log"

    def start() -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out)

    def hook() -> str:
        said = wait_for(lambda: "Taking records at" in log.read_text("utf-8"), 60, "the hook")
        assert said
        return log.read_text("utf-8").split("Taking records at ")[1].split()[0]

    desk = service.client("operator")
    process = start()
    try:
        wait_for(lambda: len(events(desk, KILLED)) >= 10, 60, "the first reports")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        process = start()
        at = hook()
        url, sent = f"http://{at}/records", {"Authorization": f"Bearer {token.read_text()}"}
        body = document(call(count, jjdbh=f"K{count}"))
        for status in (202, 200):
            reply = httpx.post(
                url, content=body, headers={**sent, "Content-Type": "application/json"}, timeout=30
            )
            assert reply.status_code == status, reply.text
        assert httpx.post(url, json={}, timeout=30).status_code == 401
        wait_for(lambda: len(events(desk, KILLED)) >= 30, 60, "some more")
        service.kill()
        service.start(120)
        again = service.client("operator")
        wait_for(lambda: len(events(again, KILLED)) == count + 1, 120, "every report")
        wait_for(lambda: len(list((folder / "done").iterdir())) == count // per_file + 1, 30)
    finally:
        process.terminate()
        process.wait(20)
    assert process.returncode == 0
    ids = [
        one["jjdbh"]
        for file in sorted((folder / "receipts").iterdir())
        for one in lines(file)
        if one["hzzt"] == "已接收"
    ]
    assert sorted(str(one) for one in ids) == sorted(f"K{number}" for number in range(count + 1))
