"""The console's own client against the real application in memory, every endpoint of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pytest
from anyio import to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app.actions.indicators import Inquiry
from app.answers import Answers, NowOf, PartsOf, PastOf, RequestsOf, RowsOf, UnitRowsOf, UnitsOf
from backend.storage.features import milliseconds
from backend_client.attachments import attach
from backend_client.client import Client
from backend_client.contract import paths
from backend_client.contract.alarms import (
    Alarm,
    CauseIn,
    Causes,
    Shelve,
    Sound,
    Suppress,
    Together,
    Withdraw,
)
from backend_client.contract.answers import ToldAnswers
from backend_client.contract.auth import SignIn
from backend_client.contract.base import Text
from backend_client.contract.columns import FEATURE_COLUMNS, FeatureBlock, decode_features
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.events import (
    CallBack,
    Channel,
    Close,
    Decide,
    Dispatch,
    Event,
    Intake,
    Locate,
    Merge,
    Reasoned,
    Satisfaction,
    Touch,
)
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.feeds import FeedIn, FeedList, Registered
from backend_client.contract.gates import Authorise, CommandRequest, CommandStatus, Stop
from backend_client.contract.instructions import Issue, Urgency
from backend_client.contract.models import Promote, RollBack
from backend_client.contract.orders import Extend, Order, Return
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.contract.repairs import Mending, RepairState
from backend_client.contract.resources import Circle, Within
from backend_client.contract.rows import FIX_TYPES, TYPES, FixRows, Rows
from backend_client.contract.shifts import Handover, LineIn
from backend_client.errors import Refused, SignedOut
from backend_client.repairs import mend, repairs
from backend_client.replay import layer_at, positions_at
from tests import media
from tests.contract.backend.test_gates import GATE, Line, line
from tests.service import START, serving

NOT_HERE = {paths.STREAM}  # an answer without an end: tests/end2end and tests/qt read it
ASKED: set[str] = set()


@dataclass
class Bridge(httpx.BaseTransport):
    """Carry a blocking client's requests to an application on another thread's loop."""

    portal: BlockingPortal
    app: httpx.ASGITransport
    asked: set[str] = field(default_factory=lambda: ASKED)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.add(request.url.path)
        return self.portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self.app.handle_async_request(request)
        body = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=body)


@dataclass
class Site:
    """A running service and clients of it."""

    line: Line
    portal: BlockingPortal
    clients: list[Client] = field(default_factory=list)

    def client(self) -> Client:
        transport = Bridge(self.portal, httpx.ASGITransport(app=self.line.service.app))
        made = Client(
            "http://service", self.line.service.clock, transport=transport, sleep=lambda _: None
        )
        self.clients.append(made)
        return made

    def person(self, account: str, *, mfa: bool = True) -> Client:
        made, known = self.client(), self.line.service.accounts[account]
        code = self.line.service.code(account) if mfa and known["totp_secret"] else None
        made.sign_in(account, known["password"], code)
        return made

    def online(self, gate: str = GATE) -> None:
        self.portal.call(self.line.online, gate)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("client") / "data"


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    @asynccontextmanager
    async def made() -> AsyncIterator[Line]:
        async with serving(folder):
            pass  # accounts and keys
        async with line(folder) as running:
            yield running

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(made()) as running:
        found = Site(running, portal)
        yield found
        for client in found.clients:
            client.close()


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        call()
    problem = caught.value.problem
    assert all((problem.what.zh, problem.what.en, problem.todo.zh, problem.todo.en))
    return problem.status, problem.code


def intake(number: int) -> Intake:
    return Intake(
        intake_id=f"hotline-{number}-{secrets.token_hex(4)}",
        channel=Channel.HOTLINE,
        title="路面积水",
        text="人民中路路口积水约 20 厘米",
        place="人民中路",
        lon=120.86,
        lat=32.01,
        region="320613",
        level=3,
        reported_at=START,
    )


def test_sign_in_who_am_i_renew_and_out(site: Site) -> None:
    client = site.client()
    assert client.health().simulated
    assert refusal(client.me)[0] == 401
    with pytest.raises(SignedOut):
        client.sign_in("operator", "not the password")
    client = site.person("operator")
    assert client.me() == client.person
    before = client.wire.tokens
    client.wire.renew()
    assert client.wire.tokens != before
    assert client.me().person_id == "operator"
    client.sign_out()
    assert refusal(client.me) == (401, "signed_out")


def test_event_goes_from_intake_to_answer(site: Site) -> None:
    operator, dispatcher = site.person("operator"), site.person("dispatcher")
    wish = intake(1)
    head = operator.intake(wish)
    assert operator.intake(wish).item_id == head.item_id
    event = operator.item("event", head.item_id)
    assert event.kind == "event"
    assert "accept" in event.allowed
    head = operator.accept_event(head.item_id, Touch(version=head.version))
    place = Locate(version=head.version, lon=120.87, lat=32.02, place="青年路")
    head = operator.locate_event(head.item_id, place)
    stale = Touch(version=1)
    assert refusal(lambda: operator.accept_event(head.item_id, stale))[0] == 409
    due_at = site.line.service.clock.now() + timedelta(hours=2)
    sent = Dispatch(version=head.version, department="D41", due_at=due_at)
    head = dispatcher.dispatch_event(head.item_id, sent)
    event = operator.item("event", head.item_id)
    assert event.kind == "event"
    assert event.order_id is not None
    order = operator.item("order", event.order_id)
    signed = operator.sign_order(order.item_id, Touch(version=order.version))
    operator.report_order(order.item_id, Close(version=signed.version, answer="已抽排"))
    version = operator.item("event", head.item_id).version
    operator.close_event(head.item_id, Close(version=version, answer="积水已抽排"))
    page = operator.items("event")
    assert head.item_id in [item.item_id for item in page.items]
    assert page.n >= head.n


def test_the_side_paths_are_walked_through_the_client(site: Site) -> None:
    dispatcher, feed = site.person("dispatcher"), site.person("feed")
    cases = dispatcher.casework
    first, second, third = (feed.intake(intake(100 + number)) for number in range(3))

    def version(event_id: str) -> int:
        return dispatcher.item("event", event_id).version

    def why(event_id: str) -> Reasoned:
        return Reasoned(version=version(event_id), reason="原因")

    def sent(event_id: str, department: str) -> Dispatch:
        return Dispatch(version=version(event_id), department=department)

    def order_of(event_id: str) -> Order:
        event = dispatcher.item("event", event_id)
        assert isinstance(event, Event)
        order = dispatcher.item("order", event.order_id or "")
        assert isinstance(order, Order)
        return order

    one = first.item_id
    assert cases.refuse(third.item_id, why(third.item_id)).version == 2
    link = Merge(version=version(second.item_id), main_id=one)
    cases.merge(second.item_id, link)
    cases.split(second.item_id, why(second.item_id))
    dispatcher.accept_event(one, Touch(version=version(one)))
    dispatcher.dispatch_event(one, sent(one, "D24"))
    cases.send_back(order_of(one).item_id, Return(version=1, reason="不归我们"))
    cases.decide(one, Decide(version=version(one), granted=True, reason="属实"))
    dispatcher.dispatch_event(one, sent(one, "D30"))
    cases.assist(one, sent(one, "D25"))
    cases.transfer(one, sent(one, "D31"))
    cases.supervise(one, why(one))
    order = order_of(one)
    cases.urge(order.item_id, Reasoned(version=order.version, reason="请加快"))
    dispatcher.sign_order(order.item_id, Touch(version=order_of(one).version))
    until_at = order.due_at + timedelta(days=1)
    wish = Extend(version=order_of(one).version, reason="等配件", until_at=until_at)
    cases.extend(order.item_id, wish)
    yes = Decide(version=order_of(one).version, granted=True, reason="同意")
    cases.grant(order.item_id, yes)
    assert order_of(one).due_at == until_at
    stop = Reasoned(version=order_of(one).version, reason="等燃气公司")
    cases.suspend(order.item_id, stop)
    cases.resume(order.item_id, Touch(version=order_of(one).version))
    dispatcher.report_order(order.item_id, Close(version=order_of(one).version, answer="办好了"))
    dispatcher.close_event(one, Close(version=version(one), answer="已办结"))
    said = CallBack(version=version(one), satisfaction=Satisfaction.UNSATISFIED)
    cases.call_back(one, said)
    cases.redo(one, why(one))
    cases.withdraw(one, why(one))
    read = cases.reading(one)
    assert read.units or read.remarks
    assert cases.similar(one).event_id == one
    assert any(matter.code == "1101" for matter in cases.matters().matters)
    actions = [step.action for step in cases.steps(one).steps]
    assert actions[0] == "event.intake"
    assert actions[-1] == "event.withdraw"
    site.line.service.clock.advance(10)
    answers = feed.casework.answers(Channel.HOTLINE).answers
    feed.casework.told(ToldAnswers(numbers=tuple(answer.n for answer in answers)))
    assert feed.casework.answers(Channel.HOTLINE).answers == ()
    none = Reasoned(version=1, reason="看过")
    assert refusal(lambda: cases.apart("match-none", none))[0] == 404


def test_a_file_comes_back_as_it_went(site: Site) -> None:
    feed, operator = site.person("feed"), site.person("operator")
    made = attach(feed, media.jpeg(), "image/jpeg", name="积水 1.jpg", region="320613")
    again = attach(feed, media.jpeg(), "image/jpeg", name="积水 1.jpg", region="320613")
    assert (made, made.name) == (again, "积水 1.jpg")
    assert operator.casework.attachment(made.attachment_id) == media.jpeg()
    assert refusal(lambda: feed.casework.attachment(made.attachment_id)) == (403, "forbidden")
    false = refusal(lambda: attach(feed, media.EXE, "image/jpeg", name="a", region="320613"))
    assert false == (422, "false_type")


def test_a_refused_report_is_mended(site: Site) -> None:
    feed, operator = site.person("feed"), site.person("operator")
    late = intake(77).model_copy(update={"reported_at": START + timedelta(days=400)})
    assert refusal(lambda: feed.intake(late))[0] == 422
    row = repairs(operator, state=RepairState.OPEN).rows[0]
    assert late.intake_id in row.raw
    done = mend(operator, row.repair_id, Mending(outcome="mended", note="改了时间"))
    assert (done.state, done.note) == (RepairState.MENDED, "改了时间")
    assert row.repair_id not in [
        one.repair_id for one in repairs(operator, state=RepairState.OPEN).rows
    ]


def test_pages_of_items_are_followed_to_the_end(site: Site) -> None:
    operator = site.person("operator")
    for number in range(5):
        operator.intake(intake(number))
    seen: list[str] = []
    after = ""
    while True:
        page = operator.items("event", after=after, limit=2)
        seen += [item.item_id for item in page.items]
        if page.next is None:
            break
        after = page.next
    assert len(seen) == len(set(seen)) >= 5


def test_feeds_are_registered_once_and_come_with_the_other_items(site: Site) -> None:
    maintainer, operator = site.person("maintainer"), site.person("operator")
    given = FeedIn(
        title=Text("水位站", "Level stations"),
        layer="water",
        region="3206",
        department="D27",
        period_s=60.0,
    )
    wish = FeedList(feeds={"gauges": given})
    assert maintainer.register_feeds(wish).added == 1
    assert maintainer.register_feeds(wish) == Registered(added=0, changed=0, removed=0)
    feed = operator.item("feed", "gauges")
    assert feed.kind == "feed"
    assert feed.title == given.title
    assert [item.item_id for item in operator.items("feed").items] == ["gauges"]
    assert refusal(lambda: operator.register_feeds(wish))[0] == 403


def test_search_finds_a_place_and_what_was_handed_in(site: Site) -> None:
    operator = site.person("operator")
    head = operator.intake(intake(77))
    site.portal.call(to_thread.run_sync, site.line.service.parts.indexing.finish)
    event = next(hit for hit in operator.search("路面积水").hits if hit.item_id == head.item_id)
    assert event.what == "event"
    assert operator.search("崇川", limit=1).hits[0].what == "place"
    assert refusal(lambda: operator.search("···")) == (422, "unfit")


def test_instruction_is_issued_once_per_key_and_signed_for(site: Site) -> None:
    leader, county = site.person("duty"), site.person("operator_rudong")
    issue = Issue(
        title="加强巡查",
        text="对沿江闸站加强巡查",
        urgency=Urgency.URGENT,
        sign_by_at=site.line.service.clock.now() + timedelta(hours=1),
        receivers=("320623",),
    )
    key = secrets.token_hex(16)
    head = leader.issue_instruction(issue, key=key)
    assert leader.issue_instruction(issue, key=key).item_id == head.item_id
    county.sign_instruction(head.item_id, Touch(version=head.version))
    item = leader.item("instruction", head.item_id)
    assert item.kind == "instruction"
    assert item.receipts[0].signed_at is not None


def station_at(value: float, at: datetime) -> FeatureIn:
    return FeatureIn(
        id="S-client",
        kind="level_station",
        name="测试水位站",
        lon=120.81,
        lat=32.0,
        region="320613",
        department="D27",
        value=value,
        observed_at=at,
        properties={"contact": "值班室", "phone": "0513-0000", "warning_level_m": 3.0},
    )


def at_rest(client: Client) -> FeatureBlock:
    """Give the water layer once nothing newer is told; signing in made the gates be shown anew."""
    for _ in range(50):
        whole = client.block("water")
        assert whole is not None
        if client.block("water", since=whole.version) is None:
            return whole
    raise AssertionError("there is always something newer")


def test_layers_their_objects_and_an_alarm(site: Site) -> None:
    feed, dispatcher = site.person("feed"), site.person("dispatcher")
    now = site.line.service.clock.now
    low = station_at(2.5, now())
    done = feed.upsert("water", Upsert(features=(low,)))
    assert (done.accepted, done.rejected) == (1, ())
    known = {info.layer: info for info in dispatcher.layers().layers}
    whole = at_rest(dispatcher)
    assert whole.version >= known["water"].version
    site.line.service.clock.advance(1)
    feed.upsert("water", Upsert(features=(station_at(3.4, now()),)))
    delta = dispatcher.block("water", since=whole.version)
    assert delta is not None
    assert delta.base in (0, whole.version)
    row = next(
        int(oid)
        for oid, value in zip(delta.oid, delta.value, strict=True)
        if abs(float(value) - 3.4) < 1e-5
    )
    feature = dispatcher.feature("water", row)
    assert (feature.id, feature.value) == ("S-client", 3.4)
    assert [point.value for point in dispatcher.series("water", row).points][-1] == 3.4
    alarms = dispatcher.items("alarm").items
    alarm = next(one for one in alarms if one.kind == "alarm" and one.layer == "water")
    head = dispatcher.acknowledge_alarm(alarm.item_id, Touch(version=alarm.version))
    until_at = now() + timedelta(hours=1)
    shelve = Shelve(version=head.version, reason="现场核实", until_at=until_at)
    dispatcher.shelve_alarm(alarm.item_id, shelve)


def test_positions_and_track(site: Site) -> None:
    feed, operator = site.person("feed"), site.person("operator")
    now = site.line.service.clock.now()
    lorry = FeatureIn(
        id="V-client",
        kind="vehicle",
        name="苏F00001",
        lon=None,
        lat=None,
        region="320613",
        observed_at=now,
        properties={},
    )
    feed.upsert("hazmat", Upsert(features=(lorry,)))
    place = PositionIn(id="V-client", lon=120.9, lat=32.0, speed_kmh=40.0, observed_at=now)
    batch = Fixes(layer="hazmat", fixes=(place,))
    assert feed.send_positions(batch).accepted == 1
    assert feed.send_positions(batch).duplicate == 1
    block = operator.positions(since=0, wait_s=0.2)
    assert block is not None
    assert block.oid.size == 1
    track = operator.track("hazmat", int(block.oid[0]))
    assert [(point.lon, point.lat) for point in track.points] == [(120.9, 32.0)]
    at = site.line.service.clock.now()
    past = positions_at(operator, at)
    assert past.lon_e7.tolist() == block.lon_e7.tolist()
    back = layer_at(operator, "hazmat", at)
    assert not back.removed.size, "what is there now was there at this instant"
    later = operator.positions(since=block.seq, wait_s=0.0)
    assert later is None or later.oid.size == 0


def test_lasso_and_its_files(site: Site) -> None:
    feed, dispatcher = site.person("feed"), site.person("dispatcher")
    feed.upsert("water", Upsert(features=(station_at(2.0, site.line.service.clock.now()),)))
    wish = Within(area=Circle(lon=120.81, lat=32.0, radius_m=500.0))
    inside = dispatcher.within(wish)
    assert "S-client" in [row.id for row in inside.rows]
    assert "S-client" in dispatcher.export(wish, "csv").decode("utf-8-sig")
    assert b"FeatureCollection" in dispatcher.export(wish, "geojson")


def ask(client: Client, gate: str = GATE, *, tag: str | None = None) -> str:
    shown, newest = client.device(gate)
    present = tuple(bay.opening_m for bay in shown.bays[:2])
    request = CommandRequest(
        bays=(1, 2),
        present_m=present,
        target_m=1.0,
        reason="预降内河水位",
        dispatch_no="通防调〔2026〕15号",
    )
    key = secrets.token_hex(12)
    return client.request_command(gate, request, key=key, tag=tag or newest).item_id


def test_gate_command_by_two_accounts(site: Site) -> None:
    dispatcher = site.person("dispatcher")
    site.online()
    assert GATE in [gate.item_id for gate in dispatcher.devices()]
    status, _ = refusal(lambda: ask(dispatcher, tag="0.0"))
    assert status == 412
    site.online()
    command = dispatcher.command(ask(dispatcher))
    consent = Authorise(body_hash=command.body_hash, totp=site.line.service.code("dispatcher"))
    assert (
        refusal(
            lambda: dispatcher.authorise_command(command.item_id, consent, version=command.version)
        )[0]
        == 403
    )
    duty = site.person("duty", mfa=False)
    site.online()
    command = duty.command(command.item_id)
    code = site.line.service.code("duty")
    site.online()
    consent = Authorise(body_hash=command.body_hash, totp=code)
    duty.authorise_command(command.item_id, consent, version=command.version)
    ended = site.portal.call(site.line.ended, command.item_id)
    assert ended.status is CommandStatus.CONFIRMED
    assert [row["what"] for row in site.line.plant.said(GATE, "operate")] == ["operate"]
    stopped = dispatcher.stop_device(GATE, Stop(reason="试停"))
    assert stopped.accepted


def test_requester_calls_off(site: Site) -> None:
    dispatcher = site.person("dispatcher")
    site.online()
    command_id = ask(dispatcher)
    answer = dispatcher.abort_command(command_id)
    assert answer.status is CommandStatus.ABORTED


def test_what_may_not_be_seen_is_not_there_and_what_may_not_be_done_is_refused(
    site: Site,
) -> None:
    chongchuan, auditor = site.person("operator_chongchuan"), site.person("auditor")
    assert refusal(lambda: chongchuan.device(GATE))[0] == 404
    assert refusal(lambda: auditor.intake(intake(9)))[0] == 403
    assert refusal(chongchuan.audit)[0] == 403


def test_audit_trail_is_read_page_by_page(site: Site) -> None:
    auditor = site.person("auditor")
    first = auditor.audit(limit=5)
    assert first.rows[0].seq == 1
    assert first.next is not None
    second = auditor.audit(after=first.next, limit=5)
    assert second.rows[0].previous == first.rows[-1].hash


def test_fixes_go_through_the_wide_door_and_may_be_repeated(site: Site) -> None:
    feed, now_ms = site.person("feed"), milliseconds(site.line.service.clock.now())
    bus = FeatureIn(
        id="bus-1",
        kind="bus",
        name="1 路",
        lon=None,
        lat=None,
        region="320613",
        observed_at=site.line.service.clock.now(),
        properties={},
    )
    feed.upsert("transport", Upsert(features=(bus,)))
    columns: dict[str, list[Any]] = {
        "id": ["bus-1", "bus-2"],
        "lon": [120.9, 120.9],
        "lat": [32.0, 32.0],
        "observed_ms": [now_ms, now_ms],
    }
    batch = {name: pa.array(values, FIX_TYPES[name]) for name, values in columns.items()}
    rows = FixRows(pa.record_batch(batch), "transport", feed="buses")
    done = feed.send_fix_rows(rows)
    assert (done.accepted, [(one.index, one.where) for one in done.rejected]) == (1, [(1, "id")])
    assert feed.send_fix_rows(rows).duplicate == 1
    assert site.person("operator").feature("transport", 1).feed == "buses"
    assert refusal(lambda: site.person("operator").send_fix_rows(rows))[0] == 403


def test_columns_go_through_the_wide_door_and_may_be_repeated(site: Site) -> None:
    feed = site.person("feed")
    columns: dict[str, list[Any]] = {
        "id": ["part-1", "part-2", "part-3"],
        "kind": ["part"] * 3,
        "name": ["井盖"] * 3,
        "lon": [120.9, 120.9, 400.0],
        "lat": [32.0, 32.0, 32.0],
        "region": ["320613"] * 3,
        "observed_ms": [milliseconds(site.line.service.clock.now())] * 3,
    }
    batch = {name: pa.array(values, TYPES[name]) for name, values in columns.items()}
    rows = Rows(pa.record_batch(batch), feed="parts")
    done = feed.put_rows("urban", rows)
    assert (done.accepted, [(one.index, one.where) for one in done.rejected]) == (2, [(2, "lon")])
    assert feed.put_rows("urban", rows).version == done.version
    seen = site.person("operator").block("urban")
    assert seen is not None
    assert seen.oid.size == 2
    assert refusal(lambda: site.person("operator").put_rows("urban", rows))[0] == 403


def test_a_large_layer_comes_in_parts_of_a_known_whole(site: Site) -> None:
    count, now_ms = 44_000, milliseconds(site.line.service.clock.now())
    columns: dict[str, list[Any]] = {
        "id": [f"lamp-{number}" for number in range(count)],
        "kind": ["lamp"] * count,
        "name": ["路灯"] * count,
        "lon": [120.9 + number * 1e-6 for number in range(count)],
        "lat": [32.0] * count,
        "region": ["320613"] * count,
        "observed_ms": [now_ms] * count,
    }
    batch = {name: pa.array(values, TYPES[name]) for name, values in columns.items()}
    site.person("feed").put_rows("lamps", Rows(pa.record_batch(batch), feed="lamps"))
    reader = site.person("operator")
    seen = reader.block("lamps")
    assert seen is not None
    assert np.array_equal(seen.lon_e7, 1_209_000_000 + np.arange(count) * 10)
    parts = site.line.service.parts.features.block(reader.me(), "lamps", 0)
    assert parts is not None
    assert len(parts) > len(FEATURE_COLUMNS)
    assert decode_features(b"".join(parts)).version == seen.version


def test_a_drawing_is_put_on_the_map_and_taken_off(site: Site) -> None:
    dispatcher = site.person("dispatcher")
    mark = DrawingIn(
        drawing_id="d-1",
        title="集结点",
        kind="mark",
        region="320613",
        lon=120.86,
        lat=32.01,
        until_at=site.line.service.clock.now() + timedelta(hours=1),
    )
    drawn = dispatcher.draw(mark)
    assert dispatcher.feature("drawings", drawn.oid).name == "集结点"
    dispatcher.erase("d-1")
    assert refusal(lambda: dispatcher.erase("d-1"))[0] == 404


def test_indicators_are_read_and_opened(site: Site) -> None:
    leader, answers = site.person("leader"), Answers(site.line.service.clock)
    inquiry = Inquiry(answers, leader, AtOnce())
    board = answers.ask(NowOf(), 10.0) or answers.get(NowOf())
    assert board is not None
    assert len(board.readings) == len(board.definitions)
    for question in (
        PastOf("open"),
        PartsOf("open"),
        RowsOf("open"),
        UnitsOf(),
        UnitRowsOf("D24"),
        RequestsOf(),
    ):
        answers.ask(question, 10.0)
        assert answers.get(question) is not None, question
    answers.ask(RowsOf("gdp"), 10.0)
    assert answers.get(RowsOf("gdp")) is None
    assert answers.fault(RowsOf("gdp")) is not None
    inquiry.begin("another")
    assert answers.get(NowOf()) is None


class AtOnce:
    """Run a job where it is asked for."""

    def run(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        try:
            result = job()
        except Refused as error:
            assert failed is not None
            failed(error)
        else:
            done(result)


def test_alarms_of_departments_their_groups_loads_and_sound(site: Site) -> None:
    feed, duty, operator = (site.person(name) for name in ("feed", "duty", "operator"))
    now = site.line.service.clock.now()
    causes = tuple(
        CauseIn(
            cause=f"valve-{number}",
            layer="utilities",
            level=3,
            title=Text("压力低", "pressure low"),
            action=Text("派人核查", "send somebody"),
            owner=Text("燃气公司", "gas company"),
            region="320613",
            department="D33",
            observed_at=now,
        )
        for number in range(3)
    )
    assert feed.tell_causes(Causes(source="gas", raised=causes)).begun == 3
    ours = [
        one
        for one in duty.items("alarm").items
        if isinstance(one, Alarm) and one.source_kind == "system"
    ]
    assert {one.family for one in ours} == {"gas.utilities"}
    first, *rest = ours
    out = duty.withdraw_alarm(first.item_id, Withdraw(version=first.version, reason="更换"))
    duty.restore_alarm(first.item_id, Touch(version=out.version))
    together = Together(alarms={one.item_id: one.version for one in rest}, note="同因")
    assert operator.acknowledge_together(together).count == 2
    until = now + timedelta(seconds=60)
    operator.tell_sound(Sound(muted_until=until, has_device=False))
    wish = Suppress(region="3206", active=True, layers=("water",), reason="防汛")
    assert duty.suppress_alarms(wish).version == 1
    seats = {one.person.person_id: one for one in duty.alarm_loads().seats}
    assert seats["operator"].acknowledged == 2
    assert not seats["operator"].has_sound


def test_the_shift_log_is_written_read_proved_and_handed_over(site: Site) -> None:
    site.line.service.parts.shifts.tend()
    duty = site.person("duty")
    page = duty.items("shift_page").items[0].item_id
    duty.write_line(page, LineIn(entry_id="line-1", text="巡查江堤无异常"))
    lines = duty.shift_lines(page).rows
    assert "巡查江堤无异常" in str(lines)
    assert len(duty.search_lines("江堤").rows) == 1
    assert duty.shift_open(page).page_id == page
    assert duty.shift_proof(page).fault is None
    assert "巡查江堤无异常" in duty.shift_csv(page).decode("utf-8-sig")
    stranger = SignIn(account="duty", password="not the password", totp="000000")
    wrong = Handover(lines=len(lines), incoming=stranger)
    assert refusal(lambda: duty.hand_over(page, wrong))[0] in (401, 403, 409, 422)


def test_models_are_listed_promoted_rolled_back_and_taught(site: Site) -> None:
    maintainer, operator = site.person("maintainer"), site.person("operator")
    merge = next(one for one in maintainer.models().models if one.name == "merge")
    assert (merge.in_use, merge.answers, merge.versions) == (0, 0, ())
    assert refusal(operator.models)[0] == 403
    wish = Promote(number=1, reason="试用")
    assert refusal(lambda: maintainer.promote_model("merge", wish)) == (404, "not_found")
    back = RollBack(reason="误并变多")
    assert refusal(lambda: maintainer.roll_back_model("merge", back)) == (409, "wrong_state")
    assert maintainer.teach_model("merge").name == "merge"


def test_every_path_of_the_contract_was_asked(site: Site) -> None:
    """Runs last in this file: a path no test above reaches has no client method that works."""
    templates = {
        value for name, value in vars(paths).items() if name.isupper() and value not in NOT_HERE
    }
    missing = {one for one in templates if not any(is_of(one, path) for path in ASKED)}
    assert missing == set()


def is_of(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
