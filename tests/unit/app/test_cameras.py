"""Views of one wall look at one city: seams meet, and one moved by hand moves the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cameras import Camera, Hub, are_near, behind, fitting, window
from app.scenes import CITY
from app.wall import Box

WHOLE = Box(960, 192, 5760, 1944)
LEFT, RIGHT = Box(960, 192, 2880, 1944), Box(3840, 192, 2880, 1944)


class View:
    """A map that answers a look with a report, as the page does; it may stop at a zoom."""

    def __init__(self, hub: Hub, name: str, part: Box) -> None:
        self.hub, self.name, self.part = hub, name, part
        self.camera = Camera(0, 0, 0)
        hub.join(name, self.look, WHOLE, part)

    def look(self, lon: float, lat: float, zoom: float) -> None:
        self.camera = Camera(lon, lat, zoom)

    def report(self) -> None:
        at = self.camera
        self.hub.moved(self.name, at.lon, at.lat, at.zoom)


def test_the_seam_shows_the_same_place_from_both_sides() -> None:
    hub = Hub(CITY)
    left, right = View(hub, "L", LEFT), View(hub, "R", RIGHT)
    middle = fitting(CITY, WHOLE)
    for view in (left, right):
        assert are_near(behind(view.camera, WHOLE, view.part), middle)
    assert left.camera.lon < middle.lon < right.camera.lon
    assert left.camera.lat == pytest.approx(middle.lat)


def test_a_view_moved_by_hand_moves_the_others() -> None:
    hub = Hub(CITY)
    left, right = View(hub, "L", LEFT), View(hub, "R", RIGHT)
    left.look(120.7, 32.0, 12.0)
    left.report()
    assert right.camera.zoom == 12.0
    assert are_near(behind(right.camera, WHOLE, RIGHT), behind(left.camera, WHOLE, LEFT))


def test_an_answer_to_an_order_moves_nobody() -> None:
    hub = Hub(CITY)
    left, right = View(hub, "L", LEFT), View(hub, "R", RIGHT)
    before = right.camera
    left.report()
    assert right.camera is before


def test_a_view_that_comes_later_looks_where_the_others_do() -> None:
    hub = Hub(CITY)
    left = View(hub, "L", LEFT)
    left.look(120.7, 32.0, 12.0)
    left.report()
    right = View(hub, "R", RIGHT)
    assert right.camera.zoom == 12.0
    assert left.camera == Camera(120.7, 32.0, 12.0)
    hub.leave("R")
    hub.show(CITY)
    assert right.camera.zoom == 12.0


@given(
    st.floats(119, 123),
    st.floats(31, 33),
    st.floats(7, 18),
    st.integers(0, 5000),
    st.integers(1, 3000),
)
def test_window_and_behind_undo_each_other(
    lon: float, lat: float, zoom: float, x: int, width: int
) -> None:
    camera, part = Camera(lon, lat, zoom), Box(x, 192, width, 900)
    assert are_near(behind(window(camera, WHOLE, part), WHOLE, part), camera)


@given(st.integers(400, 8000), st.integers(400, 3000))
def test_the_whole_extent_is_in_sight(width: int, height: int) -> None:
    box = Box(0, 0, width, height)
    camera = fitting(CITY, box)
    corner = window(camera, box, Box(0, 0, 0, 0))  # a view of no size at the upper left corner
    assert camera.zoom == 7.0 or (
        corner.lon <= CITY.west + 1e-9 and corner.lat >= CITY.north - 1e-9
    )
