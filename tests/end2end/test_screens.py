"""Screens are pulled and put back in any order: every window ends where the wall file says."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.theme import ARCMIN, text_px
from app.wall import Box, Screen
from app.wall_file import read_wall
from app.wall_plan import plan
from backend_client.contract.events import Channel, Intake
from tests.end2end.stack import Service
from tests.end2end.walls import FILES, wall_of

pytestmark = [pytest.mark.end2end, pytest.mark.display]
ROUNDS = int(os.environ.get("SCREEN_ROUNDS", "20"))
WALL = FILES / "wall-11520x2160-desk.toml"
# A quarter of the described size, so that a small machine keeps up; the file's names.
PLACES = {
    "WALL-1": "960x540+0+0",
    "WALL-2": "960x540+960+0",
    "WALL-3": "960x540+1920+0",
    "DESK": "1280x720+0+540",
}
SIZE = "2880x1260"
OWNER = "WALL-1"  # the monitor that owns the output: pulled, "screen" spans everything


def plugs(*names: str) -> list[str]:
    return [f"{'*' if name == OWNER else ''}{name}={PLACES[name]}" for name in names]


def stands_right(seen: dict[str, Any], there: set[str], wall_file: Path) -> bool:
    """Tell whether every window is where the plan of the screens there are puts it."""
    screens = tuple(Screen(name, Box(*box), ratio) for name, *box, ratio in seen["screens"])
    if {one.name for one in screens} - {"screen"} != there:
        return False
    wall = read_wall(wall_file)
    scale = text_px(ARCMIN["wall"]["s"], wall.viewings["wall"]) / 24
    wanted = plan(screens, wall, scale).shows
    windows = seen["windows"]
    if set(windows) != set(wanted):
        return False
    for name, show in wanted.items():
        box = show.box
        if windows[name]["box"] != [box.x, box.y, box.width, box.height]:
            return False
        if windows[name]["seat"] != show.seat or windows[name]["off"] != name:
            return False
    return all(one["painted"] for one in windows.values())


def is_settled(seen: dict[str, Any], there: frozenset[str]) -> bool:
    return stands_right(seen, set(there), WALL) and no_window_elsewhere(seen)


def no_window_elsewhere(seen: dict[str, Any]) -> bool:
    shown = len(seen["windows"])
    return bool(seen["visible"] == shown and seen["top"] <= shown + 1)


@pytest.mark.timeout(120 + 15 * ROUNDS)
def test_screens_come_and_go_in_any_order(service: Service, tmp_path: Path) -> None:
    everything = set(PLACES)
    report_events(service, 3)
    with wall_of(service, tmp_path / "console", WALL, plugs(*PLACES), size=SIZE) as wall:
        wall.until(lambda seen: seen["events"] == 3 and is_settled(seen, frozenset(everything)), 60)
        chosen = wall.ask("select")["selected"]
        assert chosen
        wall.ask("scene", "water")
        first = wall.until(lambda seen: scenes(seen) == {"water"})
        draw, there, most = random.Random(7), set(everything), first["renderers"]
        for turn in range(ROUNDS):
            name = draw.choice(sorted(everything if len(there) > 1 else everything - there))
            if name in there:
                wall.ask("unplug", name)
            else:
                wall.ask("plug", *plugs(name))
            there ^= {name}
            what = f"round {turn}: {sorted(there)}"
            seen = wall.until(partial(is_settled, there=frozenset(there)), what=what)
            assert scenes(seen) <= {"water"}, what
            assert seen["renderers"] <= most + 1, what
            told = [text for key, text in seen["notices"] if key == f"screen:{name}"]
            assert told[-1].endswith("is back" if name in there else "is not connected"), what
        wall.ask("plug", *plugs(*sorted(everything - there)))
        last = wall.until(lambda seen: stands_right(seen, everything, WALL), what="all again")
        assert scenes(last) == {"water"}
        assert last["renderers"] == first["renderers"]
        assert last["top"] == len(everything)
        assert last["selected"] == chosen


def report_events(service: Service, count: int) -> None:
    """Put events into the queue."""
    feed = service.client("feed")
    for number in range(count):
        feed.intake(
            Intake(
                intake_id=f"screens-{number}",
                channel=Channel.HOTLINE,
                title="井盖缺失",
                text="路口井盖缺失，已放警示锥",
                region="320613",
                reported_at=datetime.now(UTC),
                lon=120.87,
                lat=32.01,
            )
        )


def scenes(seen: dict[str, Any]) -> set[str]:
    """Give the scenes of the walls."""
    return {one["scene"] for one in seen["windows"].values() if one["seat"] == "wall"}


def test_a_screen_may_change_its_size_and_scale(service: Service, tmp_path: Path) -> None:
    file = FILES / "wall-3840x1080.toml"
    begin = ["*WALL=2880x600+0+0", "DESK=1280x640+0+600"]
    scaled = {"QT_SCREEN_SCALE_FACTORS": "WALL=1;DESK=1.25"}
    there = {"WALL", "DESK"}
    folder = tmp_path / "console"
    with wall_of(service, folder, file, begin, size="2880x1240", environment=scaled) as wall:
        seen = wall.until(lambda seen: stands_right(seen, there, file), 60)
        assert seen["windows"]["DESK"]["box"][2:] == [1024, 512]
        wall.ask("unplug", "DESK")
        wall.ask("plug", "DESK=1600x640+0+600")
        seen = wall.until(lambda seen: desk_box(seen)[2:] == [1280, 512])
        wall.ask("unplug", "WALL")
        wall.ask("plug", "*WALL=2400x600+0+0")
        seen = wall.until(lambda seen: stands_right(seen, there, file))
        assert seen["windows"]["WALL"]["box"] == [0, 0, 2400, 600]
        assert any("has 2400×600" in text for _key, text in seen["notices"])


def desk_box(seen: dict[str, Any]) -> list[int]:
    found: list[int] = seen["windows"].get("DESK", {}).get("box", [])
    return found


def test_a_bad_wall_file_is_told_and_never_leaves_a_wall_blank(
    service: Service, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[screens.WALL]\nsiez = [3840, 1080]\n", "utf-8")
    begin = ["*WALL=2880x600+0+0", "DESK=1280x640+0+600"]
    with wall_of(service, tmp_path / "console", bad, begin, size="2880x1240") as wall:
        seen = wall.until(
            lambda seen: (
                len(seen["windows"]) == 2
                and all(one["painted"] for one in seen["windows"].values())
            ),
            60,
        )
        assert {name: one["seat"] for name, one in seen["windows"].items()} == {
            "WALL": "wall",
            "DESK": "desk",
        }
        assert [text for key, text in seen["notices"] if key == "wall"] == [
            "Wall file bad.toml: screens.WALL.siez: is not known, write size"
        ]


def test_maps_of_one_wall_move_together(service: Service, tmp_path: Path) -> None:
    file = FILES / "wall-7680x2160.toml"
    begin = ["*WALL-1=1920x540+0+0", "WALL-2=1920x540+1920+0"]
    there = {"WALL-1", "WALL-2"}
    with wall_of(service, tmp_path / "console", file, begin, size="3840x540") as wall:
        wall.until(lambda seen: stands_right(seen, there, file), 60)
        wall.ask("pan", "WALL-1", "120.8", "32.0", "11.5")
        seen = wall.until(lambda seen: zooms(seen) == [11.5, 11.5], what="both maps at one zoom")
        assert east_of(seen, "WALL-1") == pytest.approx(west_of(seen, "WALL-2"), abs=1e-6)


def zooms(seen: dict[str, Any]) -> list[float]:
    return [one["camera"][2] for one in seen["windows"].values() if one["camera"]]


def west_of(seen: dict[str, Any], name: str, side: int = -1) -> float:
    """Give the longitude at a map's left edge, or with 1 at its right one."""
    one = seen["windows"][name]
    lon, _lat, zoom = one["camera"]
    return float(lon + side * one["zones"]["map"][2] / 2 * 360 / (256 * 2**zoom))


def east_of(seen: dict[str, Any], name: str) -> float:
    return west_of(seen, name, 1)
