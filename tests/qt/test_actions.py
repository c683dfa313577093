"""Wishes go out once; unsent ones become drafts, gate commands never do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel
from pytestqt.qtbot import QtBot

from app.actions import (
    alarms,
    audit,
    events,
    features,
    gates,
    instructions,
    orders,
    resources,
    shifts,
)
from app.actions.send import VERBS, send_again
from app.console import Console, build
from app.reach import Reach
from app.stores import Link
from backend_client.contract.alarms import Acknowledged
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import (
    CallBack,
    Classify,
    Decide,
    Dispatch,
    Merge,
    Reasoned,
    Satisfaction,
    Touch,
)
from backend_client.contract.gates import CommandRequest, StopResult
from backend_client.contract.instructions import Instruction, Issue, Receipt, Urgency
from backend_client.contract.item import Head, PersonRef
from backend_client.contract.orders import Extend, Return
from backend_client.contract.resources import Circle, Inside, Polygon
from backend_client.contract.shifts import LineIn
from backend_client.draft import Draft
from backend_client.errors import Refused, Unreachable
from tests.fakes import AT, alarm, command, event, gate, order
from tests.qt.shift_picture import shift_pages
from tests.small_service import SmallService, problem

WAIT_MS = 8_000
CLOCK = SystemClock()
AREA = Circle(lon=120.8, lat=32.0, radius_m=100.0)
WISH = CommandRequest(
    bays=(1,), present_m=(0.0,), target_m=1.5, reason="排涝降低水位", dispatch_no="通防1号"
)
SECOND = gates.SecondPerson("leader", "secret", "123456")


LINE = LineIn(entry_id="entry-1", text="已电话核实")


def instruction() -> Instruction:
    return Instruction(
        item_id="i1",
        version=1,
        region="3206",
        department="D27",
        created_at=AT,
        updated_at=AT,
        title="加强巡查",
        text="加强巡查",
        urgency=Urgency.URGENT,
        sign_by_at=AT,
        issued_by=PersonRef(person_id="duty", name="值班领导"),
        receipts=(Receipt(region="320623"),),
    )


ISSUE = Issue(
    title="加强巡查", text="立即", urgency=Urgency.FLASH, sign_by_at=AT, receivers=("320623",)
)


@pytest.fixture
def service() -> Iterator[SmallService]:
    small = SmallService()
    yield small
    small.close()


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path, service: SmallService) -> Iterator[Console]:
    made = build(tmp_path, CLOCK, url=service.url)
    made.start()
    with qtbot.waitSignal(made.reach.session.signed_in, timeout=WAIT_MS):
        made.reach.session.sign_in("operator", "secret", None, failed=fail)
    qtbot.waitUntil(lambda: made.reach.stores.link is Link.ONLINE, timeout=WAIT_MS)
    yield made
    made.close()


def fail(error: Exception) -> None:
    raise AssertionError(error)


@pytest.fixture
def reach(console: Console) -> Reach:
    return console.reach


def answer(service: SmallService, path: str, body: str, status: int = 200) -> None:
    service.answers["POST", path] = lambda _: (status, body.encode())


Step = Callable[[Reach, Callable[[Head], None]], None]
STEPS: dict[str, tuple[str, Step]] = {
    "event.accept": (
        "/v1/events/e1/accept",
        lambda reach, done: events.accept(reach, event(), note="收到", done=done),
    ),
    "event.classify": (
        "/v1/events/e1/classify",
        lambda reach, done: events.step(
            reach, "classify", event(), Classify(version=1, matter="0101", level=2), done=done
        ),
    ),
    "event.locate": (
        "/v1/events/e1/locate",
        lambda reach, done: events.locate(reach, event(), (120.9, 32.1), done=done),
    ),
    "event.dispatch": (
        "/v1/events/e1/dispatch",
        lambda reach, done: events.dispatch(reach, event(), department="D27", due_at=AT, done=done),
    ),
    "event.close": (
        "/v1/events/e1/close",
        lambda reach, done: events.close(reach, event(), answer="已修复", done=done),
    ),
    "order.sign": (
        "/v1/orders/o1/sign",
        lambda reach, done: orders.sign(reach, order(), done=done),
    ),
    "order.report": (
        "/v1/orders/o1/report",
        lambda reach, done: orders.report(reach, order(), answer="已修复", done=done),
    ),
    "alarm.acknowledge": (
        "/v1/alarms/a1/acknowledge",
        lambda reach, done: alarms.acknowledge(reach, alarm(), done=done),
    ),
    "alarm.shelve": (
        "/v1/alarms/a1/shelve",
        lambda reach, done: alarms.shelve(reach, alarm(), reason="检修", until_at=AT, done=done),
    ),
    "alarm.together": (
        "/v1/alarms/acknowledge",
        lambda reach, done: alarms.acknowledge_together(
            reach, [alarm(), alarm("a2", 7)], note="同因", done=done
        ),
    ),
    "alarm.withdraw": (
        "/v1/alarms/a1/withdraw",
        lambda reach, done: alarms.withdraw(reach, alarm(), reason="检修", done=done),
    ),
    "alarm.restore": (
        "/v1/alarms/a1/restore",
        lambda reach, done: alarms.restore(reach, alarm(), done=done),
    ),
    "instruction.issue": (
        "/v1/instructions",
        lambda reach, done: instructions.issue(reach, ISSUE, done=done),
    ),
    "instruction.sign": (
        "/v1/instructions/i1/sign",
        lambda reach, done: instructions.sign(reach, instruction(), done=done),
    ),
    "shift.write": (
        "/v1/shifts/shift-hall-12/lines",
        lambda reach, done: shifts.write(reach, shift_pages()[1], LINE, done=done),
    ),
}
SIDES: dict[str, BaseModel] = {
    **{
        f"event.{verb}": Reasoned(version=1, reason="重复来件")
        for verb in ("refuse", "withdraw", "supervise", "redo", "split")
    },
    "event.assist": Dispatch(version=1, department="D27"),
    "event.transfer": Dispatch(version=1, department="D27"),
    "event.classify": Classify(version=1, matter="1101", level=4),
    "event.decide": Decide(version=1, granted=True, reason="归水利局"),
    "event.call_back": CallBack(version=1, satisfaction=Satisfaction.SATISFIED),
    "event.merge": Merge(version=1, main_id="e2"),
    "order.return": Return(version=1, reason="非本单位职责"),
    "order.extend": Extend(version=1, reason="需备料", until_at=AT),
    "order.grant": Decide(version=1, granted=False, reason="理由不足"),
    "order.suspend": Reasoned(version=1, reason="待物业"),
    "order.resume": Touch(version=1),
    "order.urge": Reasoned(version=1, reason="群众再催"),
}


def side(action: str) -> tuple[str, Step]:
    kind, _, verb = action.partition(".")
    item = event() if kind == "event" else order()
    path = f"/v1/{kind}s/{item.item_id}/{verb}"
    return path, lambda reach, done: events.step(reach, verb, item, SIDES[action], done=done)


STEPS |= {action: side(action) for action in SIDES}
# New things have no version: their own key makes them once.
SEEN = {"instruction.issue": None, "shift.write": None, "alarm.together": {"a1": 1, "a2": 7}}


def test_every_verb_that_can_be_a_draft_has_a_step_here() -> None:
    assert set(STEPS) == set(VERBS)


@pytest.mark.parametrize("verb", STEPS)
def test_step_goes_out_once_with_its_version(
    reach: Reach, qtbot: QtBot, service: SmallService, verb: str
) -> None:
    path, step = STEPS[verb]
    head = Head(item_id="x", version=2, n=0)
    reply = Acknowledged(head=head, count=2) if verb == "alarm.together" else head
    answer(service, path, reply.model_dump_json())
    ended: list[Head] = []
    step(reach, ended.append)
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
    sent = [body for method, one, _, body in service.requests if (method, one) == ("POST", path)]
    assert len(sent) == 1
    told = json.loads(sent[0])
    seen = told["alarms"] if verb == "alarm.together" else told.get("version")
    assert seen == SEEN.get(verb, 1)
    assert reach.wishes.unsent() == ()


def test_waiting_ends_only_when_the_change_has_come_down(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    service.put(event())
    qtbot.waitUntil(lambda: reach.stores.events.version("e1") == 1, timeout=WAIT_MS)
    answer(
        service,
        "/v1/events/e1/accept",
        Head(item_id="e1", version=2, n=service.n + 1).model_dump_json(),
    )
    ended: list[Head] = []
    events.accept(reach, event(), done=ended.append)
    qtbot.waitUntil(lambda: reach.waits.count() == 1, timeout=WAIT_MS)
    assert ended == []
    service.put(event(version=2))
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
    assert reach.stores.events.version("e1") == 2


def test_refused_step_is_told_and_not_kept(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    answer(service, "/v1/events/e1/accept", problem(409).model_dump_json(), 409)
    events.accept(reach, event())
    qtbot.waitUntil(lambda: bool(reach.notices.kept()), timeout=WAIT_MS)
    assert reach.notices.kept()[-1].text.zh == "不行。"
    assert reach.wishes.unsent() == ()


def test_unsent_step_is_a_draft_after_a_restart_and_goes_out_by_hand_with_its_key(
    console: Console, qtbot: QtBot, service: SmallService, tmp_path: Path
) -> None:
    reach, errors = console.reach, list[Exception]()
    service.close()
    instructions.issue(reach, ISSUE, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert isinstance(errors[0], Unreachable)
    assert [draft.kind for draft in reach.wishes.unsent()] == ["instruction.issue"]
    assert "draft" in [notice.key for notice in reach.notices.kept()]
    console.close()
    service.open()
    again = build(tmp_path, CLOCK, url=service.url)
    again.start()
    try:
        reach = again.reach
        with qtbot.waitSignal(reach.session.signed_in, timeout=WAIT_MS):
            reach.session.sign_in("operator", "secret", None, failed=fail)
        qtbot.waitUntil(lambda: len(reach.wishes.unsent()) == 1, timeout=WAIT_MS)
        qtbot.wait(300)
        assert "/v1/instructions" not in service.paths("POST"), "nothing goes out by itself"
        draft = reach.wishes.unsent()[0]
        answer(
            service, "/v1/instructions", Head(item_id="i9", version=1, n=0).model_dump_json(), 201
        )
        ended: list[Head] = []
        send_again(reach, draft, done=ended.append)
        qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
        assert reach.wishes.unsent() == ()
        keys = [
            headers["Idempotency-Key"]
            for _, path, headers, _ in service.requests
            if path == "/v1/instructions"
        ]
        assert keys == [draft.idempotency_key]
    finally:
        again.close()


def test_draft_of_other_words_is_told_not_sent(reach: Reach, service: SmallService) -> None:
    errors: list[Exception] = []
    service.close()
    events.accept(reach, event(), failed=errors.append)
    draft = Draft("d", "event.accept", "e1", '{"version": "x"}', "k" * 32, "operator", AT)
    send_again(reach, draft, failed=errors.append)
    assert len(errors) == 1


def test_discarded_draft_is_gone_from_the_list(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    service.close()
    events.accept(reach, event(), failed=lambda _: None)
    qtbot.waitUntil(lambda: len(reach.wishes.unsent()) == 1, timeout=WAIT_MS)
    reach.wishes.discard(reach.wishes.unsent()[0].draft_id)
    assert reach.wishes.unsent() == ()


# Gates


def test_request_carries_the_state_the_operator_saw(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    answer(service, "/v1/devices/g1/commands", command().model_dump_json(), 201)
    service.put(command())
    ended: list[object] = []
    gates.request(reach, gate(observed_at=CLOCK.now()), WISH, done=ended.append, failed=fail)
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
    headers = next(h for m, p, h, _ in service.requests if p == "/v1/devices/g1/commands")
    assert headers["If-Match"] == '"3.41"'
    assert 16 <= len(headers["Idempotency-Key"]) <= 64


def refused_by_us(errors: list[Exception]) -> bool:
    return (
        len(errors) == 1
        and isinstance(errors[0], Refused)
        and errors[0].problem.code == "control_off"
    )


def test_request_on_a_stale_reading_is_refused_here(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    errors: list[Exception] = []
    old = CLOCK.now() - timedelta(seconds=61)
    gates.request(reach, gate(observed_at=old), WISH, failed=errors.append)
    assert refused_by_us(errors)
    assert "/v1/devices/g1/commands" not in service.paths("POST")


def test_request_while_not_online_is_refused_and_never_kept(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    errors: list[Exception] = []
    reach.stores.set_link(Link.LATE)
    gates.request(reach, gate(observed_at=CLOCK.now()), WISH, failed=errors.append)
    assert refused_by_us(errors)
    errors.clear()
    gates.authorise(reach, command(), SECOND, failed=errors.append)
    assert refused_by_us(errors)
    assert reach.wishes.unsent() == ()


def test_request_that_gets_no_answer_is_not_sent_again_and_not_kept(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    def cut(_: bytes) -> tuple[int, bytes]:
        service.drop()
        return 200, b""

    service.answers["POST", "/v1/devices/g1/commands"] = cut
    errors: list[Exception] = []
    gates.request(reach, gate(observed_at=CLOCK.now()), WISH, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert isinstance(errors[0], Unreachable)
    qtbot.wait(300)
    assert service.paths("POST").count("/v1/devices/g1/commands") == 1
    assert reach.wishes.unsent() == ()


def test_authorise_is_another_account_in_a_session_of_its_own(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    agreed = command(version=2, allowed=())
    answer(service, "/v1/commands/c1/authorise", agreed.model_dump_json())
    first = len(service.requests)
    ended: list[object] = []
    tokens = reach.client.wire.tokens
    gates.authorise(reach, command(), SECOND, done=ended.append, failed=fail)
    service.put(agreed)
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT_MS)
    posts = [one for one in service.requests[first:] if one[0] == "POST"]
    assert [path for _, path, _, _ in posts] == [
        "/v1/auth/sign-in",
        "/v1/commands/c1/authorise",
        "/v1/auth/sign-out",
    ]
    assert json.loads(posts[0][3])["account"] == "leader"
    assert json.loads(posts[1][3]) == {"body_hash": "ab" * 32, "totp": "123456"}
    assert posts[1][2]["If-Match"] == '"1"'
    assert tokens is not None
    assert posts[1][2]["Authorization"] != f"Bearer {tokens.access}"
    assert reach.client.wire.tokens is tokens


def test_refused_consent_signs_the_second_person_out_all_the_same(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    answer(service, "/v1/commands/c1/authorise", problem(403).model_dump_json(), 403)
    errors: list[Exception] = []
    gates.authorise(reach, command(), SECOND, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert isinstance(errors[0], Refused)
    qtbot.waitUntil(lambda: "/v1/auth/sign-out" in service.paths("POST"), timeout=WAIT_MS)


def test_stop_and_abort_are_tried_whatever_the_link(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    result = StopResult(device_id="g1", accepted=True, at=AT)
    answer(service, "/v1/devices/g1/stop", result.model_dump_json())
    answer(service, "/v1/commands/c1/abort", command(version=2).model_dump_json())
    reach.stores.set_link(Link.LATE)
    ended: list[object] = []
    gates.stop(reach, gate(), reason="急", done=ended.append, failed=fail)
    gates.abort(reach, command(), done=ended.append, failed=fail)
    qtbot.waitUntil(lambda: ended == [result], timeout=WAIT_MS)
    service.put(command(version=2))
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=WAIT_MS)


# Lasso and reads


def inside(count: int) -> str:
    return Inside(
        area_km2=1.0, centre=(120.8, 32.0), count=count, totals=(), rows=(), as_of=AT
    ).model_dump_json()


def test_area_drawn_last_wins_over_a_late_answer(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    hold = threading.Event()

    def slow_for_the_circle(body: bytes) -> tuple[int, bytes]:
        if json.loads(body)["area"]["shape"] == "circle":
            hold.wait(5)
            return 200, inside(1).encode()
        return 200, inside(2).encode()

    service.answers["POST", "/v1/resources/within"] = slow_for_the_circle
    square = Polygon(ring=((120.0, 32.0), (120.1, 32.0), (120.1, 32.1), (120.0, 32.1)))
    resources.within(reach, AREA)
    assert reach.stores.resources.is_waiting
    resources.within(reach, square)
    qtbot.waitUntil(lambda: reach.stores.resources.inside is not None, timeout=WAIT_MS)
    hold.set()
    qtbot.wait(200)
    found = reach.stores.resources.inside
    assert found is not None
    assert found.count == 2
    assert reach.stores.resources.area is square


def test_refused_area_keeps_the_answer_shown_before(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    answer(service, "/v1/resources/within", inside(3))
    resources.within(reach, AREA)
    qtbot.waitUntil(lambda: reach.stores.resources.inside is not None, timeout=WAIT_MS)
    answer(service, "/v1/resources/within", problem(422).model_dump_json(), 422)
    errors: list[Exception] = []
    resources.within(reach, AREA, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert not reach.stores.resources.is_waiting
    assert reach.stores.resources.inside is not None


def test_export_writes_the_file_whole_or_not_at_all(
    reach: Reach, qtbot: QtBot, service: SmallService, tmp_path: Path
) -> None:
    service.answers["POST", "/v1/resources/within/export"] = lambda _: (200, b"a,b\n1,2\n")
    path, done, errors = tmp_path / "out.csv", list[Path](), list[Exception]()
    resources.export(reach, AREA, "csv", path, done=done.append)
    qtbot.waitUntil(lambda: done == [path], timeout=WAIT_MS)
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert any(p.endswith("export?format=csv") for p in service.paths("POST"))
    resources.export(reach, AREA, "csv", tmp_path / "out.csv" / "no", failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert path.read_bytes() == b"a,b\n1,2\n"


def test_reads_of_one_object_and_of_the_audit_trail(
    reach: Reach, qtbot: QtBot, service: SmallService
) -> None:
    found: list[object] = []
    errors: list[Exception] = []
    track = b'{"layer": "hazmat", "oid": 7, "points": []}'
    series = b'{"layer": "water", "oid": 7, "points": []}'
    rows = b'{"rows": [], "next": null}'
    service.answers["GET", "/v1/layers/hazmat/features/7/track"] = lambda _: (200, track)
    service.answers["GET", "/v1/layers/water/features/7/series"] = lambda _: (200, series)
    service.answers["GET", "/v1/audit"] = lambda _: (200, rows)
    features.track(reach, "hazmat", 7, done=found.append)
    features.series(reach, "water", 7, done=found.append)
    audit.page(reach, done=found.append)
    features.get(reach, "water", 8, done=found.append, failed=errors.append)
    qtbot.waitUntil(lambda: len(found) == 3 and len(errors) == 1, timeout=WAIT_MS)


# Session


def test_verbs_repeat_what_the_service_granted(reach: Reach) -> None:
    may = reach.session.may
    assert may("accept", event(allowed=("accept",)))
    assert not may("accept", event(allowed=("close",)))
    assert may("stop", gate())
    assert not may("request", gate())  # read long ago
    assert may("request", gate(observed_at=CLOCK.now()))
    offline = gate(observed_at=CLOCK.now()).model_copy(update={"link": "offline"})
    assert not may("request", offline)


def test_control_stops_when_the_clock_is_half_a_minute_off(reach: Reach) -> None:
    fresh = gate(observed_at=CLOCK.now() + timedelta(seconds=31))
    assert reach.session.may("request", fresh)
    reach.stores.hear(CLOCK.now() + timedelta(seconds=31))
    assert not reach.session.may("request", fresh)


def test_control_stops_when_the_sign_in_lapsed(reach: Reach) -> None:
    tokens = reach.client.wire.tokens
    assert tokens is not None
    reach.client.wire.take(tokens.model_copy(update={"expires_in_s": 0}))
    assert not reach.session.may("request", gate(observed_at=CLOCK.now()))
    assert reach.session.may("stop", gate())


def test_nobody_may_anything(reach: Reach) -> None:
    reach.session.sign_out()
    assert not reach.session.may("accept", event(allowed=("accept",)))
    reach.session.sign_out()


def test_service_that_ends_the_session_signs_the_console_out(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    with qtbot.waitSignal(console.reach.session.signed_out, timeout=WAIT_MS):
        service.refusals = [(401, {})] * 20
        service.drop()
    assert console.reach.client.person is None
    assert console.reach.stores.link in (Link.CACHED, Link.OFFLINE)
