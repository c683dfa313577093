"""A desk by keys alone: events, alarms and the log, each step read at the service."""

from __future__ import annotations

from collections import Counter
from functools import partial

from backend_client.contract.alarms import AlarmState
from backend_client.contract.events import Close, EventState, Touch
from backend_client.contract.matches import Match, MatchState
from backend_client.contract.orders import Order, OrderState
from tests.end2end.hands import when
from tests.end2end.key_room import (
    MIDDLE,
    Room,
    alarm_of,
    choose,
    close_to,
    find,
    intake,
    pick_registered,
    registered,
    settle,
    until,
)

# ---- events --------------------------------------------------------------------------------


def an_event_from_intake_to_its_end_and_one_step_back(room: Room) -> None:
    hands = room.hands
    hands.go_to("DESK")
    first, _, keys = hands.desk(lambda desk: len(desk["queue"][2]) >= 8, "the queue")["queue"]
    for key, there in (("J", keys[1]), ("K", keys[0]), ("Down", keys[1]), ("Up", first)):
        hands.press(key)
        hands.desk(when(lambda desk, there: desk["queue"][0] == there, there), key)
    event_id = pick_registered(room)
    hands.press("Return")
    until(lambda: room.holder(event_id) == "dispatcher", "the claim")
    hands.press("S")
    until(lambda: room.event(event_id).state is EventState.ACCEPTED, "accepted")
    find(room, event_id)

    hands.press("P", front="PlaceQuestion")
    hands.tab_to("PlaceQuestion.lon")
    hands.answer("120.9", "32.02")
    until(lambda: (room.event(event_id).lon, room.event(event_id).lat) == (120.9, 32.02), "place")
    settle(room, event_id)

    proposed(room)
    hands.press("D")
    hands.until(lambda seen: seen["focus"] == "DispatchForm.unit", "the form")
    hands.tap("DispatchForm.spans")
    hands.tab_to("DispatchForm.hours")
    hands.type("6")
    hands.press("Return")
    hands.until(lambda seen: seen["focus"] == "DispatchForm.note", "the note")
    hands.type("by noon")
    hands.press("Return")
    until(lambda: room.event(event_id).state is EventState.DISPATCHED, "sent")
    settle(room, event_id)
    hands.press("Z")
    until(lambda: room.event(event_id).state is EventState.ACCEPTED, "undone")
    find(room, event_id)

    hands.press("X", front="CloseQuestion")
    hands.type("a new lid")
    hands.press("Ctrl+Return", front="Window")
    until(lambda: room.event(event_id).state is EventState.CLOSED, "closed")


def the_page_and_the_form_have_buttons_that_tab_reaches(room: Room) -> None:
    hands = room.hands
    event_id = pick_registered(room)
    hands.tap("EventPage.buttons")
    until(lambda: room.event(event_id).state is EventState.ACCEPTED, "accepted")
    find(room, event_id)
    proposed(room)
    hands.press("D")
    hands.tap("DispatchForm.send")
    until(lambda: room.event(event_id).state is EventState.DISPATCHED, "sent")
    hands.press("Escape")
    find(room, registered(room)[0])
    urgent = room.service.client("feed").intake(intake(90, level=1)).item_id
    hands.desk(lambda desk: urgent in desk["queue"][2], "the new event")
    hands.press("O")
    hands.desk(lambda desk: urgent in desk["queue"][2], "sorted")


def an_event_takes_every_side_path(room: Room) -> None:
    """Each side path once by letters out of the list; what came of it is read at the service."""
    hands = room.hands
    feed = room.service.client("feed")
    main_id, child_id = (feed.intake(intake(number)).item_id for number in (91, 92))
    _more(room, main_id, "R", front="CaseQuestion")
    hands.press("Escape", front="Window")  # left without a reason
    assert room.event(main_id).state is EventState.REGISTERED
    hands.press("S")
    until(lambda: room.event(main_id).state is EventState.ACCEPTED, "accepted")

    _more(room, child_id, "M", front="CaseQuestion")
    hands.type(main_id[-6:].upper())
    hands.press("Tab")
    hands.answer("the same lid")
    until(lambda: room.event(child_id).main_id == main_id, "merged")
    until(lambda: room.event(main_id).reports == 2, "counted")
    _reason(room, child_id, "P", "another lid")
    until(lambda: room.event(child_id).main_id is None, "parted")
    _reason(room, child_id, "R", "not ours")
    until(lambda: room.event(child_id).state is EventState.REFUSED, "refused")

    find(room, main_id)
    _send(room, main_id)
    _more(room, main_id, "B", front="CaseQuestion")
    hands.press("Tab")
    hands.answer("not our road")
    until(lambda: room.event(main_id).state is EventState.RETURNED, "sent back")
    _choice(room, main_id, "D", "Y", "another unit")
    until(lambda: room.event(main_id).state is EventState.ACCEPTED, "decided")
    find(room, main_id)
    _send(room, main_id)
    _reason(room, main_id, "V", "called twice")
    until(lambda: room.event(main_id).supervised is not None, "supervised")
    _reason(room, main_id, "U", "called again")
    until(lambda: _order(room, main_id).urged == 1, "urged")
    _unit(room, main_id, "A", orders=3)
    _unit(room, main_id, "T", orders=4)
    _orders_clock(room, main_id)
    _its_end(room, main_id)


def a_pair_is_judged_side_by_side(room: Room) -> None:
    """What the service finds alike is shown in the review, and judged there: yes, then no."""
    feed, hands = room.service.client("feed"), room.hands
    for first, press in ((94, "Y"), (96, "N")):
        for number in (first, first + 1):
            feed.intake(intake(number, lon=MIDDLE[0]))
        until(lambda: _pairs(room)[MatchState.OPEN], "a pair to judge")
        said = MatchState.SAME if press == "Y" else MatchState.APART
        before = _pairs(room)[said]
        hands.press("Shift+M")
        hands.tab_to("MergeReview.buttons")  # the pair has come
        if press == "Y":
            hands.press("Space")
        else:
            hands.press("Shift+M", press)
        until(partial(_more_said, room, said, before), f"said {said.value}")


def _more_said(room: Room, said: MatchState, before: int) -> bool:
    return _pairs(room)[said] > before


def _pairs(room: Room) -> Counter[MatchState]:
    items = room.clerk.items("match").items
    return Counter(one.state for one in items if isinstance(one, Match))


def _unit(room: Room, event_id: str, letter: str, *, orders: int) -> None:
    """Name a unit by a part of its name; wait for one more order."""
    _more(room, event_id, letter, front="CaseQuestion")
    room.hands.type("Urban Man")
    room.hands.press("Down", "Return")
    room.hands.tab_to("CaseQuestion.reason")
    room.hands.answer("at once")
    until(lambda: _orders(room, event_id) == orders, "one more order")


def _orders_clock(room: Room, event_id: str) -> None:
    """Sign at the service, then stop, start and lengthen the order's time."""
    lead = _order(room, event_id)
    room.clerk.sign_order(lead.item_id, Touch(version=lead.version))
    _reason(room, event_id, "H", "waits for parts")
    until(lambda: _order(room, event_id).state is OrderState.SUSPENDED, "suspended")
    _more(room, event_id, "I", front="Window")
    until(lambda: _order(room, event_id).state is OrderState.SIGNED, "resumed")
    _more(room, event_id, "E", front="CaseQuestion")
    room.hands.press("Down", "Tab")
    room.hands.answer("the part is late")
    until(lambda: _order(room, event_id).extension, "more time asked")
    _choice(room, event_id, "G", "Y", "it is true")
    until(lambda: getattr(_order(room, event_id).extension, "granted", False), "granted")


def _its_end(room: Room, event_id: str) -> None:
    """Report at the service, close, call back, do again, withdraw."""
    hands, lead = room.hands, _order(room, event_id)
    room.clerk.report_order(lead.item_id, Close(version=lead.version, answer="a new lid"))
    find(room, event_id)
    hands.press("X", front="CloseQuestion")
    hands.type("a new lid")
    hands.press("Ctrl+Return", front="Window")
    until(lambda: room.event(event_id).state is EventState.CLOSED, "closed")
    _choice(room, event_id, "C", "2", "")
    until(lambda: room.event(event_id).satisfaction, "called back")
    _reason(room, event_id, "O", "the lid rattles")
    until(lambda: room.event(event_id).redone == 1, "to do again")
    _reason(room, event_id, "W", "by the caller")
    until(lambda: room.event(event_id).state is EventState.WITHDRAWN, "withdrawn")


def lists_below_the_event_have_their_keys(room: Room) -> None:
    hands = room.hands
    urgent = room.service.client("feed").intake(intake(95)).item_id
    find(room, urgent)
    hands.press("M", front="MoreQuestion")
    hands.press("Up", "Return", front="CaseQuestion")  # the first of them, by Enter
    hands.press("Escape", front="Window")
    hands.press("Shift+S")
    hands.desk(lambda desk: desk["active"] == "TrailList", "every step")
    hands.press("Shift+Q")
    hands.desk(lambda desk: desk["active"] == "DueRows", "what is due")
    hands.press("Shift+H")
    hands.desk(lambda desk: desk["active"] == "HotRows", "hot spots")
    hands.press("Shift+I", "Shift+G", "Shift+G")
    hands.press("Shift+Q", "O", "Shift+M")
    hands.until(lambda seen: seen["focus"] == "Desk.review", "the review")
    hands.press("Escape")
    hands.tap("EventPage.buttons")
    until(lambda: room.event(urgent).state is EventState.ACCEPTED, "accepted by its button")
    hands.press("Escape")  # Space acknowledges again


def proposed(room: Room) -> str:
    """Wait until the form proposes a unit; give its department."""
    seen = room.hands.desk(lambda desk: desk["proposed"][1], "a unit proposed")
    return str(seen["proposed"][1])


def _send(room: Room, event_id: str) -> None:
    proposed(room)
    room.hands.press("D")
    room.hands.tab_to("DispatchForm.note")
    room.hands.press("Return")
    until(lambda: room.event(event_id).state is EventState.DISPATCHED, "sent")


def _more(room: Room, event_id: str, letter: str, *, front: str) -> None:
    """Open the list on an event and choose by letter."""
    find(room, event_id)
    order_id = room.event(event_id).order_id
    if order_id:
        version = _order(room, event_id).version
        room.hands.until(lambda seen: seen["orders"].get(order_id) == version, "the order here")
    room.hands.press("M", front="MoreQuestion")
    room.hands.press(letter, front=front)


def _reason(room: Room, event_id: str, letter: str, reason: str) -> None:
    _more(room, event_id, letter, front="CaseQuestion")
    room.hands.answer(reason)


def _choice(room: Room, event_id: str, letter: str, choice: str, reason: str) -> None:
    _more(room, event_id, letter, front="CaseQuestion")
    room.hands.press(choice)
    room.hands.answer(reason)


def _order(room: Room, event_id: str) -> Order:
    """Give the leading order as the service has it."""
    wanted = room.event(event_id).order_id
    found = (one for one in room.clerk.items("order").items if one.item_id == wanted)
    return next(one for one in found if isinstance(one, Order))


def _orders(room: Room, event_id: str) -> int:
    """Count the orders there were of an event."""
    found = room.clerk.items("order").items
    return sum(isinstance(one, Order) and one.event_id == event_id for one in found)


# ---- alarms --------------------------------------------------------------------------------


def alarms_are_acknowledged_folded_and_shelved(room: Room) -> None:
    hands = room.hands
    hands.press("A")
    hands.desk(lambda desk: desk["active"] == "AlarmList", "the alarms")
    first, second, third = (alarm_of(room, f"station {number}:") for number in range(3))
    choose(hands, "alarms", first)
    hands.press("Space")
    until(lambda: room.alarm(first).state is AlarmState.ACKNOWLEDGED, "acknowledged")
    choose(hands, "alarms", second)
    hands.press("I", front="ReasonQuestion")
    hands.answer("seen")
    until(lambda: room.alarm(second).note == "seen", "the comment")

    choose(hands, "alarms", third)
    hands.press("F", front="ReasonQuestion")
    hands.type("never mind")
    hands.tap("Question.back")
    hands.until(lambda seen: seen["front"] == "Window", "back")
    hands.press("F", front="ReasonQuestion")
    hands.type("repair")
    hands.tab_to("ReasonQuestion.span")
    hands.press("Down", "Return", front="Window")
    until(lambda: room.alarm(third).state is AlarmState.SHELVED, "shelved")
    hands.press("T")
    hands.desk(lambda desk: desk["alarms"][0] == third, "what is shelved")
    hands.press("T", "T")
    hands.desk(lambda desk: desk["alarms"][2] == "None", "what stands")

    choose(hands, "alarms", "family:gas.gas.pressure")
    folded = hands.look()["desk"]["alarms"][1]
    hands.press("G")
    hands.desk(lambda desk: desk["alarms"][1] == folded + 2, "unfolded")
    hands.press("G")
    hands.desk(lambda desk: desk["alarms"][1] == folded, "folded")
    hands.press("Space", front="ReasonQuestion")
    hands.answer("one crew sent")
    fourth = alarm_of(room, "station 4:")
    until(lambda: room.alarm(fourth).state is AlarmState.ACKNOWLEDGED, "all of the family")

    hands.press("Ctrl+J")
    leader = room.service.client("leader")
    until(lambda: any(one.muted_until for one in leader.alarm_loads().seats), "mute")
    hands.press("Ctrl+J")
    until(lambda: not any(one.muted_until for one in leader.alarm_loads().seats), "sound")


# ---- shift log -----------------------------------------------------------------------------


def the_log_is_written_corrected_reopened_and_handed_over(room: Room) -> None:
    hands, clerk = room.hands, room.clerk
    hands.press("Escape", "R")
    page = hands.desk(lambda desk: desk["active"] == "LogList", "the log")["page"]

    def lines() -> list[str]:
        return [line.text.zh for line in clerk.shift_lines(page).rows]

    hands.press(";", front="LineQuestion")
    hands.answer("pump three looked at")
    until(lambda: "pump three looked at" in lines(), "the line")
    number = str(lines().index("pump three looked at") + 1)
    seen = hands.desk(lambda desk: "pump three looked at" in desk["lines"], "the line here")
    choose(hands, "line", number)
    hands.press("Shift+Left")
    hands.desk(lambda desk: desk["camera"] != seen["camera"], "the map elsewhere")
    hands.press("Return")
    hands.desk(lambda desk: close_to(desk["camera"], seen["camera"]), "the line's place")
    hands.press("Alt+End")
    hands.until(lambda seen: not seen["replay"], "now again")

    hands.press("R")
    choose(hands, "line", number)
    hands.press("C", front="LineQuestion")
    hands.answer("pump four, not three")
    until(lambda: "pump four, not three" in lines(), "the correction")
    hands.desk(lambda desk: len(desk["pages"]) > 1, "the other groups' logs", 30)
    hands.press("Shift+R")
    hands.desk(lambda desk: desk["page"] != page, "another log")
    for _ in range(12):
        if hands.look()["desk"]["page"] == page:
            break
        hands.press("Shift+R")

    hands.press("H", front="HandoverQuestion")
    operator = room.service.account("operator")
    hands.answer("operator", operator["password"], room.hands.codes.fresh("operator"))
    until(lambda: room.page(page).state == "locked", "the page locked by two signatures")
