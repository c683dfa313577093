"""Windows are kept while they serve; cells and counting do not flip at a hair's breadth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maps.growth import grow
from maps.mercator import zoom_scale
from maps.sight import MARGIN, Eye, cell_size, take_window
from maps.ways import Way, choose, limits
from tests.unit.maps.flocks import COUNTIES, SPECS, scatter, sight

EYE = Eye(0.0, 0.0, 12.0, 1920, 1080)
SMALL = Eye(0.0, 0.0, 12.0, 800, 600)


def moved(eye: Eye, share: float) -> Eye:
    return replace(eye, x=eye.x + share * eye.width / zoom_scale(eye.zoom))


def test_a_window_serves_inside_its_margin_only() -> None:
    window = take_window(EYE)
    assert window.serves(EYE)
    assert window.serves(moved(EYE, 0.2))
    assert not window.serves(moved(EYE, MARGIN))
    assert window.serves(replace(EYE, zoom=12.15))
    assert not window.serves(replace(EYE, zoom=12.3))
    assert not window.serves(replace(EYE, letter=24.0))


def test_cells_keep_their_size_while_zooming_to_and_fro() -> None:
    """Around a change of size the finer zoom steps change nothing."""
    sizes: list[float] = []
    window = take_window(replace(EYE, zoom=11.0))
    for zoom in 11.0 + 0.3 * np.sin(np.linspace(0, 12 * np.pi, 200)):
        window = take_window(replace(EYE, zoom=float(zoom)), window)
        sizes.append(window.cell_m)
    assert np.count_nonzero(np.diff(sizes)) <= 1
    px = np.array(sizes) * np.array([zoom_scale(11.0)])
    assert (px >= 0.6 * 11 * 16).all()


def test_cell_sizes_are_powers_of_two() -> None:
    assert cell_size(1_000.0, None) == 1_024.0
    assert cell_size(1_100.0, 1_024.0) == 1_024.0
    assert cell_size(1_300.0, 1_024.0) == 2_048.0
    assert cell_size(1.0, None) == 64.0


def test_counting_is_left_at_ten_and_entered_lower() -> None:
    window = take_window(replace(SMALL, zoom=9.95))
    assert window.counting
    window = take_window(replace(SMALL, zoom=10.0), window)
    assert not window.counting
    window = take_window(replace(SMALL, zoom=9.8), window)
    assert not window.counting
    assert take_window(replace(SMALL, zoom=9.7), window).counting


@pytest.mark.parametrize(
    ("count", "way"),
    [
        (40, Way(named=True, chips=True)),
        (5_000, Way(named=True)),
        (90_000, Way(named=True, cells=True)),
    ],
)
def test_more_objects_are_drawn_in_coarser_ways(count: int, way: Way) -> None:
    flock = grow(None, scatter(count), COUNTIES)
    assert choose(flock, SPECS["requests"], sight(zoom=11.4, size=(3840, 2160)), None) == way


def test_more_than_twenty_thousand_are_never_points() -> None:
    assert limits(sight(size=(7680, 2160)).window, 3)[2] == 20_000
    assert limits(sight(size=(616, 400)).window, 3)[2] < 3_000


def test_a_way_is_kept_while_numbers_waver() -> None:
    """A count going to and fro around a limit changes the way once, not each time."""
    asked, ways = sight(zoom=11.4, size=(3840, 2160)), []
    before = None
    for turn in range(40):
        made = scatter(23_000 + 4_000 * (turn % 2))
        before = choose(grow(None, made, COUNTIES), SPECS["requests"], asked, before)
        ways.append(before.cells)
    changes = int(np.count_nonzero(np.diff(np.array(ways, np.int8))))
    assert changes <= 1
    assert ways[-1]


def test_many_layers_share_the_room_for_chips() -> None:
    window = sight(size=(616, 500)).window
    few, many = limits(window, 3), limits(window, 16)
    assert 16 * many[0] <= 1.1 * 3 * few[0]
    assert many[1] < few[1]
