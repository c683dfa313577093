"""A desk's map, files, search and sheets by keys alone."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from functools import partial

from backend_client.contract.events import EventState
from tests.end2end.hands import when
from tests.end2end.key_room import Room, close_to, find, registered, until

TRIES, ANSWER_S = 3, 4.0
SETTLE_S = 0.4  # the page hears of keys and of the map on two ways; a person waits to see


def the_map_moves_and_layers_come_and_go(room: Room) -> None:
    hands = room.hands
    hands.press("Escape")
    for there, back in (
        ("Shift+Left", "Shift+Right"),
        ("Shift+Up", "Shift+Down"),
        ("+", "-"),
    ):
        time.sleep(SETTLE_S)
        before = hands.desk(lambda desk: desk["camera"], "the map")["camera"]
        hands.press(there)
        hands.desk(when(lambda desk, was: not close_to(desk["camera"], was), before), there)
        hands.press(back)
        hands.desk(when(lambda desk, was: close_to(desk["camera"], was), before), back)
    keys = [*"1234567890", *(f"Alt+{digit}" for digit in "123456"), *"BWV", "Shift+N"]
    for key in keys:
        before = hands.look()["desk"]["layers"]
        hands.press(key)
        hands.desk(when(lambda desk, was: set(desk["layers"]) != set(was), before), key)
        hands.press(key)
        hands.desk(when(lambda desk, was: set(desk["layers"]) == set(was), before), key)


def draw(room: Room, shape: str, *keys: str) -> None:
    """Draw an area with the cross around the chosen event; begin anew when a corner went astray."""
    hands = room.hands
    for _ in range(TRIES):
        hands.press("Escape", "Escape", "Return")
        for _ in range(3):
            hands.press("L")
            if hands.look()["desk"]["shape"] == shape:
                break
        time.sleep(SETTLE_S)
        for key in keys:
            time.sleep(SETTLE_S)
            hands.press(key)
        with suppress(AssertionError):
            hands.desk(lambda desk: desk["shape"] is None, shape, ANSWER_S)
            return
    raise AssertionError(f"{shape} was not drawn")


def three_shapes_are_drawn_and_what_lies_inside_goes_out(room: Room) -> None:
    hands = room.hands
    hands.press("L")
    hands.desk(lambda desk: desk["shape"] == "rectangle", "drawing")
    hands.press("Escape")
    hands.desk(lambda desk: desk["shape"] is None, "left")
    draw(room, "circle", "Return", "Shift+Right", "Return")
    hands.desk(lambda desk: desk["area"] == "Circle" and desk["inside"] >= 0, "a circle")
    draw(room, "polygon", "Return", "Shift+Left", "Return", "Shift+Down", "Return", "Return")
    hands.desk(lambda desk: desk["area"] == "Polygon" and desk["inside"] >= 0, "an outline")
    corners = ("Return", *["Shift+Right"] * 4, "Shift+Up", "Shift+Up", "Return")
    draw(room, "rectangle", "Shift+Left", "Shift+Left", "Shift+Down", *corners)
    hands.desk(lambda desk: desk["shape"] is None and desk["inside"] >= 5, "the events inside")

    hands.press("Shift+L", "Down")
    hands.desk(lambda desk: desk["row"] >= 0, "a row")
    for key, ending in (("Ctrl+E", ".csv"), ("Ctrl+Shift+E", ".geojson")):
        hands.press(key)
        until(partial(room.files, ending), ending)
    until(lambda: "keyed station" in room.files(".csv")[0].read_text("utf-8"), "the rows")
    until(lambda: room.files(".geojson")[0].read_text("utf-8").rstrip().endswith("}"), "all of it")
    found = json.loads(room.files(".geojson")[0].read_text("utf-8"))
    assert len(found["features"]) >= 5
    hands.press("Escape", "Shift+L")
    for name, ending in (("csv", ".csv"), ("geojson", ".geojson")):
        count = len(room.files(ending))
        time.sleep(1.0)  # a file is named by the second
        hands.tap(f"ResourcesPanel.{name}")
        until(partial(room.has_more, ending, count), ending)


def a_drawing_is_put_on_everybodys_map_and_taken_off(room: Room) -> None:
    hands = room.hands
    before = room.shapes()
    hands.press("Escape", "Shift+L")
    hands.press("N", front="DrawingQuestion")
    hands.type("section one")
    hands.tap("DrawingQuestion.hours")
    hands.tap("DrawingQuestion.sorts")
    hands.press("Return", front="Window")
    until(lambda: room.shapes() == before + 1, "the drawing")
    hands.desk(lambda desk: desk["object"] == "section one", "its page")
    hands.press("Delete")
    until(lambda: room.shapes() == before, "no drawing")


def what_is_looked_for_is_gone_to(room: Room) -> None:
    hands = room.hands
    hands.press("Escape")
    hands.press("Ctrl+F", front="SearchBox")
    hands.type("keyed station")
    hands.until(lambda seen: seen["rows"] >= 1, "a hit", 25)
    hands.press("Return", front="Window")
    seen = hands.desk(lambda desk: desk["object"] == "keyed station", "its page")
    assert seen["camera"][:2] == [120.91, 32.01]


def pages_palettes_and_sheets(room: Room) -> None:
    hands = room.hands
    hands.press("Y")
    hands.desk(lambda desk: desk["under"] == "Feeds", "feeds")
    hands.press("Shift+A")
    hands.desk(lambda desk: desk["under"] == "AlarmKpis", "alarm performance")
    hands.press("Shift+Y")
    hands.desk(lambda desk: desk["under"] == "Models", "the models")
    night = hands.look()["palette"]
    hands.press("Ctrl+T")
    hands.until(lambda seen: seen["palette"] != night, "the other palette")
    hands.press("Ctrl+T")
    hands.until(lambda seen: seen["palette"] == night, "the palette")
    hands.command("alarm list")
    hands.desk(lambda desk: desk["active"] == "AlarmList", "a command by its words")
    hands.press("Escape", "?")
    sheet = hands.until(lambda seen: seen["front"] == "KeySheet", "the sheet")["sheet"]
    named = {words for _, words in sheet}
    assert {"lasso to CSV", "map closer", "hand over", "other window"} <= named
    hands.press("Escape")
    hands.until(lambda seen: seen["front"] == "Window", "the sheet closed")

    hands.press("Ctrl+,", front="SettingsDialog")
    hands.tab_to("SettingsDialog.fields.carousel")
    hands.type("general water")
    hands.tap("SettingsDialog.save_button")
    hands.until(lambda seen: seen["carousel"] == ["general water", False], "the setting")
    assert "general water" in (room.exports.parent / "settings.toml").read_text("utf-8")
    hands.press("Ctrl+R")
    hands.until(lambda seen: seen["carousel"][1], "the carousel turns")
    hands.press("Ctrl+R")
    hands.until(lambda seen: not seen["carousel"][1], "the carousel stands")


def the_maps_go_back_in_time(room: Room) -> None:
    hands = room.hands
    hands.press("Alt+H", front="InstantQuestion")
    hands.press("Down")
    hands.press("Return", front="Window")
    first = hands.until(lambda seen: seen["replay"], "an instant of the past")
    assert first["replay"] < time.time() - 3_000
    at = first["replay"]
    steps = (
        ("Alt+Left", -60),
        ("Alt+Right", 60),
        ("Alt+Shift+Left", -600),
        ("Alt+Shift+Right", 600),
    )
    for key, seconds in steps:
        at += seconds
        hands.press(key)
        hands.until(when(lambda seen, there: abs(seen["replay"] - there) < 1, at), key)
    hands.press("Alt+P")
    hands.until(when(lambda seen, was: seen["replay"] > was, at), "it plays")
    hands.press("Alt+P", "Alt+End")
    hands.until(lambda seen: not seen["replay"], "now again")


def what_could_not_be_sent_goes_out_when_asked(room: Room) -> None:
    hands, service = room.hands, room.service
    hands.press("Escape")
    waiting = registered(room)[:4]
    service.kill()
    hands.until(lambda seen: not seen["online"], "the link lost", 30)
    for at, event_id in enumerate(waiting, start=1):
        find(room, event_id, settled=False)
        hands.press("S")
        hands.until(when(lambda seen, count: len(seen["unsent"]) == count, at), "a wish kept")
    service.start()
    hands.until(lambda seen: seen["online"], "the link again", 40)
    hands.press("U", front="DraftsDialog")
    hands.until(lambda seen: seen["rows"] == 4, "four wishes")
    hands.press("Return")
    until(lambda: room.event(waiting[0]).state is EventState.ACCEPTED, "sent")
    hands.until(lambda seen: seen["rows"] == 3, "three wishes")
    hands.press("Delete")
    hands.until(lambda seen: seen["rows"] == 2, "one dropped")
    hands.tap("DraftsDialog.send_button")
    until(lambda: room.event(waiting[2]).state is EventState.ACCEPTED, "sent by its button")
    hands.until(lambda seen: seen["rows"] == 1, "one wish")
    hands.tap("DraftsDialog.drop_button")
    hands.until(lambda seen: seen["unsent"] == [], "nothing unsent")
    hands.press("Escape")
    hands.until(lambda seen: seen["front"] == "Window", "closed")
    assert room.event(waiting[1]).state is EventState.REGISTERED
