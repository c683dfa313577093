"""Every action is done once without a mouse, by keys alone, through the real desk and wall.

The console is a process of its own; the effect of each action is read at the service, in the
stores, on the disk or in the devices' own log. The last test fails by name whatever command no key
has run and whatever button no key has pressed: a new one needs a run here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end2end import (
    key_call,
    key_desk,
    key_gate,
    key_map,
    key_reading,
    key_repairs,
    key_seats,
    key_wall,
)
from tests.end2end.hands import Codes, Hands
from tests.end2end.key_room import Room, stock
from tests.end2end.stack import Service
from tests.end2end.test_gate_line import site
from tests.end2end.walls import wall_of

pytestmark = [pytest.mark.end2end, pytest.mark.display]
SPEED = 8.0  # times life: a metre of gate takes some 8 s, long enough to be stopped by hand
MONITORS = ["*WALL=2880x1080+0+0", "DESK=1920x1080+2880+0"]
UNSEEN = {"SignInPage.demo", "ImportDialog.report"}
"""For the owner of our own service's first passwords; opens another program."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Give a desk and a wall of one console, a service and its devices; a dispatcher signs in."""
    folder = tmp_path_factory.mktemp("keyboard")
    own = folder / "console"
    program = "tests.end2end.keyboard_process"
    with site(folder / "data", speed=SPEED) as plant:
        service = Service(plant.data).start()
        try:
            stock(service)
            clerk = service.client("dispatcher")
            screens = wall_of(service, own, None, MONITORS, size="4800x1080", program=program)
            with screens as console:
                hands = Hands(console, service, Codes(service))
                hands.sign_in("dispatcher", code=True)
                hands.press("Ctrl+L")
                hands.until(lambda seen: seen["language"] == "en", "English")
                yield Room(hands, service, plant, clerk, own / "exports")
        finally:
            service.stop()


@pytest.fixture(autouse=True)
def what_stood(room: Room, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Say what stood when a test failed, and leave no question open to the next one."""
    before = request.session.testsfailed
    yield
    if request.session.testsfailed > before and room.hands.console.process.poll() is None:
        console = room.hands.console
        print(
            json.dumps(console.ask("look"), ensure_ascii=False), console.ask("save", str(tmp_path))
        )
        for _ in range(3):
            console.ask("press", "Escape")


def test_events_go_from_intake_to_their_end_and_one_step_back(room: Room) -> None:
    key_desk.an_event_from_intake_to_its_end_and_one_step_back(room)
    key_desk.the_page_and_the_form_have_buttons_that_tab_reaches(room)


def test_a_call_is_at_its_unit_within_a_minute_without_a_mouse(room: Room) -> None:
    key_call.a_call_is_at_its_unit_within_a_minute(room)


def test_an_event_takes_every_side_path(room: Room) -> None:
    key_desk.an_event_takes_every_side_path(room)
    key_desk.a_pair_is_judged_side_by_side(room)
    key_desk.lists_below_the_event_have_their_keys(room)


def test_the_reading_is_taken_over_and_many_are_done_at_once(room: Room) -> None:
    key_reading.the_reading_is_shown_and_taken_over(room)
    key_reading.photos_are_looked_at(room)
    key_reading.many_are_done_at_once(room)


def test_alarms_are_acknowledged_folded_and_shelved(room: Room) -> None:
    key_desk.alarms_are_acknowledged_folded_and_shelved(room)


def test_the_log_is_written_corrected_reopened_and_handed_over(room: Room) -> None:
    key_desk.the_log_is_written_corrected_reopened_and_handed_over(room)


def test_the_map_moves_and_areas_are_drawn(room: Room) -> None:
    key_map.the_map_moves_and_layers_come_and_go(room)
    key_map.three_shapes_are_drawn_and_what_lies_inside_goes_out(room)
    key_map.a_drawing_is_put_on_everybodys_map_and_taken_off(room)


def test_the_maps_go_back_in_time(room: Room) -> None:
    key_map.the_maps_go_back_in_time(room)


def test_pages_search_palettes_and_settings(room: Room) -> None:
    key_map.what_is_looked_for_is_gone_to(room)
    key_map.pages_palettes_and_sheets(room)


def test_a_wall_shows_scenes_and_lets_panels_out(room: Room) -> None:
    key_wall.every_scene_has_its_key(room)
    key_wall.an_own_scene_is_kept_called_and_removed(room)
    key_wall.an_object_is_looked_for_on_the_wall(room)
    key_wall.a_map_and_a_panel_are_pulled_out_and_given_back(room)


def test_the_pages_of_a_wall_are_walked_by_arrows(room: Room) -> None:
    key_wall.the_cockpit_is_opened_down_to_its_rows(room)
    key_wall.units_and_their_feeds(room)


def test_two_persons_move_a_sluice_and_one_stops_it(room: Room) -> None:
    room.hands.go_to("DESK")
    gate = key_gate.two_persons_move_a_sluice_and_one_stops_it(room)
    key_gate.a_command_is_taken_back(room, gate)
    command = key_gate.what_waits_is_opened_by_enter(room, gate)
    seen = key_wall.what_awaits_a_second_person_is_opened_from_the_cockpit(room, gate)
    key_gate.a_running_command_is_aborted(room, command, seen)


def test_what_could_not_be_sent_goes_out_when_asked(room: Room) -> None:
    room.hands.go_to("DESK")
    key_map.what_could_not_be_sent_goes_out_when_asked(room)


def test_what_the_door_refused_is_mended_or_set_aside(room: Room) -> None:
    room.hands.go_to("DESK")
    key_repairs.what_the_door_refused_is_mended_or_set_aside(room)


def test_others_sit_down_at_the_same_seat(room: Room) -> None:
    key_seats.a_file_is_brought_in(room)
    key_seats.a_duty_leader_takes_over_and_takes_out(room)
    key_seats.a_duty_leader_has_a_model_learn(room)
    key_seats.the_way_in_has_a_button(room)


def test_every_command_and_every_button_was_reached_by_a_key(room: Room) -> None:
    covered = room.hands.console.ask("covered")
    assert covered["clashes"] == []  # one key, one deed, in each window
    assert covered["ambiguous"] == []
    quits = {one for one in covered["made"] if one.endswith(": quit")}
    assert sorted(set(covered["made"]) - set(covered["ran"]) - quits) == []
    assert sorted(set(covered["seen"]) - set(covered["pressed"]) - UNSEEN) == []
    has_keys = {one.partition(": ")[2] for one, keys in covered["made"].items() if keys}
    unnamed = [one for one in has_keys if not any(row.endswith(one) for row in covered["named"])]
    assert unnamed == []  # the sheets of desk, wall and pages name every key
    room.hands.press_last("Ctrl+Q")
