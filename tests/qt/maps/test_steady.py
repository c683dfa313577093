"""Nothing flickers: ways and cells stay while the map is panned and zoomed and data change."""

from __future__ import annotations

import itertools
import json

import numpy as np
from pytestqt.qtbot import QtBot

from maps.mercator import project, zoom_scale
from maps.view import MapView
from tests.qt.maps.conftest import EXTENT, WAIT_MS, City, Show
from tests.qt.maps.test_lasso import ask

MIDDLE = (120.9, 32.015)
SPOTS = "JSON.stringify([...NT.app.chips.cells.spots].map((s) => [s.key, s.x, s.y]))"
WAY = """JSON.stringify([...NT.app.blocks()].map(([b]) =>
  [b.layer, b.counting, b.points > 0, b.cells > 0, b.metres]))"""
BLANK = """(() => { window.blanks = 0;
  const back = NT.app.back, draw = back.still.bind(back);
  back.still = (f, layers) => { if (!layers.length) window.blanks += 1; draw(f, layers); }; })()"""


def scattered(count: int, seed: int = 4) -> list[tuple[float, float]]:
    draw = np.random.default_rng(seed)
    places = draw.uniform([120.7, 31.9], [121.1, 32.13], (count, 2))
    return [(float(x), float(y)) for x, y in places]


def spots(qtbot: QtBot, view: MapView) -> dict[str, tuple[float, float]]:
    """Give where each cell's chips stand, in metres."""
    found = json.loads(str(ask(qtbot, view, SPOTS)))
    return {key: (x, y) for key, x, y in found}


def settle(qtbot: QtBot, view: MapView) -> None:
    """Wait until what was asked for is drawn."""
    qtbot.wait(120)
    newest = view._host.tray.newest(view._id)
    qtbot.waitUntil(
        lambda: float(str(ask(qtbot, view, "NT.app.puller.seen"))) >= newest, timeout=WAIT_MS
    )


def jumps(before: dict[str, tuple[float, float]], now: dict[str, tuple[float, float]]) -> list[str]:
    """Name the cells whose chips stand elsewhere on the ground."""
    both = before.keys() & now.keys()
    return [key for key in both if max(abs(np.subtract(before[key], now[key]))) > 1.0]


def inner(found: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Leave out the cells at the window's edge, whose chips keep inside it."""
    low, high = project(
        np.array([EXTENT.west, EXTENT.east]), np.array([EXTENT.south, EXTENT.north])
    ).astype(np.float64)
    kept = {}
    for key, at in found.items():
        metres, column, row = (float(part) for part in key.split("/"))
        corner = np.array([column, row]) * metres
        if (corner > low + metres).all() and (corner + 2 * metres < high).all():
            kept[key] = at
    return kept


def test_panning_and_small_zooms_move_no_cell(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    city.put("requests", "hotline", scattered(60_000))
    qtbot.waitUntil(lambda: len(spots(qtbot, view)) > 3, timeout=WAIT_MS)
    settle(qtbot, view)
    zoom = float(np.log2(11 * 16 / 4096 / zoom_scale(0.0)))  # here a cell size would flip
    view.fly(*MIDDLE, zoom)
    settle(qtbot, view)
    ask(qtbot, view, BLANK)
    ways, moved, sizes = set(), [], []
    before = spots(qtbot, view)
    for step in range(24):
        turn = step * 0.7
        at = (MIDDLE[0] + 0.006 * np.sin(turn), MIDDLE[1] + 0.004 * np.cos(turn))
        view.fly(*at, zoom + 0.15 * float(np.sin(turn * 1.3)))
        settle(qtbot, view)
        now = spots(qtbot, view)
        moved += jumps(inner(before), inner(now))
        ways.add(str(ask(qtbot, view, WAY)))
        sizes.append(len(now))
        before = now
    assert len(ways) == 1
    assert moved == []
    assert min(sizes) > 0
    assert ask(qtbot, view, "window.blanks") == 0


def test_changing_numbers_move_no_cell(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    places = scattered(40_000)
    city.put("requests", "hotline", places)
    qtbot.waitUntil(lambda: len(spots(qtbot, view)) > 3, timeout=WAIT_MS)
    before = spots(qtbot, view)
    for turn in range(6):
        city.put("requests", "hotline", places[: 40_000 - 700 * turn])
        settle(qtbot, view)
        now = spots(qtbot, view)
        assert now.keys() == before.keys()
        assert jumps(before, now) == []


def test_a_count_that_wavers_about_the_limit_changes_the_way_once(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    ways = []
    for turn in range(8):
        city.put("requests", "hotline", scattered(15_000 + 3_500 * (turn % 2)))
        settle(qtbot, view)
        ways.append(str(ask(qtbot, view, WAY)).split(",")[3])
    changes = sum(one != other for one, other in itertools.pairwise(ways))
    assert changes <= 1


def test_the_old_picture_stays_while_a_new_window_is_fetched(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    city.put("requests", "hotline", scattered(3_000))
    settle(qtbot, view)
    ask(qtbot, view, BLANK)
    for step in range(10):
        view.fly(MIDDLE[0] + 0.03 * step, MIDDLE[1], 11.0 + 0.4 * step)
        assert float(str(ask(qtbot, view, "[...NT.app.blocks()].length"))) == 1
    assert ask(qtbot, view, "window.blanks") == 0


def test_chips_that_would_lie_over_others_stand_as_dots(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    heap = [(120.9 + 0.0004 * i, 32.0) for i in range(9)]
    city.put("requests", "hotline", [*heap, (120.83, 32.05)])
    script = "NT.app.chips.hits.map((h) => Math.round(h.w)).sort((a, b) => b - a).join()"
    qtbot.waitUntil(lambda: str(ask(qtbot, view, script)).count(",") == 9, timeout=WAIT_MS)
    sizes = [int(one) for one in str(ask(qtbot, view, script)).split(",")]
    assert sizes[:2] == [28, 28]
    assert sizes[2:].count(5) >= 7
