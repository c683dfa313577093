from __future__ import annotations

import pytest
import shapely

from backend_client.contract.resources import Circle, Polygon
from maps.lasso import area_of, distance_m, handles_of, label_of, ring_of

SOUTH_WEST, NORTH_EAST = (120.8, 32.0), (120.9, 32.1)


def test_rectangle_has_four_corners_whichever_way_it_was_drawn() -> None:
    ways = [(SOUTH_WEST, NORTH_EAST), (NORTH_EAST, SOUTH_WEST), ((120.8, 32.1), (120.9, 32.0))]
    shapes = [area_of("rectangle", way) for way in ways]
    assert all(isinstance(shape, Polygon) and len(shape.ring) == 4 for shape in shapes)
    boxes = {shapely.Polygon(shape.ring).bounds for shape in shapes if isinstance(shape, Polygon)}
    assert boxes == {(120.8, 32.0, 120.9, 32.1)}


def test_circle_has_its_radius_on_the_ground() -> None:
    area = area_of("circle", (SOUTH_WEST, (120.8, 32.01)))
    assert isinstance(area, Circle)
    assert area.radius_m == pytest.approx(1112, abs=2)
    for corner in ring_of(area):
        assert distance_m(SOUTH_WEST, corner) == pytest.approx(area.radius_m, rel=1e-9)


def test_a_line_that_crosses_itself_keeps_its_largest_loop() -> None:
    eight = ((120.0, 32.0), (121.0, 32.0), (120.0, 33.0), (120.2, 33.2), (120.3, 31.5))
    area = area_of("polygon", eight)
    assert isinstance(area, Polygon)
    assert shapely.Polygon(area.ring).is_valid


@pytest.mark.parametrize(
    ("shape", "points"),
    [
        ("circle", (SOUTH_WEST, SOUTH_WEST)),
        ("rectangle", (SOUTH_WEST, SOUTH_WEST)),
        ("polygon", (SOUTH_WEST, NORTH_EAST)),
        ("polygon", ((120.0, 32.0), (121.0, 32.0), (122.0, 32.0))),
    ],
)
def test_what_encloses_nothing_is_no_area(
    shape: str, points: tuple[tuple[float, float], ...]
) -> None:
    assert area_of(shape, points) is None


def test_number_stands_inside_and_handles_are_few() -> None:
    horseshoe = ((0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (1, 1), (1, 10), (0, 10))
    area = area_of("polygon", tuple((120 + x / 10, 31 + y / 10) for x, y in horseshoe))
    assert isinstance(area, Polygon)
    assert shapely.Polygon(area.ring).contains(shapely.Point(label_of(area)))
    many = Polygon(ring=ring_of(Circle(lon=121.0, lat=32.0, radius_m=9e3)))
    assert len(handles_of(many)) <= 12
