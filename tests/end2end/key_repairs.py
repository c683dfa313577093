"""The repair list by keys alone: two reports the door refused, one mended, one set aside."""

from __future__ import annotations

from contextlib import suppress

from backend_client.contract.events import Event
from backend_client.contract.repairs import RepairState
from backend_client.errors import Refused
from backend_client.repairs import repairs
from tests.end2end.key_room import Room, intake, until


def what_the_door_refused_is_mended_or_set_aside(room: Room) -> None:
    hands, feed = room.hands, room.service.client("feed")
    for number in (70, 71, 72):
        with suppress(Refused):
            feed.intake(intake(number, lon=32.01, lat=120.91))

    def open_rows() -> int:
        return len(repairs(room.clerk, state=RepairState.OPEN).rows)

    until(lambda: open_rows() == 3, "three refused")
    hands.press("Escape")
    hands.press("Shift+U", front="RepairsDialog")
    hands.until(lambda seen: seen["rows"] == 3, "the list")
    hands.press("Return")
    hands.type("120.91")
    hands.press("Tab")
    hands.type("32.01")
    hands.press("Ctrl+Return")
    until(lambda: open_rows() == 2, "handed in again")
    found = [one for one in room.clerk.items("event").items if isinstance(one, Event)]
    (mended,) = [one for one in found if one.intake_id == "keys-72"]
    assert (mended.lon, mended.lat) == (120.91, 32.01)
    hands.until(lambda seen: seen["rows"] == 2, "two left")
    hands.press("Return")
    hands.type("120.92")
    hands.press("Tab")
    hands.type("32.01")
    hands.tap("RepairsDialog.hand_in")
    hands.until(lambda seen: seen["rows"] == 1, "one left")
    hands.tab_to("RepairsDialog.reason")
    hands.type("a test call")
    hands.tap("RepairsDialog.drop")
    until(lambda: open_rows() == 0, "set aside")
    dropped = repairs(room.clerk, state=RepairState.DROPPED).rows
    assert [one.note for one in dropped] == ["a test call"]
    hands.press("Escape", front="Window")
