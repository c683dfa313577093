"""What is understood of an event by keys alone: taken over; its photos; many events at once."""

from __future__ import annotations

from backend_client.attachments import attach
from backend_client.contract.claims import Claiming
from backend_client.contract.events import EventState
from tests.end2end.hands import when
from tests.end2end.key_room import Room, choose, find, intake, settle, until
from tests.media import png

MANY = (101, 102, 103)


def the_reading_is_shown_and_taken_over(room: Room) -> None:
    """A class out of the tree, then one out of the reading, a unit, and a case like it."""
    hands, feed = room.hands, room.service.client("feed")
    old = feed.intake(intake(99, title="路灯不亮", text="路口路灯不亮漆黑一片")).item_id
    find(room, old)
    hands.press("S")
    until(lambda: room.event(old).state is EventState.ACCEPTED, "accepted")
    settle(room, old)
    find(room, old)
    hands.press("X", front="CloseQuestion")
    hands.type("new bulbs")
    hands.press("Ctrl+Return", front="Window")
    until(lambda: room.event(old).state is EventState.CLOSED, "closed")

    new = feed.intake(intake(100, title="路灯不亮", text="路口路灯又不亮漆黑一片")).item_id
    find(room, new)
    hands.press("Shift+C", front="ClassifyQuestion")
    hands.type("0101")
    hands.tab_to("ClassifyQuestion.level")
    hands.press("Down", "Return", front="Window")
    until(lambda: room.event(new).matter == "0101", "classified by typing")
    settle(room, new)
    hands.press("Shift+V")
    hands.desk(lambda desk: "class:0102" in desk["reading"][1], "the reading")
    choose(hands, "reading", "class:0102")
    hands.press("Return", front="ClassifyQuestion")
    hands.press("Return", front="Window")
    until(lambda: room.event(new).matter == "0102", "the reading's class")

    settle(room, new)
    find(room, new)
    hands.press("S")
    until(lambda: room.event(new).state is EventState.ACCEPTED, "accepted")
    find(room, new)
    hands.press("Shift+V")
    case = f"case:{old}"
    hands.desk(lambda desk: case in desk["reading"][1], "the case like it", 40)
    choose(hands, "reading", case)
    hands.press("Return", front="CloseQuestion")
    hands.type(" again")
    hands.press("Ctrl+Return", front="Window")
    until(lambda: room.event(new).answer == "new bulbs again", "its answer as the draft")


def photos_are_looked_at(room: Room) -> None:
    """A citizen's photo is opened by its key."""
    hands, feed = room.hands, room.service.client("feed")
    file = attach(feed, png(), "image/png", name="lamp.png", region="320612")
    event = feed.intake(intake(98, attachments=(file.attachment_id,))).item_id
    find(room, event)
    hands.press("Shift+P", front="PhotoViewer")
    hands.press("Right", "Return", front="Window")
    hands.press("S")
    until(lambda: room.event(event).state is EventState.ACCEPTED, "accepted")
    find(room, event)
    hands.press("X", front="CloseQuestion")
    hands.press("Alt+P", front="PhotoViewer")
    hands.press("Return", front="CloseQuestion")
    hands.press("Escape", front="Window")


def many_are_done_at_once(room: Room) -> None:
    """Three events are marked: classified together, two merged, the last accepted; one refused."""
    hands, feed = room.hands, room.service.client("feed")
    made = {feed.intake(intake(number, level=1)).item_id for number in MANY}
    for one in made:
        settle(room, one)
    find(room, next(iter(made)))
    hands.press("O")
    row = [one for one in hands.look()["desk"]["queue"][2] if one in made]
    _mark(room, row, key="Shift+J")
    hands.press("Shift+B", front="BulkQuestion")
    hands.press("C", front="ClassifyQuestion")
    hands.type("0103")
    hands.press("Return", front="Window")
    until(lambda: all(room.event(one).matter == "0103" for one in row), "all classified")

    _mark(room, row[:2])  # the second of them is selected: the first goes into it
    hands.press("Shift+B", front="BulkQuestion")
    hands.press("M", front="Window")
    until(lambda: room.event(row[0]).main_id == row[1], "merged")
    _mark(room, row[1:])
    hands.press("Shift+B", front="BulkQuestion")
    hands.tap("BulkQuestion.go")  # the first of the list: accept
    until(lambda: _are(room, row[1:], EventState.ACCEPTED), "accepted")

    more = {feed.intake(intake(number, level=1)).item_id for number in (105, 106)}
    for one in more:
        settle(room, one)
    find(room, next(iter(more)))
    hands.press("O")
    row = [one for one in hands.look()["desk"]["queue"][2] if one in more]
    _mark(room, row)
    leader = room.service.client("operator")
    leader.claim_event(row[0], Claiming())  # a colleague has it in hand
    hands.press("Shift+B", front="BulkQuestion")
    hands.press("R", front="ManyReason")
    hands.answer("not ours", front="BulkResult")
    hands.press("Return", front="Window")
    until(lambda: room.event(row[1]).state is EventState.REFUSED, "the other is refused")
    assert room.event(row[0]).state is EventState.REGISTERED
    leader.release_event(row[0])  # free again for what comes later
    hands.press("Escape")


def _mark(room: Room, row: list[str], *, key: str = "Shift+K") -> None:
    """Mark rows that stand one below the other, from one end; the last one is selected then."""
    hands = room.hands
    for one in row:
        settle(room, one)
    find(room, row[-1] if key == "Shift+K" else row[0])
    hands.press("Shift+Space", "Shift+Space")  # marked and unmarked again
    for _ in row[1:]:
        hands.press(key)
    choose(hands, "queue", row[-1])
    hands.desk(when(lambda desk, want: set(desk["marked"]) == set(want), row), "marked")


def _are(room: Room, ids: list[str], state: EventState) -> bool:
    return all(room.event(one).state is state for one in ids)
