"""Lines and areas travel beside a block's columns and survive deltas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.contract.columns import (
    BadBlockError,
    FeatureBlock,
    decode_features,
    empty_features,
    encode_features,
    merge_features,
)
from backend_client.contract.shapes import (
    AREA,
    KEPT,
    LINE,
    NO_SHAPES,
    BadShapeError,
    decode,
    encode,
    join,
    make_shapes,
)

LINE_ROW = encode(LINE, [np.array([[1, 2], [3, 4]], np.int32)])
AREA_ROW = encode(AREA, [np.array([[0, 0], [9, 0], [9, 9]], np.int32)] * 2)


def block(oids: list[int], rows: list[object], *, version: int, base: int = 0) -> FeatureBlock:
    """Make a block of points, lines and areas."""
    count = len(oids)
    empty = empty_features("transport")
    columns: dict[str, Any] = {
        name: np.zeros(count, getattr(empty, name).dtype)
        for name in ("lon_e7", "lat_e7", "kind", "state", "region", "value", "observed_s")
    }
    return replace(
        empty,
        version=version,
        base=base,
        kinds=("link",),
        regions=("3206",),
        oid=np.array(oids, np.uint32),
        shapes=make_shapes(rows),  # type: ignore[arg-type]  # lists of plain integers are meant
        **columns,
    )


def rows_of(one: FeatureBlock) -> list[list[int]]:
    """Give every object's integers."""
    return [one.shapes.row(index).tolist() for index in range(one.oid.size)]


def test_a_shape_gives_back_its_parts() -> None:
    form, parts = decode(AREA_ROW)
    assert form == AREA
    assert [part.tolist() for part in parts] == [[[0, 0], [9, 0], [9, 9]]] * 2


@pytest.mark.parametrize(
    "row", [[], [1], [3, 1, 2, 0, 0, 1, 1], [1, 0], [1, 1, 5, 0, 0], [1, 1, 1, 0, 0]]
)
def test_integers_that_are_no_shape_are_refused(row: list[int]) -> None:
    with pytest.raises(BadShapeError):
        decode(np.array(row, np.int32))


def test_shapes_travel_on_the_wire() -> None:
    sent = block([1, 2, 3], [LINE_ROW, [], AREA_ROW], version=1)
    assert rows_of(decode_features(encode_features(sent))) == rows_of(sent)


def test_a_block_of_points_carries_no_shape_column() -> None:
    sent = block([1, 2], [[], []], version=1)
    assert sent.shapes is NO_SHAPES
    assert decode_features(encode_features(sent)).shapes.is_none


def test_a_delta_replaces_keeps_and_adds_shapes() -> None:
    old = block([1, 2, 3], [LINE_ROW, [], AREA_ROW], version=1)
    change = block([2, 3, 4], [AREA_ROW, [KEPT], LINE_ROW], version=2, base=1)
    made = merge_features(old, decode_features(encode_features(change)))
    want = [LINE_ROW, AREA_ROW, AREA_ROW, LINE_ROW]
    assert rows_of(made) == [row.tolist() for row in want]


def test_a_known_object_may_gain_keep_and_lose_its_shape() -> None:
    old = block([1, 2, 3, 4], [[], LINE_ROW, AREA_ROW, LINE_ROW], version=1)
    steps: list[tuple[list[object], list[object]]] = [
        ([LINE_ROW], [LINE_ROW, LINE_ROW, AREA_ROW, LINE_ROW]),
        ([[], [KEPT]], [[], LINE_ROW, AREA_ROW, LINE_ROW]),
        ([[], []], [[], [], AREA_ROW, LINE_ROW]),
        ([[], AREA_ROW, [KEPT]], [[], AREA_ROW, AREA_ROW, LINE_ROW]),
    ]
    for rows, want in steps:
        change = block([1, 2, 3][: len(rows)], rows, version=2, base=1)
        made = merge_features(old, decode_features(encode_features(change)))
        assert rows_of(made) == [np.asarray(row, np.int32).tolist() for row in want]
        assert made.oid.tolist() == [1, 2, 3, 4]
        assert (made.version, made.base) == (2, 0)


def test_as_before_without_a_before_is_refused() -> None:
    old = block([1], [LINE_ROW], version=1)
    with pytest.raises(BadBlockError):
        merge_features(old, block([2], [[KEPT]], version=2, base=1))


@given(st.lists(st.lists(st.integers(-9, 9), max_size=5), max_size=8), st.data())
def test_taking_and_joining_keep_each_row(rows: list[list[int]], data: st.DataObject) -> None:
    shapes = make_shapes(rows)
    places = st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=6)
    chosen = data.draw(places) if rows else []
    taken = shapes.take(np.array(chosen, np.intp), len(rows))
    assert [taken.row(i).tolist() for i in range(len(chosen))] == [rows[i] for i in chosen]
    both = join(shapes, len(rows), taken, len(chosen))
    want = [*rows, *(rows[i] for i in chosen)]
    assert [both.row(i).tolist() for i in range(len(want))] == want
