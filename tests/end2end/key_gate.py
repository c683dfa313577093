"""A sluice moved by two persons, stopped, taken back, by keys alone; the device's log decides."""

from __future__ import annotations

from contextlib import suppress

from backend_client.contract.gates import CommandStatus
from tests.end2end.hands import Seen
from tests.end2end.key_room import Room, until

REASON, ORDER = "lower the river", "DD-2026-118"
S = CommandStatus
TRIES = 5
ANSWER_S = 4.0
HEAD_M = 0.4  # of the 0.8 m a calm sluice is given, what must be left of it when a command is asked


def the_sluice(room: Room) -> str:
    """Choose the first sluice of the list and make it fit to be opened."""
    hands = room.hands
    hands.press("Escape", "G")
    gate = str(
        hands.desk(lambda desk: desk["active"] == "Gates" and desk["gates"], "list")["gates"]
    )
    calmed(room, gate)
    return gate


def calmed(room: Room, gate: str) -> None:
    """Make a sluice fit to be opened, and wait until the service has read that it is."""
    room.plant.calm(gate)

    def falls() -> bool:
        seen, _tag = room.clerk.device(gate)
        inner_m, outer_m = seen.inner_level_m, seen.outer_level_m
        return inner_m is not None and outer_m is not None and inner_m - outer_m >= HEAD_M

    until(falls, "the tide low at it")


def ask(room: Room, target: str, *, button: bool = False) -> str:
    """Type a wish into the open panel and send it; give the command's id."""
    hands = room.hands
    before = hands.look()["desk"]

    def is_new(step: list[str]) -> bool:
        return bool(step) and step[0] not in before["step"]

    until(lambda: not moves(room, before["gate"]), "at rest")
    calmed(room, before["gate"])
    seq = max(int(str(row.get("at_seq", 0))) for row in room.plant.log(before["gate"]))
    hands.desk(lambda desk: desk["seq"] >= seq, "the device as it is now")
    hands.tab_to("AskForm.target")
    hands.press("Ctrl+A")
    hands.type(target)
    hands.tab_to("AskForm.reason")
    hands.type(REASON)
    hands.press("Return")
    hands.until(lambda seen: seen["focus"] == "AskForm.number", "Return goes on")
    hands.type(ORDER)
    asked = before
    for _ in range(TRIES):  # the gate may have moved on meanwhile: a person then asks anew
        if button:
            hands.tap("AskForm.send")
        else:
            hands.tab_to("AskForm.number")
            hands.press("Return")
        with suppress(AssertionError):
            asked = hands.desk(lambda desk: is_new(desk["step"]), "asked for", ANSWER_S)
            break
    assert asked["step"][1] == S.REQUESTED, asked
    return str(asked["step"][0])


def consent(room: Room, account: str, *, button: bool = False) -> None:
    """Type another person's account, password and fresh code where the keys are."""
    hands = room.hands
    hands.until(lambda seen: seen["focus"] == "SecondForm.account", "the second person")
    hands.type(account)
    hands.press("Return")
    hands.type(room.service.account(account)["password"])
    hands.press("Return")
    hands.type(hands.codes.fresh(account))
    if button:
        hands.tap("SecondForm.execute")
    else:
        hands.press("Return")


def opening(room: Room, gate: str) -> float:
    return float(room.plant.door.get(f"/devices/{gate}").json()["bays"][0]["opening_m"])


def moves(room: Room, gate: str) -> bool:
    return any(one["moving"] for one in room.plant.door.get(f"/devices/{gate}").json()["bays"])


def two_persons_move_a_sluice_and_one_stops_it(room: Room) -> str:
    hands = room.hands
    gate = the_sluice(room)
    hands.press("Return", front="GatePanel")
    hands.tap("AskForm._bay_buttons")
    hands.press("Space")
    command = ask(room, "0.20")
    asked_only = room.plant.wire(gate)
    assert asked_only == []  # one person moves nothing
    consent(room, "duty")
    until(lambda: room.command(command) is S.CONFIRMED, "confirmed")
    assert room.plant.wire(gate) == [("select", command), ("operate", command)]
    assert abs(opening(room, gate) - 0.20) < 0.02

    hands.tap("GatePanel.again_button")
    command = ask(room, "1.50", button=True)
    consent(room, "leader", button=True)
    until(lambda: moves(room, gate), "in travel")
    hands.hold("F12")
    until(lambda: room.command(command) is S.ABORTED, "stopped")
    assert 0.2 <= opening(room, gate) < 1.5
    stops = [row for row in room.plant.log(gate) if row["what"] == "stop"]
    hands.tap("GatePanel.stop_button")
    until(
        lambda: len([row for row in room.plant.log(gate) if row["what"] == "stop"]) > len(stops),
        "STOP by its button",
    )
    return gate


def a_command_is_taken_back(room: Room, gate: str) -> None:
    hands = room.hands
    hands.until(lambda seen: seen["front"] == "GatePanel", "the panel")
    hands.tap("GatePanel.again_button")
    command = ask(room, "1.20")
    hands.tap("SecondForm.back")
    until(lambda: room.command(command) is S.ABORTED, "taken back")


def what_waits_is_opened_by_enter(room: Room, gate: str) -> str:
    """Ask, leave, and come back to the same command from the list of sluices."""
    hands = room.hands
    hands.tap("GatePanel.again_button")
    command = ask(room, "1.40")
    hands.press("Escape", front="Window")
    hands.press("Return", front="GatePanel")
    seen = hands.desk(lambda desk: desk["gate"] == gate, "the panel")
    assert seen["step"] == [command, S.REQUESTED]
    hands.press("Escape", front="Window")
    return command


def a_running_command_is_aborted(room: Room, command: str, seen: Seen) -> None:
    """Consent to what waits, then take it back while the leaf travels."""
    hands = room.hands
    assert seen["step"] == [command, S.REQUESTED]
    calmed(room, seen["gate"])
    consent(room, "duty")
    until(lambda: moves(room, seen["gate"]), "in travel")
    hands.tap("GatePanel.abort_button")
    until(lambda: room.command(command) is S.ABORTED, "aborted")
    hands.press("Escape", front="Window")
