"""Outlines are sound or named, their anchors lie on them, what they touch is shapely's answer."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from backend.analytics.figures import Drawn, anchors, faulty, figures, geojson
from backend.domain.arrays import as_bytes, ragged
from backend_client.contract.shapes import AREA, LINE, encode

E7 = 10_000_000


def row(form: int, *parts: list[tuple[float, float]]) -> list[int]:
    """Write an outline given in degrees."""
    made = [np.rint(np.array(part) * E7).astype(np.int32) for part in parts]
    return list(map(int, encode(form, made)))


SQUARE = row(AREA, [(0, 0), (4, 0), (4, 4), (0, 4)])
HOLED = row(AREA, [(0, 0), (4, 0), (4, 4), (0, 4)], [(1, 1), (3, 1), (3, 3), (1, 3)])
BOW_TIE = row(AREA, [(0, 0), (4, 4), (4, 0), (0, 4)])
BENT = row(LINE, [(0, 0), (0, 1), (0, 4)])
TWO = row(LINE, [(0, 0), (0, 1)], [(5, 0), (5, 6)])


def column(*rows: list[int | None] | list[int] | None) -> pa.Array:  # type: ignore[type-arg]  # Arrow's own takes none
    """Put outlines into one column."""
    return pa.array(list(rows), pa.list_(pa.int32()))


@pytest.mark.parametrize(
    ("outline", "is_bad"),
    [
        (None, False),
        ([], False),
        (SQUARE, False),
        (HOLED, False),
        (BOW_TIE, False),  # filled even-odd: two triangles
        (BENT, False),
        (TWO, False),
        ([LINE], True),
        ([LINE, 0], True),
        ([LINE, 1, 1, 0, 0], True),
        ([LINE, 1, -3, 0, 0], True),
        ([AREA, 1, 3, 0, 0, 5, 5, 0, 0], True),  # a ring of two corners, closed
        ([AREA, 1, 3, 0, 0, 5, 5, 9, 9], True),  # no area
        ([AREA, 2, 3, 3, 0, 0, 5, 5, 0, 0, 0, 0, 1, 1, 2, 0], True),
        ([LINE, 1, 2, 0, 0, 0, 90 * E7 + 1], True),
        ([LINE, 1, 2, 0, 0, 180 * E7 + 1, 0], True),
        ([LINE, 2_000_000_000, 2, 0, 0, 1, 1], True),
        ([LINE, 1, 2, 0, None, 1, 1], True),
    ],
)
def test_an_outline_is_whole_on_the_globe_and_encloses_something(
    outline: list[int | None] | None, is_bad: bool
) -> None:
    assert faulty(column(SQUARE, outline, BENT)).tolist() == [False, is_bad, False]


@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9), max_size=6))
def test_no_integers_break_the_check(rows: list[list[int]]) -> None:
    found = faulty(column(*rows))
    assert found.size == len(rows)


def test_anchors_lie_at_half_of_a_line_and_inside_an_area() -> None:
    at, data = ragged(column(BENT, TWO, SQUARE, HOLED, BOW_TIE))
    made = figures(at, data, np.arange(5))
    spots = anchors(made)
    assert spots[0].tolist() == pytest.approx([0, 2])
    assert spots[1].tolist() == pytest.approx([5, 3])  # of the longest part
    assert shapely.contains_xy(made[2:], spots[2:, 0], spots[2:, 1]).all()
    assert shapely.area(made).tolist() == pytest.approx([0, 0, 16, 12, 8])


def test_what_touches_is_found_also_without_a_corner_inside() -> None:
    at, data = ragged(column(BENT, SQUARE, HOLED))
    bodies = as_bytes(at, data).to_pylist()
    drawn = Drawn([body for body in bodies if body])
    assert drawn.touching(shapely.box(-1, 1.9, 1, 2.1)).tolist() == [0, 1, 2]
    assert drawn.touching(shapely.box(1.5, 1.5, 2.5, 2.5)).tolist() == [1]  # in the hole
    assert drawn.touching(shapely.box(5, 5, 6, 6)).tolist() == []
    assert Drawn([]).touching(shapely.box(0, 0, 1, 1)).tolist() == []
    assert json.loads(geojson(bodies[2] or b""))["type"] == "Polygon"
