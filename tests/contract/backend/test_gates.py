"""Gate control through the real service: every answer of the door, and the device's own log."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from backend.domain.devices import Order
from backend.domain.refused import Refused
from backend.gateways.scada.driver import DeviceRefusedError
from backend.services.gates.book import Deed
from backend.simulator.plant.permit import HEARTBEAT_S
from backend.storage import audit
from backend.storage.gates import Asked
from backend_client.contract import paths
from backend_client.contract.alarms import Alarm
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock
from backend_client.contract.gates import TERMINAL, Authorise, CommandStatus, Gate, GateCommand
from tests.plant import PlantDriver
from tests.service import START, Service, run, serving

S = CommandStatus
GATE = "NT-S34"  # 洋口外闸, 如东 320623
OTHER = "NT-S01"  # 九圩港闸, 崇川 320613
THIRD = "NT-S33"
PROMOTED = Person(  # who asked, made duty leader since
    person_id="dispatcher",
    name="调度员",
    role=Role.DUTY_LEADER,
    regions=("3206",),
    departments=("*",),
    mfa=True,
)


class Line:
    """A service with its plant, and the words a test needs."""

    def __init__(self, service: Service, plant: PlantDriver) -> None:
        self.service = service
        self.plant = plant

    async def until(self, condition: Callable[[], bool], limit_s: float = 40.0) -> None:
        async with asyncio.timeout(limit_s):
            while not condition():  # noqa: ASYNC110  the condition is another thread's commit
                await asyncio.sleep(0.005)

    async def online(self, gate: str = GATE) -> None:
        live = self.service.parts.gates.live
        await self.until(lambda: live.link(gate) == "online" and self.stored(gate) is not None)
        await self.until(lambda: self.same_as_shown(gate) and self.plant.hears(gate))

    def same_as_shown(self, gate: str) -> bool:
        stored, reading = self.stored(gate), self.service.parts.gates.live.reading(gate)
        if stored is None or reading is None or stored.fence == 0:
            return False
        return (stored.fence, stored.seq) == (reading.fence, reading.seq)

    def stored(self, gate: str) -> Gate | None:
        with self.service.parts.database.read() as view:
            return view.get(Gate, gate)

    def command(self, command_id: str) -> GateCommand:
        with self.service.parts.database.read() as view:
            return view.load(GateCommand, command_id)

    async def ask(
        self,
        who: str = "dispatcher",
        gate: str = GATE,
        *,
        headers: dict[str, str] | None = None,
        **changed: object,
    ) -> httpx.Response:
        """Request; headers left out are the right ones, empty ones are not sent."""
        token = await self.service.headers(who)
        await self.online(gate)
        stored = self.stored(gate)
        assert stored is not None
        sent = {
            "Idempotency-Key": secrets.token_hex(12),
            "If-Match": f'"{stored.fence}.{stored.seq}"',
            **(headers or {}),
            **token,
        }
        body = {
            "bays": [1, 2],
            "present_m": [bay.opening_m for bay in stored.bays[:2]],
            "target_m": 1.0,
            "reason": "预降内河水位",
            "dispatch_no": "通防调〔2026〕15号",
            **changed,
        }
        return await self.service.client.post(
            paths.DEVICE_COMMANDS.format(device_id=gate),
            json=body,
            headers={k: v for k, v in sent.items() if v},
        )

    async def consent(
        self, command: dict[str, object], who: str = "duty", **changed: object
    ) -> httpx.Response:
        token = await self.service.headers(who)
        await self.until(lambda: self.plant.hears(str(command["gate_id"])))
        code = changed["totp"] if "totp" in changed else self.service.code(who)  # moves the clock
        await self.online(str(command["gate_id"]))
        body = {"body_hash": changed.get("body_hash", command["body_hash"]), "totp": code}
        match = changed.get("if_match", str(command["version"]))
        headers = {**token, **({"If-Match": str(match)} if match else {})}
        path = paths.COMMAND_AUTHORISE.format(command_id=command["item_id"])
        return await self.service.client.post(path, json=body, headers=headers)

    def refusals(self) -> list[tuple[str, str, object]]:
        """Give every refused consent on record: who, which command, why."""
        with self.service.parts.database.read() as view:
            rows = audit.page(view.connection, after=0, limit=1_000)
        return [
            (row.person_id, row.target, json.loads(row.detail)["code"])
            for row in rows
            if row.action == "gate.refused"
        ]

    async def ended(self, command_id: str) -> GateCommand:
        await self.until(lambda: self.command(command_id).status in TERMINAL)
        return self.command(command_id)


@asynccontextmanager
async def line(
    data: Path, *, plant: PlantDriver | None = None, clock: ManualClock | None = None
) -> AsyncIterator[Line]:
    clock = clock or ManualClock(START)
    plant = plant or PlantDriver(clock)
    plant.calm(GATE)
    async with serving(data, lifespan=True, driver=plant, clock=clock) as service:
        made = Line(service, plant)
        await made.online()
        yield made


def on_line(data: Path, body: Callable[[Line], Awaitable[None]]) -> None:
    async def job() -> None:
        async with line(data) as made:
            await body(made)

    run(job)


def code_of(reply: httpx.Response) -> tuple[int, str]:
    problem = reply.json()
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert problem["what"]["zh"]
        assert problem["what"]["en"]
        assert problem["todo"]["zh"]
    return reply.status_code, problem.get("code", problem.get("status"))


def test_two_persons_move_a_gate_and_the_device_saw_select_then_operate_once(
    data: Path,
) -> None:
    async def body(made: Line) -> None:
        reply = await made.ask()
        assert code_of(reply) == (201, "requested")
        command = reply.json()
        assert command["allowed"] == ["abort"]
        assert command["flow_m3s"] > 0
        assert made.stored(GATE).held_by == "dispatcher"  # type: ignore[union-attr]  # online() saw it
        assert not made.plant.said(GATE, "select", "operate")

        assert code_of(await made.consent(command)) == (200, "authorised")
        ended = await made.ended(command["item_id"])
        assert [step.status for step in ended.history] == [
            S.REQUESTED,
            S.AUTHORISED,
            S.SELECTING,
            S.SELECTED,
            S.OPERATING,
            S.EXECUTING,
            S.CONFIRMED,
        ]
        assert ended.authorised_by is not None
        assert ended.authorised_by.person_id == "duty"
        said = made.plant.said(GATE, "select", "operate")
        assert [row["what"] for row in said] == ["select", "operate"]
        assert {row["command_id"] for row in said} == {command["item_id"]}
        await made.until(lambda: made.stored(GATE).held_by is None)  # type: ignore[union-attr]  # as above
        assert made.plant.device(GATE).bays[0].opening_m == pytest.approx(1.0)
        await made.until(lambda: made.stored(GATE).bays[0].opening_m == 1.0)  # type: ignore[union-attr]  # as above

    on_line(data, body)


WRONG_REQUESTS: list[tuple[str, dict[str, object], tuple[int, str]]] = [
    ("no key", {"headers": {"Idempotency-Key": ""}}, (428, "header_missing")),
    ("no match", {"headers": {"If-Match": ""}}, (428, "header_missing")),
    ("short key", {"headers": {"Idempotency-Key": "short"}}, (422, "unfit")),
    ("stale match", {"headers": {"If-Match": '"1.0"'}}, (412, "state_moved")),
    ("junk match", {"headers": {"If-Match": "*"}}, (412, "state_moved")),
    ("other opening", {"present_m": [0.5, 0.0]}, (412, "state_moved")),
    ("no such bay", {"bays": [1, 9]}, (422, "unfit")),
    ("bay twice", {"bays": [1, 1]}, (422, "unfit")),
    ("too wide", {"target_m": 9.0}, (422, "unfit")),
    ("openings missing", {"present_m": [0.0]}, (422, "unfit")),
    ("unknown field", {"force": True}, (422, "unknown_field")),
    ("wrong type", {"target_m": "1.0"}, (422, "invalid")),
    ("life too long", {"ttl_s": 301}, (422, "invalid")),
    ("foreign county", {"who": "dispatcher_rudong", "gate": OTHER}, (404, "not_found")),
    ("auditor", {"who": "auditor"}, (403, "forbidden")),
    ("maintainer", {"who": "maintainer"}, (403, "forbidden")),
    ("duty leader", {"who": "duty"}, (403, "forbidden")),
]


def test_every_wrong_request_is_refused_and_changes_nothing(data: Path) -> None:
    async def body(made: Line) -> None:
        for name, wish, answer in WRONG_REQUESTS:
            reply = await made.ask(**wish)  # type: ignore[arg-type]  # a table of keywords
            assert code_of(reply) == answer, name
        reply = await made.service.client.post(
            paths.DEVICE_COMMANDS.format(device_id="NT-S99"),
            json=(await made.ask()).json(),
            headers=await made.service.headers("dispatcher"),
        )
        assert reply.status_code in {404, 422}
        with made.service.parts.database.read() as view:
            assert len(view.find(GateCommand)) == 1  # the one asked for just above
        assert not made.plant.said(GATE, "select", "operate")

    on_line(data, body)


def test_the_same_key_gives_the_same_command_and_never_another(data: Path) -> None:
    async def body(made: Line) -> None:
        key = {"Idempotency-Key": "k" * 20}
        first = await made.ask(headers=key)
        match = first.request.headers["If-Match"]
        again = await made.ask(headers={**key, "If-Match": match})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["item_id"] == again.json()["item_id"]
        other = await made.ask(headers={**key, "If-Match": match}, target_m=2.0)
        assert code_of(other) == (422, "key_reused")
        stranger = await made.ask("operator", headers={**key, "If-Match": match})
        assert code_of(stranger) == (422, "key_reused")

    on_line(data, body)


def test_twins_in_flight_are_told_apart(data: Path) -> None:
    async def body(made: Line) -> None:
        desk = made.service.parts.gates.desk
        first, twin = Asked("dispatcher", "hash", "cmd-first"), Asked("dispatcher", "hash", "cmd-2")
        with desk._flight("key", first):
            with pytest.raises(Refused) as no, desk._flight("key", twin):
                pass
            assert no.value.problem.status == 409
            assert no.value.problem.code == "in_flight"
            assert no.value.problem.where == "cmd-first"
        with desk._flight("key", twin):
            pass

    on_line(data, body)


def test_another_persons_key_in_flight_tells_nothing_of_their_command(data: Path) -> None:
    async def body(made: Line) -> None:
        desk = made.service.parts.gates.desk
        key = "k" * 20
        with desk._flight(key, Asked("operator", "hash", "cmd-theirs")):
            reply = await made.ask(headers={"Idempotency-Key": key})
        assert code_of(reply) == (201, "requested")

    on_line(data, body)


def test_a_gate_in_hand_names_its_holder(data: Path) -> None:
    async def body(made: Line) -> None:
        first = (await made.ask()).json()
        reply = await made.ask("operator")
        assert code_of(reply) == (409, "busy")
        assert reply.json()["holder"] == first["requested_by"]["name"]
        assert reply.json()["where"] == first["item_id"]

    on_line(data, body)


def test_a_failed_interlock_is_shown_with_its_value_and_blocks(data: Path) -> None:
    async def body(made: Line) -> None:
        made.plant.device(GATE).inner_m = 0.5
        made.service.clock.advance(1)
        live = made.service.parts.gates.live
        await made.until(lambda: (live.reading(GATE) or made).inner_m < 1)  # type: ignore[union-attr]  # online
        reply = await made.ask(dispatch_no="口头通知")
        assert code_of(reply) == (201, "rejected")
        locks = {lock["key"]: lock for lock in reply.json()["interlocks"]}
        assert not locks["head"]["ok"]
        assert "0.5" in locks["head"]["value"]["en"]
        assert not locks["dispatch"]["ok"]
        assert locks["vessels"]["ok"]
        assert code_of(await made.consent(reply.json())) == (409, "wrong_state")
        assert not made.plant.said(GATE, "select", "operate")
        assert (await made.ask(target_m=0.0)).json()["status"] == "requested"

    on_line(data, body)


def test_an_offline_device_takes_no_command_and_gets_none_later(data: Path) -> None:
    async def body(made: Line) -> None:
        await made.online()
        token = await made.service.headers("dispatcher")
        await made.online()
        stored = made.stored(GATE)
        assert stored is not None
        made.plant.device(GATE).link = "down"
        made.service.clock.advance(11)
        await made.until(lambda: made.stored(GATE).link == "offline")  # type: ignore[union-attr]  # above
        for _ in range(50):
            reply = await made.service.client.post(
                paths.DEVICE_COMMANDS.format(device_id=GATE),
                json={
                    "bays": [1],
                    "present_m": [0.0],
                    "target_m": 1.0,
                    "reason": "预降内河水位",
                    "dispatch_no": "DD-2026-1",
                },
                headers={
                    **token,
                    "Idempotency-Key": secrets.token_hex(12),
                    "If-Match": f"{stored.fence}.{stored.seq}",
                },
            )
            assert code_of(reply) == (503, "device_offline")
        made.plant.device(GATE).link = "up"
        await made.online()
        made.service.clock.advance(5)
        await made.online()
        assert not made.plant.said(GATE, "select", "operate")
        other = await made.ask(gate=OTHER, bays=[1], present_m=[0.0], target_m=0.0)
        assert other.status_code == 201  # one bad device blocks no other

    on_line(data, body)


def test_control_switched_off_still_stops(data: Path) -> None:
    async def body(made: Line) -> None:
        live = made.service.parts.gates.live
        live.limits = replace(live.limits, enabled=False)
        assert code_of(await made.ask()) == (503, "read_only")
        stop = await made.service.post("operator", paths.DEVICE_STOP.format(device_id=GATE), {})
        assert stop.json()["accepted"] is True

    on_line(data, body)


def test_wrong_consents_are_refused_and_nothing_moves(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask(ttl_s=300)).json()
        assert code_of(await made.consent(command, if_match="")) == (428, "header_missing")
        assert code_of(await made.consent(command, if_match="9")) == (412, "stale_version")
        assert code_of(await made.consent(command, if_match="x")) == (412, "stale_version")
        assert code_of(await made.consent(command, body_hash="0" * 64)) == (422, "hash_differs")
        assert code_of(await made.consent(command, totp="000000")) == (403, "bad_totp")
        assert code_of(await made.consent(command, "operator")) == (403, "forbidden")
        assert code_of(await made.consent(command, "dispatcher")) == (403, "forbidden")
        wish = Authorise(body_hash=command["body_hash"], totp="000000")
        with pytest.raises(Refused) as no:
            made.service.parts.gates.desk.authorise(
                PROMOTED, command["item_id"], wish, if_match=str(command["version"])
            )
        assert no.value.problem.code == "same_person"
        assert made.command(command["item_id"]).status is S.REQUESTED
        assert not made.plant.said(GATE, "select", "operate")
        gone = {**command, "item_id": "cmd-nothing"}
        assert code_of(await made.consent(gone)) == (404, "not_found")
        target = f"gate_command/{command['item_id']}"
        assert made.refusals() == [  # a refusal is on record though its unit was rolled back
            ("duty", target, "stale_version"),
            ("duty", target, "stale_version"),
            ("duty", target, "hash_differs"),
            ("duty", target, "bad_totp"),
            ("dispatcher", target, "same_person"),
        ]

    on_line(data, body)


def test_a_code_works_once(data: Path) -> None:
    async def body(made: Line) -> None:
        await made.service.headers("duty")
        await made.online(OTHER)
        first = (await made.ask()).json()
        second = (await made.ask(gate=OTHER, target_m=0.0)).json()
        made.plant.watch_step_s = 0.0  # the clock stands still: the code stays a right one
        code = made.service.code("duty")
        assert code_of(await made.consent(first, totp=code))[0] == 200
        assert code_of(await made.consent(second, totp=code)) == (403, "used_totp")
        assert [code for _, _, code in made.refusals()] == ["used_totp"]
        assert made.command(second["item_id"]).status is S.REQUESTED
        assert not made.plant.said(OTHER, "select", "operate")
        made.plant.watch_step_s = 0.2
        assert (await made.ended(first["item_id"])).status is S.CONFIRMED

    on_line(data, body)


def test_an_expired_request_ends_by_itself_and_late_consent_is_refused(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask(ttl_s=5)).json()
        reply = await made.consent(command)  # the code moved the clock by 30 s
        assert code_of(reply) in {(409, "expired"), (412, "stale_version")}
        ended = await made.ended(command["item_id"])
        assert ended.status is S.EXPIRED
        assert made.stored(GATE).held_by is None  # type: ignore[union-attr]  # online
        assert not made.plant.said(GATE, "select", "operate")

    on_line(data, body)


def test_a_device_that_moved_on_rejects_the_command_at_consent(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        made.plant.device(GATE).stop("a hand on site")
        made.service.clock.advance(1)
        reply = await made.consent(command)
        assert code_of(reply) == (200, "rejected")
        assert not made.plant.said(GATE, "select", "operate")

    on_line(data, body)


@pytest.mark.parametrize(
    ("lost", "end", "operated"),
    [
        ("select:before", S.REJECTED, 0),
        ("select:after", S.REJECTED, 0),
        ("operate:before", S.REJECTED, 0),
        ("operate:after", S.CONFIRMED, 1),
    ],
)
def test_a_lost_answer_is_settled_by_reading_and_nothing_is_sent_again(
    data: Path, lost: str, end: CommandStatus, operated: int
) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        made.plant.lose = {lost}
        await made.consent(command)
        ended = await made.ended(command["item_id"])
        assert ended.status is end
        assert S.UNKNOWN in [step.status for step in ended.history]
        assert len(made.plant.said(GATE, "operate")) == operated
        assert len(made.plant.said(GATE, "select")) <= 1
        with made.service.parts.database.read() as view:
            alarms = view.find(Alarm, cause=f"gate-command:{GATE}")
        assert [alarm.level for alarm in alarms] == [1]
        assert alarms[0].returned_at is not None
        assert alarms[0].action.zh

    on_line(data, body)


def test_doubt_stays_until_a_new_fence_stands_on_the_device(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        made.plant.lose = {"select:after"}
        made.plant.block = {"claim"}
        await made.consent(command)
        await made.until(lambda: made.plant.blocked >= 3)
        assert made.command(command["item_id"]).status is S.UNKNOWN
        made.plant.block = set()
        assert (await made.ended(command["item_id"])).status is S.REJECTED

    on_line(data, body)


def test_stop_in_travel_ends_the_command_where_the_leaf_stands(data: Path) -> None:
    async def body(made: Line) -> None:
        for who in ("operator", "operator_chongchuan", "auditor"):
            await made.service.headers(who)  # signing in moves the clock
        command = (await made.ask(target_m=4.0)).json()
        await made.consent(command)
        device = made.plant.device(GATE)
        await made.until(lambda: device.bays[0].opening_m > 0.1)
        made.plant.watch_step_s = 0.0  # however slow the machine, the leaf is still on its way
        foreign = await made.service.post(
            "operator_chongchuan", paths.DEVICE_STOP.format(device_id=GATE), {}
        )
        assert code_of(foreign) == (404, "not_found")
        assert code_of(
            await made.service.post("auditor", paths.DEVICE_STOP.format(device_id=GATE), {})
        ) == (403, "forbidden")
        assert device.running is not None
        stop = await made.service.post(
            "operator", paths.DEVICE_STOP.format(device_id=GATE), {"reason": "有人落水"}
        )
        assert stop.json()["accepted"] is True
        made.plant.watch_step_s = 0.2
        assert (await made.ended(command["item_id"])).status is S.ABORTED
        assert 0.1 < device.bays[0].opening_m < 4.0
        assert not any(bay.moving for bay in device.bays)

    on_line(data, body)


def test_expiry_is_asked_again_right_before_operate(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        made.plant.after["select"] = lambda: made.service.clock.advance(121)
        await made.consent(command)
        ended = await made.ended(command["item_id"])
        assert ended.status is S.EXPIRED
        assert S.SELECTED in [step.status for step in ended.history]
        assert not made.plant.said(GATE, "operate")
        assert (await made.ask()).status_code == 201  # the device is not left reserved

    on_line(data, body)


def test_stop_right_after_select_ends_the_command(data: Path) -> None:
    async def body(made: Line) -> None:
        stops: list[asyncio.Task[httpx.Response]] = []
        path = paths.DEVICE_STOP.format(device_id=GATE)
        await made.service.headers("operator")

        def press() -> None:
            made.plant.watch_step_s = 0.0  # the leaf waits for the hand, however slow the machine
            stops.append(asyncio.ensure_future(made.service.post("operator", path, {})))

        command = (await made.ask()).json()
        made.plant.after["select"] = press
        await made.consent(command)
        await made.until(lambda: bool(stops) and stops[0].done())
        assert stops[0].result().json()["accepted"] is True
        made.plant.watch_step_s = 0.2
        ended = await made.ended(command["item_id"])
        assert ended.status is S.ABORTED
        assert made.plant.device(GATE).bays[0].opening_m < 0.5

    on_line(data, body)


def test_calling_off_is_for_the_persons_of_the_command(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        path = paths.COMMAND_ABORT.format(command_id=command["item_id"])
        assert code_of(await made.service.post("operator", path, None)) == (403, "not_yours")
        reply = await made.service.post("dispatcher", path, None)
        assert code_of(reply) == (200, "aborted")
        again = await made.service.post("dispatcher", path, None)
        assert code_of(again) == (200, "aborted")
        assert made.stored(GATE).held_by is None  # type: ignore[union-attr]  # online

    on_line(data, body)


def test_calling_off_in_travel_stops_the_device(data: Path) -> None:
    async def body(made: Line) -> None:
        command = (await made.ask(target_m=4.0)).json()
        await made.consent(command)
        await made.until(lambda: made.plant.device(GATE).bays[0].opening_m > 0.1)
        made.plant.watch_step_s = 0.0
        path = paths.COMMAND_ABORT.format(command_id=command["item_id"])
        assert (await made.service.post("dispatcher", path, None)).status_code == 200
        made.plant.watch_step_s = 0.2
        assert (await made.ended(command["item_id"])).status is S.ABORTED

    on_line(data, body)


def test_a_command_whose_handling_breaks_off_is_settled_by_reading(data: Path) -> None:
    async def body(made: Line) -> None:
        gates = made.service.parts.gates
        real, broken = gates.line._book.move, [S.SELECTED, S.EXECUTING]

        def full_disk(command_id: str, was: S, to: S, deed: Deed = Deed()) -> GateCommand:  # noqa: B008
            if to in broken:
                broken.remove(to)
                raise OperationalError("write", None, Exception("disk is full"))
            return real(command_id, was, to, deed)

        gates.line._book = SimpleNamespace(begin=gates.line._book.begin, move=full_disk)  # type: ignore[assignment]  # a full disk
        for target_m, end, count in ((1.0, S.REJECTED, 0), (1.0, S.CONFIRMED, 1)):
            command = (await made.ask(target_m=target_m)).json()
            await made.consent(command)
            assert (await made.ended(command["item_id"])).status is end
            assert len(made.plant.said(GATE, "operate")) == count

    on_line(data, body)


def test_a_service_that_sends_again_meets_a_device_that_does_not(data: Path) -> None:
    """Ablation: recovery that re-sends is stopped by the device's fence."""

    async def body(made: Line) -> None:
        command = (await made.ask()).json()
        made.plant.lose = {"operate:after"}
        await made.consent(command)
        await made.ended(command["item_id"])
        sent = made.command(command["item_id"])
        again = Order(sent.item_id, sent.fence, sent.seq, sent.bays, 0.0)
        for call in (made.plant.select, made.plant.operate):
            with pytest.raises(DeviceRefusedError, match="fence_old"):
                await call(GATE, again)
        assert len(made.plant.said(GATE, "operate")) == 1

    on_line(data, body)


def test_a_service_that_lost_a_device_to_another_lets_it_fall_silent(data: Path) -> None:
    """The beat carries each device's own fence: a high one elsewhere keeps nothing alive."""

    async def body(made: Line) -> None:
        await made.online(OTHER)
        await made.online(THIRD)
        kept, lost = made.plant.device(OTHER), made.plant.device(GATE)
        watch = made.service.parts.gates.watch
        while kept.fence < lost.fence + 5:  # whatever the fence elsewhere: it rises far above
            fence = kept.fence
            watch.renew(OTHER)
            await made.until(lambda fence=fence: kept.fence > fence)  # type: ignore[misc]  # bound now
        await made.until(lambda: made.plant.hears(OTHER))
        lost.claim(lost.fence + 1)  # another service becomes its writer
        beats = made.plant.beats
        made.service.clock.advance(HEARTBEAT_S + 1)
        await made.until(lambda: made.plant.beats >= beats + 2)
        assert lost.silent_s > HEARTBEAT_S
        assert kept.silent_s < 1
        assert made.plant.device(THIRD).fence < kept.fence
        assert made.plant.device(THIRD).silent_s < 1

    on_line(data, body)


def test_stop_needs_no_words_and_is_safe_to_repeat(data: Path) -> None:
    async def body(made: Line) -> None:
        headers = await made.service.headers("operator")
        path = paths.DEVICE_STOP.format(device_id=GATE)
        for _ in range(2):
            reply = await made.service.client.post(path, headers=headers)
            assert reply.json()["accepted"] is True
        made.plant.lose = {"stop:after"}
        assert (await made.service.client.post(path, headers=headers)).json()["accepted"] is True
        made.plant.device(GATE).link = "down"
        reply = await made.service.client.post(path, headers=headers)
        assert reply.json()["accepted"] is False
        assert reply.json()["note"]["zh"]
        assert len(made.plant.said(GATE, "stop")) == 4

    on_line(data, body)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("jam", Text("卡阻", "jammed")),
        ("closed_switch_on", Text("限位与编码器不符", "limit switch and encoder disagree")),
    ],
)
def test_a_trip_fails_the_command_and_calls_people(data: Path, fault: str, said: Text) -> None:
    async def body(made: Line) -> None:
        made.plant.device(GATE).bays[0].faults = frozenset({fault})
        command = (await made.ask()).json()
        await made.consent(command)
        assert (await made.ended(command["item_id"])).status is S.FAILED
        await made.until(lambda: made.stored(GATE).bays[0].fault is not None)  # type: ignore[union-attr]  # online
        with made.service.parts.database.read() as view:
            alarms = {alarm.cause: alarm for alarm in view.find(Alarm)}
        levels = {cause: alarm.level for cause, alarm in alarms.items()}
        assert levels == {f"gate-command:{GATE}": 2, f"gate-fault:{GATE}:1": 2}
        title = alarms[f"gate-fault:{GATE}:1"].title
        assert title.zh.endswith(f"号孔故障:{said.zh}")
        assert title.en.endswith(f"at fault: {said.en}")

    on_line(data, body)


def test_a_leaf_that_moves_without_a_command_raises_the_highest_alarm(data: Path) -> None:
    async def body(made: Line) -> None:
        made.plant.device(GATE).bays[0].faults = frozenset({"creep"})
        for _ in range(3):
            made.service.clock.advance(2)
            await made.online()

        def raised() -> bool:
            with made.service.parts.database.read() as view:
                return [a.level for a in view.find(Alarm, cause=f"gate-stray:{GATE}")] == [1]

        await made.until(raised)

    on_line(data, body)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (S.AUTHORISED, S.REJECTED),
        (S.SELECTING, S.REJECTED),
        (S.SELECTED, S.REJECTED),
        (S.OPERATING, S.REJECTED),
        (S.EXECUTING, S.REJECTED),
    ],
)
def test_a_restart_sends_nothing_and_settles_what_was_left(
    data: Path, status: CommandStatus, end: CommandStatus
) -> None:
    clock = ManualClock(START)
    plant = PlantDriver(clock)

    async def first() -> str:
        async with line(data, plant=plant, clock=clock) as made:
            command = (await made.ask()).json()
            book = made.service.parts.gates.desk.book
            was = S.REQUESTED
            for to in (S.AUTHORISED, S.SELECTING, S.SELECTED, S.OPERATING, S.EXECUTING):
                book.move(command["item_id"], was, to, Deed())
                was = to
                if to is status:
                    break
            return str(command["item_id"])

    async def second(command_id: str) -> None:
        async with line(data, plant=plant, clock=clock) as made:
            ended = await made.ended(command_id)
            assert ended.status is end
            unknown = S.UNKNOWN in [step.status for step in ended.history]
            assert unknown is (status is not S.AUTHORISED)
            assert not made.plant.said(GATE, "select", "operate")
            await made.until(lambda: made.stored(GATE).fence == 2)  # type: ignore[union-attr]  # above
            assert made.stored(GATE).held_by is None  # type: ignore[union-attr]  # as above

    command_id = run(first)
    run(lambda: second(command_id))


def test_a_restart_in_travel_goes_on_watching_and_confirms(data: Path) -> None:
    clock = ManualClock(START)
    plant = PlantDriver(clock, speed=1.0)

    async def first() -> str:
        async with line(data, plant=plant, clock=clock) as made:
            command = (await made.ask()).json()
            await made.consent(command)
            await made.until(lambda: plant.device(GATE).bays[0].opening_m > 0.05)
            plant.watch_step_s = 0.0  # the leaf is on its way while the service goes down
            return str(command["item_id"])

    async def second(command_id: str) -> None:
        async with line(data, plant=plant, clock=clock) as made:
            ended = await made.ended(command_id)
            assert ended.status is S.CONFIRMED
            assert len(plant.said(GATE, "operate")) == 1
            steps = [step.status for step in ended.history]
            assert steps[-3:] == [S.UNKNOWN, S.EXECUTING, S.CONFIRMED]

    command_id = run(first)
    assert plant.device(GATE).running is not None
    plant.watch_step_s = 0.2
    run(lambda: second(command_id))


def test_the_database_itself_refuses_one_person_twice_and_two_active_commands(
    data: Path,
) -> None:
    async def body(made: Line) -> None:
        command = made.command((await made.ask()).json()["item_id"])
        database = made.service.parts.database
        twice = command.model_copy(update={"authorised_by": command.requested_by})
        with pytest.raises(DatabaseError, match="two persons"), database.write() as unit:
            unit.put(twice, by=None, action="gate.cheat")
        second = command.model_copy(update={"item_id": "cmd-other"})
        with pytest.raises(DatabaseError, match=r"(?i)unique"), database.write() as unit:
            unit.add(second, by=None, action="gate.cheat")

    on_line(data, body)


def test_lists_and_single_reads_keep_to_the_scope(data: Path) -> None:
    async def body(made: Line) -> None:
        every = (await made.service.get("dispatcher", paths.DEVICES)).json()
        own = (await made.service.get("dispatcher_rudong", paths.DEVICES)).json()
        assert len(every) == 36
        assert {gate["region"] for gate in own} == {"320623"}
        one = await made.service.get("dispatcher", paths.DEVICE.format(device_id=GATE))
        assert one.headers["etag"] == f'"{one.json()["fence"]}.{one.json()["seq"]}"'
        assert one.json()["next_window"] is not None
        hidden = await made.service.get("dispatcher_rudong", paths.DEVICE.format(device_id=OTHER))
        assert code_of(hidden) == (404, "not_found")
        command = (await made.ask()).json()
        path = paths.COMMAND.format(command_id=command["item_id"])
        assert (await made.service.get("auditor", path)).status_code == 200
        assert code_of(await made.service.get("operator_chongchuan", path)) == (404, "not_found")

    on_line(data, body)


def test_gates_are_on_the_water_layer(data: Path) -> None:
    async def body(made: Line) -> None:
        layers = (await made.service.get("operator", paths.LAYERS)).json()["layers"]
        counts = {row["layer"]: row["count"] for row in layers}
        assert counts["water"] == 36

    on_line(data, body)
