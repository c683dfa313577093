"""A gate command over real processes, believed only where the device's own log says so."""

from __future__ import annotations

import json
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from backend_client.client import Client
from backend_client.contract.auth import Role
from backend_client.contract.gates import (
    TERMINAL,
    Authorise,
    CommandRequest,
    CommandStatus,
    Gate,
    GateCommand,
    Stop,
)
from backend_client.errors import ClientError, Refused, Unreachable
from tests.end2end.hands import Codes
from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = pytest.mark.end2end

GATE, SECOND, THIRD, INLAND = "NT-S34", "NT-S33", "NT-S32", "NT-S01"
GATES = tuple(f"NT-S{number}" for number in range(25, 35) if number != 28)
KILLS = 20
SPEED = 30.0  # times life: a metre takes some 2 s
S = CommandStatus


@dataclass
class Site:
    """The devices' own process: its log, and the hand that can reach into it."""

    data: Path
    process: subprocess.Popen[bytes]
    door: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        file = self.data / "plant" / "plant.json"
        wait_for(file.exists, 20, "plant door")
        told = json.loads(file.read_text(encoding="utf-8"))
        self.door = httpx.Client(
            base_url=told["url"], headers={"Authorization": f"Bearer {told['token']}"}
        )

    def hand(self, gate: str, **wish: object) -> None:
        """Do something on site or plant a fault."""
        self.door.post(f"/devices/{gate}/maintenance", json=wish).raise_for_status()

    def calm(self, *gates: str) -> None:
        """Make gates fit to be opened: the tide held, a little head, no vessels."""
        for gate in gates:
            outer_m = self.door.get(f"/devices/{gate}").json()["outer_m"]
            self.hand(gate, outer_m=outer_m, inner_m=outer_m + 0.8, vessels=0)

    def log(self, gate: str) -> list[dict[str, object]]:
        """Read what the device wrote down."""
        return [row for row in self.rows() if row["device"] == gate]

    def rows(self) -> list[dict[str, object]]:
        """Read what all devices wrote down."""
        text = (self.data / "plant" / "device.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def asked(self) -> list[dict[str, object]]:
        """Give every word any device was ever sent about a command, taken or refused."""
        return [row for row in self.rows() if row["what"] in {"select", "operate", "refused"}]

    def wire(self, gate: str) -> list[tuple[str, str]]:
        """Give every accepted select and operate, with its command."""
        kept = [row for row in self.log(gate) if row["what"] in {"select", "operate"}]
        return [(str(row["what"]), str(row["command_id"])) for row in kept]


@contextmanager
def site(data: Path, *, speed: float) -> Iterator[Site]:
    """Run the devices' process by itself, faster than life."""
    words = [sys.executable, "-m", "backend", "plant", "--data", str(data), "--speed", str(speed)]
    process = subprocess.Popen(words, cwd=ROOT)
    made = None
    try:
        made = Site(data, process)
        yield made
    finally:
        if made is not None:
            made.door.close()
        process.terminate()
        process.wait(10)


def ready(client: Client, gate: str) -> tuple[Gate, str]:
    """Wait until a gate is online, at rest and in nobody's hand; give it with its tag."""

    def look() -> tuple[Gate, str] | None:
        try:
            seen, tag = client.device(gate)
        except ClientError:
            return None
        free = seen.link == "online" and seen.held_by is None and seen.fence > 0
        return (seen, tag) if free and not any(b.moving for b in seen.bays) else None

    found: tuple[Gate, str] = wait_for(look, 40, f"{gate} ready")
    return found


def wish_of(seen: Gate, target_m: float) -> CommandRequest:
    return CommandRequest(
        bays=(1,),
        present_m=(seen.bays[0].opening_m,),
        target_m=target_m,
        reason="预降内河水位",
        dispatch_no="通防调〔2026〕15号",
    )


def ask(client: Client, gate: str, target_m: float, *, tag: str = "") -> GateCommand:
    seen, own = ready(client, gate)
    wish = wish_of(seen, target_m)
    return client.request_command(gate, wish, key=secrets.token_hex(12), tag=tag or own)


def ask_anew(client: Client, gate: str, target_m: float) -> GateCommand:
    """Ask, and look again when a fresh service has just taken the gate over."""

    def look() -> GateCommand | None:
        try:
            return ask(client, gate, target_m)
        except Refused as no:
            if no.problem.code not in {"state_moved", "device_offline"}:
                raise
            return None

    found: GateCommand = wait_for(look, 40, f"{gate} asked")
    return found


def consent(client: Client, command: GateCommand, code: str) -> GateCommand:
    body = Authorise(body_hash=command.body_hash, totp=code)
    return client.authorise_command(command.item_id, body, version=command.version)


def ended(client: Client, command_id: str, limit_s: float = 40.0) -> GateCommand:
    def look() -> GateCommand | None:
        try:
            command = client.command(command_id)
        except Unreachable:
            return None
        return command if command.status in TERMINAL else None

    found: GateCommand = wait_for(look, limit_s, f"{command_id} ended")
    return found


@contextmanager
def refused(plant: Site, status: int, code: str) -> Iterator[None]:
    """Expect this refusal, in both languages, and that no device heard a word of it."""
    before = plant.asked()
    with pytest.raises(Refused) as no:
        yield
    assert (no.value.problem.status, no.value.problem.code) == (status, code)
    assert no.value.problem.what.zh
    assert no.value.problem.todo.en
    assert plant.asked() == before


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give the devices' own process, once for all tests here."""
    with site(tmp_path_factory.mktemp("line") / "data", speed=SPEED) as running:
        running.calm(INLAND, *GATES)
        yield running


@pytest.fixture(scope="module")
def service(plant: Site) -> Iterator[Service]:
    """Give a running service over these devices."""
    running = Service(plant.data).start()
    yield running
    running.stop()


def test_one_person_moves_nothing_two_persons_move_the_gate_and_stop_halts_it(
    service: Service, plant: Site
) -> None:
    codes = Codes(service)
    asker = service.client("dispatcher", second_factor=True)
    duty, leader = service.client("duty"), service.client("leader")
    county = service.client("dispatcher_rudong", second_factor=True)

    seen, tag = ready(asker, INLAND)
    with refused(plant, 404, "not_found"):  # somebody else's county is not even there
        county.request_command(INLAND, wish_of(seen, 0.5), key=secrets.token_hex(12), tag=tag)
    plant.hand(INLAND, link="down")  # it takes a while to count as offline

    command = ask(asker, GATE, 0.5)
    assert command.status is S.REQUESTED
    with refused(plant, 403, "forbidden"):  # who may ask may not consent
        consent(asker, command, codes.fresh("dispatcher"))
    code = codes.fresh("duty")
    assert consent(duty, command, code).status is S.AUTHORISED
    assert ended(asker, command.item_id).status is S.CONFIRMED
    assert plant.wire(GATE) == [("select", command.item_id), ("operate", command.item_id)]
    assert asker.device(GATE)[0].bays[0].opening_m == pytest.approx(0.5, abs=0.01)

    second = ask(asker, SECOND, 0.5)
    with refused(plant, 403, "used_totp"):  # a code works once
        consent(duty, second, code)
    asker.abort_command(second.item_id)
    with refused(plant, 412, "state_moved"):  # a picture the gate no longer shows
        ask(asker, GATE, 0.2, tag='"1.1"')

    _offline(asker, plant, seen, tag)
    _stop(asker, leader, plant, codes)


def _offline(asker: Client, plant: Site, seen: Gate, tag: str) -> None:
    wait_for(lambda: asker.device(INLAND)[0].link == "offline", 30, "offline")
    for _ in range(10):
        with refused(plant, 503, "device_offline"):
            asker.request_command(INLAND, wish_of(seen, 0.3), key=secrets.token_hex(12), tag=tag)
    plant.hand(INLAND, link="up")
    ready(asker, INLAND)
    assert plant.wire(INLAND) == []


def _stop(asker: Client, leader: Client, plant: Site, codes: Codes) -> None:
    target_m = 3.0
    command = ask(asker, GATE, target_m)
    assert command.status is S.REQUESTED, command.interlocks
    consent(leader, command, codes.fresh("leader"))
    wait_for(
        lambda: plant.door.get(f"/devices/{GATE}").json()["bays"][0]["moving"], 15, "in travel"
    )
    pressed = time.time()
    assert asker.stop_device(GATE, Stop(reason="有人落水")).accepted
    stop = next(row for row in plant.log(GATE) if row["what"] == "stop")
    assert datetime.fromisoformat(str(stop["at"])).timestamp() - pressed < 1.0
    assert ended(asker, command.item_id).status is S.ABORTED
    opening_m = asker.device(GATE)[0].bays[0].opening_m
    assert 0.5 <= opening_m < target_m
    assert [what for what, _ in plant.wire(GATE)].count("operate") == 2


def test_who_asked_never_consents_not_even_once_made_duty_leader(
    service: Service, plant: Site
) -> None:
    service.forget_codes()
    asker = service.client("operator", second_factor=True)
    dispatcher = service.client("dispatcher", second_factor=True)
    command = ask(asker, SECOND, 0.5)
    words = ["accounts", "role", "operator", Role.DUTY_LEADER, "--data", str(service.data)]
    subprocess.run([sys.executable, "-m", "backend", *words], cwd=ROOT, check=True)
    service.forget_codes()
    code = service.totp("operator").now()
    with refused(plant, 403, "same_person"):
        consent(asker, command, code)
    assert asker.command(command.item_id).status is S.REQUESTED

    # The new role does let them consent: to what somebody else asked for.
    other = ask(dispatcher, THIRD, 0.5)
    assert consent(asker, other, code).status is S.AUTHORISED
    assert ended(asker, other.item_id).status is S.CONFIRMED
    assert plant.wire(THIRD) == [("select", other.item_id), ("operate", other.item_id)]
    asker.abort_command(command.item_id)
    assert plant.wire(SECOND) == []


def test_killed_at_twenty_moments_no_command_is_sent_twice_and_every_doubt_is_settled(
    service: Service, plant: Site
) -> None:
    earlier = {of for gate in GATES for _, of in plant.wire(gate)}
    plant.calm(*GATES)
    commands = _kill_again_and_again(service, plant)
    service.stop()
    _weigh(plant, commands, earlier)


def _kill_again_and_again(service: Service, plant: Site) -> dict[str, GateCommand]:
    draw = random.Random(7)
    service.forget_codes()
    asker = service.client("dispatcher", second_factor=True)
    duty = service.client("duty")
    commands: list[str] = []
    for turn in range(KILLS):
        command = ask_anew(asker, GATES[turn % len(GATES)], round(draw.uniform(0.2, 2.5), 2))
        commands.append(command.item_id)
        if command.status is S.REQUESTED:
            consent(duty, command, service.totp("duty").now())
        time.sleep(draw.choice((0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.5, 1.5)))
        service.kill()
        service.forget_codes()
        plant.calm(*GATES)  # open gates let the head run out
        service.start()
    return {command_id: ended(asker, command_id) for command_id in commands}


def _weigh(plant: Site, commands: dict[str, GateCommand], earlier: set[str]) -> None:
    """Compare what the service says with what the devices wrote down."""
    wire = [pair for gate in GATES for pair in plant.wire(gate) if pair[1] not in earlier]
    for command_id, command in commands.items():
        words = [what for what, of in wire if of == command_id]
        assert words in (["select", "operate"], ["select"], []), (command_id, words)
        operated = "operate" in words
        assert command.status is not S.CONFIRMED or operated, "confirmed but never executed"
        assert command.status is not S.REJECTED or not operated, "said no but executed"
    assert {of for _, of in wire} <= set(commands)
    ends = {command.status for command in commands.values()}
    assert any(what == "operate" for what, _ in wire), "no kill came late enough"
    assert S.REJECTED in ends, "no kill came early enough"
