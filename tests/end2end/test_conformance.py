"""The conformance command: ours holds, and each of many broken services is noticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from backend.conformance.doors import DOORS
from backend.conformance.main import CHECKS, main
from backend_client.contract import paths
from tests.end2end.stack import Service
from tests.spoiling import Answered, Asked, Spoil, spoiled

pytestmark = pytest.mark.end2end

Send = Callable[[Asked], Answered]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    made = Service(tmp_path_factory.mktemp("conformance") / "service").start()
    yield made
    made.stop()


def checked(url: str, service: Service, *words: str) -> int:
    return main([url, "--credentials", str(service.credentials), *words])


def test_every_door_of_the_contract_is_tried() -> None:
    told = {value for name, value in vars(paths).items() if name.isupper()}
    tried = {path for _, path in DOORS} | {paths.HEALTH, paths.SIGN_IN, paths.REFRESH}
    verbs = {path for path in told if path.endswith("{verb}")}
    assert told - verbs <= tried
    for path in verbs:
        assert any(one.startswith(path.removesuffix("{verb}")) for one in tried), path
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.timeout(400)
def test_ours_holds_and_little_is_left(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    status = checked(service.url, service, "--with-gates", "--report", str(report))
    said = capsys.readouterr().out
    assert status == 0, said
    told = json.loads(report.read_text(encoding="utf-8"))
    outcomes = {one["name"]: one["outcome"] for one in told["checks"]}
    assert len(outcomes) == len(CHECKS)
    assert set(outcomes.values()) <= {"pass", "skip"}
    assert [name for name, one in outcomes.items() if one == "skip"] in ([], ["gates.two"])
    assert "通过 pass" in said
    assert all(one["zh"] and one["en"] for one in told["left"])
    desk = service.client("dispatcher")
    left = desk.block("conformance")
    assert left is None or left.oid.size == 0
    assert not [one for one in desk.items("feed").items if one.item_id.startswith("cf")]
    assert {one.state for one in desk.items("event", limit=1000).items if one.kind == "event"} == {
        "closed"
    }


def test_without_credentials_only_open_doors_are_checked(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([service.url, "--only", "doors"]) == 0
    said = capsys.readouterr().out
    assert "未给出凭据文件" in said
    assert "No credentials were given" in said


def test_what_cannot_be_checked_ends_with_two(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    assert main(["http://127.0.0.1:9"]) == 2
    assert main([service.url, "--credentials", str(bad)]) == 2
    assert main([service.url, "--credentials", str(tmp_path / "none.json")]) == 2
    said = capsys.readouterr().err
    assert "没有应答" in said
    assert "does not answer" in said


def of_json(change: Callable[[Any], Any], path: str, *, method: str = "", status: int = 0) -> Spoil:
    """Change the JSON of some answers."""

    def answer(asked: Asked, answered: Answered, _send: Send) -> Answered:
        if not re.fullmatch(path, asked.path) or (method and asked.method != method):
            return answered
        if status and answered.status != status:
            return answered
        if "json" not in answered.headers.get("content-type", ""):
            return answered
        return replace(answered, body=json.dumps(change(json.loads(answered.body))).encode())

    return Spoil(answer=answer)


def of_status(path: str, was: int, now: int, body: bytes = b"{}") -> Spoil:
    """Answer with another status."""

    def answer(asked: Asked, answered: Answered, _send: Send) -> Answered:
        if re.fullmatch(path, asked.path) and answered.status == was:
            return Answered(now, {"content-type": "application/json"}, body)
        return answered

    return Spoil(answer=answer)


def one_language() -> Spoil:
    return of_json(lambda one: {**one, "what": {"zh": "No.", "en": "No."}}, ".*", status=401)


def forgiving_json() -> Spoil:
    def ask(asked: Asked) -> Asked:
        if asked.path != paths.EVENTS:
            return asked
        try:
            return asked.with_(body=json.dumps(json.loads(asked.body)).encode())
        except ValueError:
            return asked

    return Spoil(ask=ask)


def every_intake_new() -> Spoil:
    def ask(asked: Asked) -> Asked:
        if asked.path != paths.EVENTS or not asked.body.startswith(b"{"):
            return asked
        body = {**json.loads(asked.body), "intake_id": uuid4().hex}
        return asked.with_(body=json.dumps(body).encode())

    return Spoil(ask=ask)


def stale_versions_taken() -> Spoil:
    def answer(asked: Asked, answered: Answered, send: Send) -> Answered:
        if answered.status != 409:
            return answered
        body = json.loads(asked.body)
        return send(asked.with_(body=json.dumps({**body, "version": body["version"] + 1}).encode()))

    return Spoil(answer=answer)


def seen_but_forbidden() -> Spoil:
    def answer(_asked: Asked, answered: Answered, _send: Send) -> Answered:
        if answered.status != 404:
            return answered
        body = json.dumps({**json.loads(answered.body), "status": 403}).encode()
        return replace(answered, status=403, body=body)

    return Spoil(answer=answer)


def stream(keep: Callable[[bytes, int], bool]) -> Spoil:
    """Leave frames out of the stream."""
    spoil = Spoil()

    def frame(one: bytes) -> bytes:
        spoil.count += b"event: change" in one
        return one if keep(one, spoil.count) else b""

    spoil.frame = frame
    return spoil


def forgets_where_one_was() -> Spoil:
    def ask(asked: Asked) -> Asked:
        kept = {k: v for k, v in asked.headers.items() if k.lower() != "last-event-id"}
        return asked.with_(headers=kept)

    return Spoil(ask=ask)


def arrow(change: Callable[[pa.Table], pa.Table], path: str) -> Spoil:
    """Change the columns of some answers."""

    def answer(asked: Asked, answered: Answered, _send: Send) -> Answered:
        if answered.status != 200 or not re.fullmatch(path, asked.path) or asked.method != "GET":
            return answered
        with pa.ipc.open_stream(answered.body) as reader:
            table = change(reader.read_all())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return replace(answered, body=sink.getvalue().to_pybytes())

    return Spoil(answer=answer)


def without_shapes(table: pa.Table) -> pa.Table:
    return table.drop_columns(["shape"]) if "shape" in table.schema.names else table


def without_removed(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), b"removed": b""})


def never_waits() -> Spoil:
    return Spoil(ask=lambda asked: asked.with_(target=asked.target.replace("wait_s=1", "wait_s=0")))


def unit_taken() -> Spoil:
    def change(told: dict[str, Any]) -> dict[str, Any]:
        return {**told, "accepted": told["accepted"] + len(told["rejected"]), "rejected": []}

    return of_json(change, "/v1/layers/conformance/features", method="PUT")


def all_grave(table: pa.Table) -> pa.Table:
    place = table.schema.get_field_index("state")
    grave = pa.array([4] * table.num_rows, table.schema.field("state").type)
    return table.set_column(place, "state", grave)


BLOCK = "/v1/layers/conformance/block"
BROKEN: dict[str, tuple[Callable[[], Spoil], str]] = {
    "a refusal in one language": (one_language, "doors.closed"),
    "a door without a lock": (lambda: of_status(paths.LAYERS, 401, 200), "doors.closed"),
    "a missing door": (lambda: of_status(paths.SEARCH, 401, 404), "doors.closed"),
    "a forgiving JSON reader": (forgiving_json, "doors.strict"),
    "every intake a new event": (every_intake_new, "work.once"),
    "stale versions taken": (stale_versions_taken, "work.line"),
    "403 for what may not be seen": (seen_but_forbidden, "work.scope"),
    "a stream without beats": (
        lambda: stream(lambda one, _n: b"event: beat" not in one),
        "flow.beat",
    ),
    "a gap in the numbers": (
        lambda: stream(lambda one, n: b"change" not in one or n != 2),
        "flow.num",
    ),
    "a resume that begins anew": (forgets_where_one_was, "flow.resume"),
    "no resync": (forgets_where_one_was, "flow.resync"),
    "no word of layers": (lambda: stream(lambda one, _n: b"event: layer" not in one), "flow.layer"),
    "a delta that keeps what is gone": (lambda: arrow(without_removed, BLOCK), "layers.delta"),
    "outlines lost": (lambda: arrow(without_shapes, BLOCK), "layers.shapes"),
    "a lasso that misses one": (
        lambda: of_json(
            lambda told: {**told, "rows": told["rows"][1:], "count": told["count"] - 1},
            paths.WITHIN,
            status=200,
        ),
        "layers.lasso",
    ),
    "a double taken twice": (
        lambda: of_json(
            lambda told: {**told, "accepted": told["accepted"] + told["duplicate"], "duplicate": 0},
            paths.POSITIONS,
            method="POST",
        ),
        "moving.once",
    ),
    "a past that shows today's states": (
        lambda: arrow(all_grave, "/v1/replay/layers/conformance"),
        "replay.layer",
    ),
    "a past without vehicles": (
        lambda: arrow(lambda table: table.slice(0, 0), paths.REPLAY_POSITIONS),
        "replay.positions",
    ),
    "positions that do not wait": (never_waits, "moving.sequence"),
    "another unit taken": (unit_taken, "feeds.unit"),
    "a search that finds nothing": (
        lambda: of_json(lambda told: {**told, "hits": []}, paths.SEARCH, status=200),
        "search",
    ),
    "a tag that is none": (
        lambda: Spoil(
            answer=lambda _asked, answered, _send: replace(
                answered,
                headers={k: v for k, v in answered.headers.items() if k.lower() != "etag"},
            )
        ),
        "gates.list",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_service_is_noticed(
    name: str, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    make, only = BROKEN[name]
    with spoiled(service.url, make()) as url:
        status = checked(url, service, "--only", only)
    said = capsys.readouterr().out
    assert status == 1, said
    assert "不符 FAIL" in said


def test_a_proxy_that_breaks_nothing_is_not_blamed(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    with spoiled(service.url, Spoil()) as url:
        only = ("--only", "doors.strict", "--only", "flow.num", "--only", "layers.delta")
        status = checked(url, service, *only)
    assert status == 0, capsys.readouterr().out
