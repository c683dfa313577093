"""A wall by keys alone: scenes, pages, panels pulled out, and the way back to the desk."""

from __future__ import annotations

import time

from maps.scenes import all_scenes
from tests.end2end.hands import Seen, when
from tests.end2end.key_room import Room, close_to, until

STEPS = 400
MANY_TILES = 30
ARROWS = ("Up", "Right", "Down", "Left")


def every_scene_has_its_key(room: Room) -> None:
    hands = room.hands
    hands.go_to("DESK")
    for scene in all_scenes():
        assert scene.key, scene.scene_id
        if scene.seat == "wall":
            hands.press(scene.key)
            hands.wall(when(lambda wall, one: wall["scene"] == one.scene_id, scene), scene.key)
    hands.press("F3", "F1")
    hands.wall(lambda wall: wall["scene"] == "general", "the general scene")


def an_own_scene_is_kept_called_and_removed(room: Room) -> None:
    hands = room.hands
    hands.go_to("WALL")
    for key, name in (("Shift+W", "turned"), ("Ctrl+M", "linked")):
        before = hands.wall(lambda wall: wall["camera"], "the wall")[name]
        hands.press(key)
        hands.wall(when(lambda wall, name, was: wall[name] != was, name, before), name)
        hands.press(key)
        hands.wall(when(lambda wall, name, was: wall[name] == was, name, before), name)
    hands.press("Ctrl+S", front="SceneQuestion")
    hands.answer("night watch")
    seen = hands.until(lambda seen: seen["own_scenes"] == ["night watch"], "kept")
    assert list((room.exports.parent / "scenes").glob("own-*.toml"))
    hands.wall(lambda wall: wall["scene"].startswith("own-"), "the own scene")
    hands.press("F1")
    hands.wall(lambda wall: wall["scene"] == "general", "general")
    hands.press("F8")
    hands.wall(lambda wall: wall["scene"] == seen["wall"]["scene"], "called by F8")
    read_sheet(room)
    hands.command("remove night watch")
    hands.until(lambda seen: seen["own_scenes"] == [], "removed")
    assert not list((room.exports.parent / "scenes").glob("own-*.toml"))


def an_object_is_looked_for_on_the_wall(room: Room) -> None:
    hands = room.hands
    hands.press("Ctrl+F", front="SearchBox")
    hands.press("Ctrl+A")
    hands.type("keyed station")
    hands.until(lambda seen: seen["rows"] >= 1, "a hit", 25)
    hands.press("Return", front="Window")
    hands.wall(lambda wall: wall["object"] == "keyed station", "its page")
    hands.press("Escape")
    hands.wall(lambda wall: wall["object"] == "", "put away")
    before = hands.look()["wall"]["camera"]
    hands.press("Shift+Left")
    hands.wall(lambda wall: not close_to(wall["camera"], before), "the wall's map moved")
    read_sheet(room)


def read_sheet(room: Room) -> None:
    """Let the sheet of keys be read; what it names is compared at the end."""
    room.hands.press("?", front="KeySheet")
    assert room.hands.look()["sheet"]
    room.hands.press("Escape", front="Window")


def a_map_and_a_panel_are_pulled_out_and_given_back(room: Room) -> None:
    hands = room.hands
    hands.command("pull out the map", front="Pulled")
    seen = hands.until(lambda seen: seen["pulled"].get("map", {}).get("camera"), "pulled", 25)
    box = seen["pulled"]["map"]["box"]
    hands.press("Shift+Right")
    was = seen["pulled"]["map"]["camera"]
    hands.until(lambda seen: not close_to(seen["pulled"]["map"]["camera"], was), "it moved")
    hands.press("Ctrl+Right")
    hands.until(lambda seen: seen["pulled"]["map"]["box"] != box, "another screen")
    hands.press("Ctrl+Up")
    hands.until(lambda seen: seen["pulled"]["map"]["box"][3] == 1080, "the whole screen")
    hands.press("Ctrl+Tab")
    hands.until(lambda seen: seen["front"] == "Window", "another window")
    for _ in range(3):
        if hands.look()["front"] == "Pulled":
            break
        hands.press("Ctrl+Tab")
        time.sleep(0.2)
    hands.until(lambda seen: seen["front"] == "Pulled", "back at it")
    hands.press("Escape")
    hands.until(lambda seen: not seen["pulled"], "given back")
    hands.go_to("WALL")
    hands.press("Ctrl+K", front="CommandPalette")
    hands.type("pull out")
    hands.press("Down", "Return", front="Pulled")
    hands.until(lambda seen: len(seen["pulled"]) == 1, "a panel pulled out")
    hands.press("Escape")
    hands.until(lambda seen: not seen["pulled"], "given back")


def first_tile(room: Room) -> str:
    """Let an arrow give the keys to a tile, once the page is painted; give its key."""
    hands = room.hands

    def pressed(wall: Seen) -> bool:
        return bool(wall["page"]["at"]) or not hands.press("Up")

    return str(hands.wall(pressed, "a tile")["page"]["at"])


def pressed_to(room: Room, key: str) -> str:
    """Press an arrow; give the tile that has the keys then."""
    return str(room.hands.press(key)["wall"]["page"]["at"])


def walk(room: Room, places: set[str]) -> None:
    """Let every arrow move the keys among tiles, until three have had them."""

    def moved() -> bool:
        places.update(pressed_to(room, key) for key in ("Down", "Right", "Down", "Left", "Up"))
        return len(places) >= 3

    until(moved, "three tiles")


def move_to(room: Room, prefix: str) -> None:
    """Find the way to a tile of a kind by the arrows alone."""
    at = first_tile(room)
    ways: dict[str, dict[str, str]] = {}
    for _ in range(STEPS):
        if at.startswith(prefix):
            return
        known = ways.setdefault(at, {})
        untried = next((key for key in ARROWS if key not in known), None)
        key = untried or way_on(ways, at)
        known[key] = at = pressed_to(room, key)
    raise AssertionError(f"no way to {prefix}; {sorted(ways)}")


def way_on(ways: dict[str, dict[str, str]], at: str) -> str:
    """Give the first arrow on the shortest known way to a tile where an arrow is untried."""
    seen, ends = {at}, [(key, there) for key, there in ways[at].items()]
    for first, there in ends:
        if len(ways.get(there, {})) < len(ARROWS):
            return first
        if there not in seen:
            seen.add(there)
            ends += [(first, beyond) for beyond in ways[there].values()]
    raise AssertionError(f"the arrows reach only {sorted(seen)}")


def the_cockpit_is_opened_down_to_its_rows(room: Room) -> None:
    hands = room.hands
    hands.go_to("WALL")
    hands.press("F4")
    hands.wall(lambda wall: wall["page"].get("kind") == "cockpit", "the cockpit")
    first = first_tile(room)
    hands.wall(lambda wall: len(wall["page"]["tiles"]) > MANY_TILES, "the painted page")
    walk(room, {first})
    move_to(room, "open")
    hands.press("Return")
    hands.wall(lambda wall: wall["page"]["steps"], "opened")
    hands.press("Down", "Up", "R")
    hands.wall(lambda wall: wall["page"]["steps"][-1][1], "its rows")
    hands.press("I")
    hands.wall(lambda wall: wall["page"]["defined"], "its definition")
    hands.press("I", "Escape")
    hands.wall(lambda wall: len(wall["page"]["steps"]) == 1, "a step back")
    read_sheet(room)
    hands.command("tile below")
    hands.press("Escape")
    hands.wall(lambda wall: not wall["page"]["steps"], "the page")
    hands.press("P")
    until(lambda: any(b"%%EOF" in one.read_bytes() for one in room.files(".pdf")), "the brief")


def what_awaits_a_second_person_is_opened_from_the_cockpit(room: Room, gate: str) -> Seen:
    hands = room.hands
    hands.go_to("WALL")
    hands.press("F4")
    hands.wall(lambda wall: wall["page"].get("kind") == "cockpit", "the cockpit")
    first_tile(room)
    move_to(room, f"decision:gate:{gate}")
    hands.press("Return", front="GatePanel")
    return hands.desk(lambda desk: desk["gate"] == gate, "the panel at the desk")


def units_and_their_feeds(room: Room) -> None:
    hands = room.hands
    hands.go_to("WALL")
    hands.press("F7")
    hands.wall(lambda wall: wall["page"].get("kind") == "linkage", "the units")
    seen = first_tile(room)
    assert seen.startswith("feeds:")
    hands.wall(lambda wall: len(wall["page"]["tiles"]) > MANY_TILES, "the painted page")
    walk(room, {seen})
    hands.press("Return")
    hands.wall(lambda wall: wall["page"]["open"], "its feeds")
    hands.press("Escape")
    hands.wall(lambda wall: not wall["page"]["open"], "closed")
    read_sheet(room)
    hands.press("F1")
    hands.wall(lambda wall: wall["scene"] == "general", "general")
