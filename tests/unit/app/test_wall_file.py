"""Every wall file of ours is sound, and what is wrong with one is said in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.theme import Viewing, text_px
from app.wall import Box
from app.wall_file import BadWallError, find_wall, place_screens, read_wall
from tests.end2end.stack import ROOT

OURS = sorted((ROOT / "resources" / "walls").glob("*.toml"))
GOOD = """
[wall]
pitch_mm = 1.5
farthest_m = 8
[screens.A]
size = [1920, 1080]
[screens.B]
size = [1920, 1080]
[screens.OPS]
seat = "desk"
[zones]
header = ["A", "B"]
strip = ["A", "B"]
map = ["B"]
left = { screens = ["A"], box = [10, 200, 800, 700] }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hall.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_files_are_sound(path: Path) -> None:
    wall = read_wall(path)
    assert wall.name.zh != wall.name.en
    assert all(one.size for one in wall.screens)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    wall = read_wall(written(tmp_path, GOOD))
    assert [(one.name, one.seat) for one in wall.screens] == [
        ("A", "wall"),
        ("B", "wall"),
        ("OPS", "desk"),
    ]
    assert wall.viewings == {"wall": Viewing(1.5, 8000.0)}
    assert wall.zones["left"].box == Box(10, 200, 800, 700)
    assert wall.zones["map"].screens == ("B",)


WRONG = {
    "not TOML": ("[screens.A", "TOML"),
    "no screen": ("[wall]\npitch_mm = 1.5", "name no screen"),
    "a word misspelt": ("[screens.A]\nsiez = [1920, 1080]", "write size"),
    "an unknown table": ("[screen.A]", "write screens"),
    "a seat that is none": ('[screens.A]\nseat = "roof"', "wall or desk"),
    "a size that is none": ("[screens.A]\nsize = [1920]", "screens.A.size"),
    "a size too large": ("[screens.A]\nsize = [1920, 99999]", "screens.A.size"),
    "true is no number": ("[wall]\npitch_mm = true\n[screens.A]", "wall.pitch_mm"),
    "a pitch out of range": ("[wall]\npitch_mm = 40\n[screens.A]", "wall.pitch_mm"),
    "screens one over the other": (
        (
            "[screens.A]\nsize = [1920, 1080]\nat = [0, 0]\n"
            "[screens.B]\nsize = [1920, 1080]\nat = [1900, 0]"
        ),
        "lies over A",
    ),
    "a star among others": ('[screens."*"]\n[screens.A]', "only screen"),
    "a zone on no screen": (GOOD.replace('map = ["B"]', 'map = ["C"]'), "no wall screen C"),
    "a zone on the desk": (GOOD.replace('map = ["B"]', 'map = ["OPS"]'), "no wall screen OPS"),
    "a wall without a map": (GOOD.replace('map = ["B"]', ""), "zones.map"),
    "a zone that is none": (GOOD + 'top = ["A"]', "zones.top"),
    "a zone without screens": (GOOD.replace('map = ["B"]', "map = []"), "zones.map"),
    "a box too short": (GOOD.replace("800, 700]", "800]"), "zones.left.box"),
    "of a newer program": ("format = 2\n" + GOOD, "newer program"),
    "a table that is none": ("screens = 3", "must be a table"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_both_languages(tmp_path: Path, case: str) -> None:
    text, said = WRONG[case]
    wall, fault = find_wall(written(tmp_path, text), "")
    assert wall is None
    assert fault is not None
    assert said in fault.text.en
    assert re.search("[一-鿿]", fault.text.zh.removeprefix("大屏文件"))
    assert "hall.toml" in fault.text.zh
    assert fault.todo.zh
    assert fault.todo.en


def test_every_fault_of_a_file_is_said_at_once(tmp_path: Path) -> None:
    text = '[wall]\npitch_mm = 40\n[screens.A]\nseat = "roof"\nsiez = [1, 2]'
    with pytest.raises(BadWallError) as caught:
        read_wall(written(tmp_path, text))
    assert len(caught.value.faults) == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    wall, fault = find_wall(None, str(tmp_path / "none.toml"))
    assert wall is None
    assert fault is not None
    assert "none.toml" in fault.text.en


def test_no_file_is_no_fault() -> None:
    assert find_wall(None, " ") == (None, None)


def test_screens_lie_side_by_side_unless_told(tmp_path: Path) -> None:
    wall = read_wall(written(tmp_path, GOOD))
    row = [one for one in wall.screens if one.seat == "wall"]
    assert place_screens(row, {})["B"] == Box(1920, 0, 1920, 1080)
    assert place_screens(row, {"A": (1280, 720)})["B"] == Box(1280, 0, 1280, 720)


ONE = "[screens.A]\nsize = [3840, 1080]\n"


def test_letters_too_small_for_the_farthest_seat_are_refused(tmp_path: Path) -> None:
    text = "[wall]\npitch_mm = 1.5\nfarthest_m = 10\nletters_px = 24\n" + ONE
    with pytest.raises(BadWallError) as refused:
        read_wall(written(tmp_path, text))
    assert "wall.letters_px" in refused.value.text.en
    assert "39" in refused.value.text.zh  # domain rule 2: 20′ at 1.5 mm and 10 m
    assert "12′" in refused.value.text.en


def test_letters_larger_than_needed_are_taken(tmp_path: Path) -> None:
    text = "[wall]\npitch_mm = 1.5\nfarthest_m = 10\nletters_px = 78\n" + ONE
    viewing = read_wall(written(tmp_path, text)).viewings["wall"]
    assert text_px(20, viewing) == 78


def test_pixels_too_coarse_for_chinese_are_refused_with_a_way_out(tmp_path: Path) -> None:
    text = "[wall]\npitch_mm = 10\nfarthest_m = 10\n" + ONE
    with pytest.raises(BadWallError) as refused:
        read_wall(written(tmp_path, text))
    assert "letters_px = 12" in refused.value.text.en
    again = text.replace("farthest_m = 10", "farthest_m = 10\nletters_px = 12")
    assert text_px(20, read_wall(written(tmp_path, again)).viewings["wall"]) == 12


def test_a_curved_wall_gets_its_zones_from_its_parts(tmp_path: Path) -> None:
    screens = (("L", "left"), ("C1", "centre"), ("C2", "centre"), ("R", "right"))
    text = "".join(f'[screens.{name}]\nsize=[1920,1080]\nwing="{wing}"\n' for name, wing in screens)
    zones = read_wall(written(tmp_path, text)).zones
    assert zones["left"].screens == ("L",)
    assert zones["map"].screens == ("C1", "C2")
    assert zones["right"].screens == ("R",)
    assert zones["header"].screens == ("L", "C1", "C2", "R")


def test_a_part_of_no_curved_wall_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWallError, match="left, centre, right"):
        read_wall(written(tmp_path, ONE + 'wing = "middle"\n'))
