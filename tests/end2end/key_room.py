"""What a run by keys is checked against and what it is given: service, devices, disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend_client.client import Client
from backend_client.contract.alarms import Alarm, CauseIn, Causes
from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.events import Channel, Event, EventState, Intake
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.gates import CommandStatus
from backend_client.contract.shifts import ShiftPage
from tests.end2end.hands import Hands, when
from tests.end2end.stack import Service, wait_for
from tests.end2end.test_gate_line import Site

MIDDLE = (120.91, 32.01)


@dataclass
class Room:
    """The hands, and everything they are checked against."""

    hands: Hands
    service: Service
    plant: Site
    clerk: Client
    exports: Path

    def event(self, item_id: str) -> Event:
        found = self.clerk.item("event", item_id)
        assert isinstance(found, Event)
        return found

    def alarm(self, item_id: str) -> Alarm:
        found = self.clerk.item("alarm", item_id)
        assert isinstance(found, Alarm)
        return found

    def page(self, item_id: str) -> ShiftPage:
        found = self.clerk.item("shift_page", item_id)
        assert isinstance(found, ShiftPage)
        return found

    def command(self, item_id: str) -> CommandStatus:
        return self.clerk.command(item_id).status

    def holder(self, item_id: str) -> str:
        """Name who has an event in hand."""
        for one in self.clerk.items("claim").items:
            if isinstance(one, Claim) and one.item_id == item_id:
                return one.holder.person_id
        return ""

    def files(self, ending: str) -> list[Path]:
        return sorted(self.exports.glob(f"*{ending}"))

    def has_more(self, ending: str, count: int) -> bool:
        return len(self.files(ending)) > count

    def shapes(self) -> int:
        """Count the drawings on everybody's map."""
        return {one.layer: one.count for one in self.clerk.layers().layers}.get("drawings", 0)


def cause(number: int, **more: object) -> CauseIn:
    fields: dict[str, object] = {
        "cause": f"valve-{number}",
        "layer": "utilities",
        "level": 3,
        "title": Text(f"{number} 号调压站压力低", f"station {number}: pressure low"),
        "action": Text("派人核查", "send somebody to look"),
        "owner": Text("燃气公司", "gas company"),
        "region": "320613",
        "department": "D33",
        "observed_at": datetime.now(UTC),
        **more,
    }
    return CauseIn.model_validate(fields)


def intake(number: int, **more: object) -> Intake:
    fields: dict[str, object] = {
        "intake_id": f"keys-{number}",
        "channel": Channel.WEB,
        "title": f"井盖缺失 {number}",
        "text": "路口井盖缺失",
        "region": "320612",
        "lon": MIDDLE[0] + 0.002 * number,
        "lat": MIDDLE[1],
        "reported_at": datetime.now(UTC),
        **more,
    }
    return Intake.model_validate(fields)


def stock(service: Service) -> None:
    """Put one station, eight events and six alarms, three of them of one family, into the city."""
    feed = service.client("feed")
    station = FeatureIn(
        id="keys-station",
        kind="level_station",
        name="keyed station",
        lon=MIDDLE[0],
        lat=MIDDLE[1],
        region="320612",
        value=2.5,
        observed_at=datetime.now(UTC),
        properties={"generated": True},
    )
    feed.upsert("water", Upsert(features=(station,)))
    for number in range(8):
        feed.intake(intake(number))
    raised = [cause(number, family=f"valve{number}") for number in range(3)]
    raised += [cause(number, family="gas.pressure", level=4) for number in range(3, 6)]
    feed.tell_causes(Causes(source="gas", raised=tuple(raised)))


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait for what the service says."""
    return wait_for(holds, 15, what)


def choose(hands: Hands, listed: str, wanted: str) -> None:
    """Walk up and then down a list of the desk until a row is chosen."""
    for key in "KJ":
        before = None
        while (at := chosen_in(hands, listed)) != before:
            if at == wanted:
                return
            before = at
            hands.press(key)
    raise AssertionError(f"{wanted} is not among {listed}")


def chosen_in(hands: Hands, listed: str) -> str:
    seen = hands.look()["desk"][listed]
    return str(seen[0] if isinstance(seen, list) else seen)


def registered(room: Room) -> list[str]:
    """Give the events nobody has accepted, as the service has them."""
    found = room.clerk.items("event").items
    return [
        one.item_id
        for one in found
        if isinstance(one, Event) and one.state is EventState.REGISTERED
    ]


def settle(room: Room, event_id: str) -> None:
    """Wait until the console has an event as the service has it."""
    version = room.event(event_id).version
    room.hands.until(lambda seen: seen["events"].get(event_id) == version, "the same version")


def find(room: Room, event_id: str, *, settled: bool = True) -> None:
    """Turn the queue until an event is in it, and choose it."""
    hands = room.hands
    if settled:
        settle(room, event_id)
    hands.press("Escape")
    for _ in range(6):
        if event_id in hands.look()["desk"]["queue"][2]:
            choose(hands, "queue", event_id)
            return
        before = hands.look()["desk"]["queue"][1]
        hands.press("Q")
        hands.desk(when(lambda desk, was: desk["queue"][1] != was, before), "another queue")
    raise AssertionError(f"{event_id} is in no queue")


def pick_registered(room: Room) -> str:
    """Choose the first event nobody has accepted; give its id."""
    chosen = registered(room)[0]
    find(room, chosen)
    return chosen


def alarm_of(room: Room, words: str) -> str:
    """Give the alarm of a title."""
    return next(
        one.item_id
        for one in room.clerk.items("alarm").items
        if isinstance(one, Alarm) and words in one.title.en
    )


def close_to(here: Any, there: Any) -> bool:
    """Tell whether two cameras look at the same place."""
    return bool(here) and all(abs(a - b) < 1e-3 for a, b in zip(here, there, strict=True))
