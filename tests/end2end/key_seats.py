"""Another person at the same seat by keys alone: a maintainer's file, a duty leader's steps."""

from __future__ import annotations

from backend_client.contract.alarms import AlarmState
from backend_client.contract.claims import Claiming
from tests.end2end.hands import when
from tests.end2end.key_room import Room, alarm_of, choose, find, registered, until

HEAD = "id,name,lon,lat,kind\n"


def a_file_is_brought_in(room: Room) -> None:
    hands = room.hands
    hands.go_to("DESK")
    hands.sign_out()
    hands.sign_in("maintainer")
    file = room.exports.parent / "stations.csv"
    rows = "".join(f"K{n},gauge {n},{120.9 + n / 1000:.3f},32.0,level_station\n" for n in range(5))
    file.write_text(HEAD + rows, encoding="utf-8")
    before = {one.layer: one.count for one in room.clerk.layers().layers}.get("water", 0)
    hands.press("Ctrl+O", front="QFileDialog")
    hands.type(str(file))
    hands.press("Return", front="ImportDialog")
    hands.tab_to("ImportDialog.layer")
    hands.type("Water")
    hands.until(lambda seen: seen["focus"] == "ImportDialog.go", "looked at")
    hands.press("Return")

    def count() -> int:
        return {one.layer: one.count for one in room.clerk.layers().layers}.get("water", 0)

    until(lambda: count() == before + 5, "five rows more")
    hands.until(lambda seen: seen["focus"] == "ImportDialog.stop", "ended")
    hands.press("Space", front="Window")


def a_duty_leader_takes_over_and_takes_out(room: Room) -> None:
    hands = room.hands
    hands.sign_out()
    hands.sign_in("duty")
    event_id = registered(room)[0]
    other = room.service.client("operator")
    other.claim_event(event_id, Claiming())
    find(room, event_id)
    hands.desk(lambda desk: event_id in desk["claims"], "somebody else's")
    hands.press("E")
    until(lambda: room.holder(event_id) == "duty", "taken over")
    hands.press("A")
    alarm_id = alarm_of(room, "station 1:")
    choose(hands, "alarms", alarm_id)
    hands.press("Shift+F", front="ReasonQuestion")
    hands.answer("sensor broken")
    until(lambda: room.alarm(alarm_id).state is AlarmState.OUT_OF_SERVICE, "out of service")
    hands.press("T", "T")
    hands.desk(lambda desk: desk["alarms"][0] == alarm_id, "what is out of service")
    hands.press("Shift+F")
    until(lambda: room.alarm(alarm_id).state is not AlarmState.OUT_OF_SERVICE, "back")
    hands.press("T")
    for stands in (True, False):
        hands.press("Shift+T", front="ReasonQuestion")
        hands.answer("flood level III")
        hands.until(when(lambda seen, on: bool(seen["responses"]) is on, stands), "the response")


def a_duty_leader_has_a_model_learn(room: Room) -> None:
    """By its button and by its key; that it was asked for stands in the audit trail."""
    hands = room.hands
    hands.press("Shift+Y")
    hands.desk(lambda desk: desk["under"] == "Models", "the models")
    auditor = room.service.client("auditor")
    read_to, learns = 0, set[str]()

    def asked(name: str) -> bool:
        nonlocal read_to
        page = auditor.audit(after=read_to)
        learns.update(row.target for row in page.rows if row.action == "model.learn")
        read_to = page.rows[-1].seq if page.rows else read_to
        return f"model/{name}" in learns

    hands.tap("Models.buttons")
    until(lambda: asked("merge"), "the judge of pairs learns")
    hands.press("Shift+Y", "Down", "T")
    until(lambda: asked("matter"), "the classes learn")
    hands.press("Escape")


def the_way_in_has_a_button(room: Room) -> None:
    hands = room.hands
    hands.sign_out()
    hands.until(lambda seen: seen["focus"] == "SignInPage.account", "the way in")
    hands.press("Ctrl+A")
    hands.type("dispatcher")
    hands.press("Return")
    hands.type(room.service.account("dispatcher")["password"])
    hands.tap("SignInPage.enter")
    hands.until(lambda seen: seen["person"] == "dispatcher", "signed in", 30)
