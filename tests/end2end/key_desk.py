"""A desk by keys alone: events, alarms and the log, each step read at the service."""

from __future__ import annotations

from backend_client.contract.alarms import AlarmState
from backend_client.contract.events import EventState
from tests.end2end.hands import when
from tests.end2end.key_room import (
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

    hands.press("D")
    hands.until(lambda seen: seen["focus"] == "DispatchForm.unit", "the form")
    hands.tap("DispatchForm.spans")
    hands.tab_to("DispatchForm.note")
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
    hands.press("D")
    hands.tap("DispatchForm.send")
    until(lambda: room.event(event_id).state is EventState.DISPATCHED, "sent")
    hands.press("Escape")
    find(room, registered(room)[0])
    urgent = room.service.client("feed").intake(intake(90, level=1)).item_id
    hands.desk(lambda desk: urgent in desk["queue"][2], "the new event")
    hands.press("O")
    hands.desk(lambda desk: urgent in desk["queue"][2], "sorted")


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
