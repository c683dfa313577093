"""Lines and areas: read as they were written, simplified within half a pixel, cut to the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from backend_client.contract.columns import E7, FeatureBlock
from backend_client.contract.shapes import AREA, LINE, encode, make_shapes
from maps.growth import grow
from maps.mercator import project, zoom_scale
from maps.outlines import ZOOMS, Outlines, read_outlines
from maps.picture import Picture, draw, pack
from maps.spec import Kind, LayerSpec
from tests.unit.maps.flocks import COUNTIES, NOW_S, SPECS, block, sight

F64 = npt.NDArray[np.float64]
SPEC: LayerSpec = replace(
    SPECS["requests"],
    heat=False,
    kinds=(
        Kind("road", SPECS["requests"].title, form="line"),
        Kind("zone", SPECS["requests"].title, form="area"),
    ),
)


def ints(points: F64) -> npt.NDArray[np.int32]:
    return np.rint(points * E7).astype(np.int32)


def wave(lon: float, lat: float, n: int = 200) -> F64:
    t = np.linspace(0, 1, n)
    return np.column_stack([lon + 0.2 * t, lat + 0.01 * np.sin(20 * t)])


def square(lon: float, lat: float, side: float) -> F64:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return np.array([lon, lat]) + side * corners


def made(
    parts: Sequence[tuple[int, list[F64]]], state: Sequence[int] | None = None
) -> FeatureBlock:
    rows = [encode(form, [ints(part) for part in some]) for form, some in parts]
    anchors = [tuple(some[0].mean(axis=0).tolist()) for _, some in parts]
    kind = [0 if form == LINE else 1 for form, _ in parts]
    bare = block(anchors, kinds=("road", "zone"), kind=kind, state=state)
    return replace(bare, shapes=make_shapes(rows))


RING = [square(121.0, 32.1, 0.2), square(121.05, 32.15, 0.1)]
BLOCK = made(
    [(LINE, [wave(121.0, 32.0)]), (AREA, RING), (LINE, [wave(121.4, 32.3), wave(121.0, 32.4)])]
)


def outlines(source: FeatureBlock) -> Outlines:
    found = read_outlines(source, None)
    assert found is not None
    return found


def drawn(source: FeatureBlock, zoom: float = 10.6, mark: tuple[str, int] | None = None) -> Picture:
    asked = sight(121.1, 32.15, zoom, mark=mark)
    return draw(grow(None, source, COUNTIES), SPEC, asked, before=None, now_s=NOW_S)


def test_shapes_are_read_as_they_were_written() -> None:
    found = outlines(BLOCK)
    whole = found.levels[-1]
    assert found.form.tolist() == [LINE, AREA, LINE]
    assert (whole.at[1:] - whole.at[:-1]).tolist() == [1, 2, 2]
    wanted = np.concatenate([wave(121.0, 32.0), *RING, wave(121.4, 32.3), wave(121.0, 32.4)])
    assert np.abs(whole.xy - project(*wanted.T)).max() < 0.05


def test_each_copy_stays_within_a_pixel_of_the_line() -> None:
    found = outlines(BLOCK)
    whole = found.levels[-1].take(np.array([0]))
    line = shapely.LineString(whole.xy)
    sizes = []
    for zoom, level in zip(ZOOMS, found.levels, strict=False):
        copy = shapely.LineString(level.take(np.array([0])).xy)
        assert shapely.hausdorff_distance(line, copy) * zoom_scale(zoom) < 1.0
        sizes.append(len(copy.coords))
    assert sizes == sorted(sizes)
    assert sizes[0] < 60 < len(whole.xy)


def test_the_copy_drawn_fits_the_zoom() -> None:
    found = outlines(BLOCK)
    for zoom in np.arange(7.0, 18.0, 0.1):
        level = found.levels.index(found.at_zoom(float(zoom)))
        own = ZOOMS[level] if level < len(ZOOMS) else 99.0
        assert own >= zoom - 0.26


def test_only_what_meets_the_window_is_sent() -> None:
    near = drawn(BLOCK, zoom=10.6).sketch
    assert near is not None
    assert sorted(near.oid.tolist()) == [1, 2, 3]
    close = draw(
        grow(None, BLOCK, COUNTIES), SPEC, sight(121.52, 32.3, 13.0), before=None, now_s=NOW_S
    ).sketch
    assert close is not None
    assert close.oid.tolist() == [3]


def test_what_is_abnormal_is_drawn_last_and_carries_its_shape() -> None:
    source = made(
        [(LINE, [wave(121.0, 32.0)]), (AREA, RING), (LINE, [wave(121.05, 32.1)])], state=[1, 4, 0]
    )
    picture = drawn(source)
    assert picture.sketch is not None
    assert picture.sketch.oid.tolist() == [2, 3, 1]
    assert sorted(picture.oid[: picture.chips].tolist()) == [1, 2]
    assert picture.points == 0


@pytest.mark.parametrize("form", [AREA, LINE])
def test_a_speck_is_drawn_only_when_it_matters(form: int) -> None:
    specks = [(form, [square(121.0 + 0.05 * i, 32.1, 0.0005)]) for i in range(3)]
    source = made(specks, state=[0, 2, 0])
    picture = drawn(source, mark=("requests", 3))
    assert picture.sketch is not None
    assert sorted(picture.sketch.oid.tolist()) == [2, 3]


def test_unchanged_shapes_are_not_read_again() -> None:
    first = grow(None, BLOCK, COUNTIES)
    again = grow(first, replace(BLOCK, version=9, state=np.array([1, 0, 0], np.uint8)), COUNTIES)
    assert again.outlines is first.outlines
    other = made([(LINE, [wave(121.0, 32.1)]), (AREA, RING), (LINE, [wave(121.4, 32.3)])])
    assert grow(first, replace(other, version=10), COUNTIES).outlines is not first.outlines


def test_packed_outlines_can_be_read() -> None:
    picture = drawn(BLOCK)
    assert picture.sketch is not None
    data = pack(picture)
    size = int.from_bytes(data[:4], "little")
    assert b'"sketch": [3, 5, ' in data[4 : 4 + size]


def test_a_thicket_of_lines_is_thinned_to_the_longest() -> None:
    draw_ = np.random.default_rng(3)
    streets = [
        (LINE, [np.array([[x, y], [x + 0.004, y + 0.003]])])
        for x, y in draw_.uniform([120.9, 32.0], [121.3, 32.3], (4_000, 2))
    ]
    long = [(LINE, [wave(120.9, 32.05 + 0.03 * i)]) for i in range(6)]
    picture = drawn(made([*streets, *long], state=[0] * 3_999 + [2] + [0] * 6))
    assert picture.sketch is not None
    kept = set(picture.sketch.oid.tolist())
    assert {4_001 + i for i in range(6)} <= kept
    assert 4_000 in kept  # the abnormal one stays
    assert len(kept) < 100
    close = drawn(made([*streets, *long]), zoom=13.0)
    assert close.sketch is not None
    assert close.sketch.oid.size > 100  # where there is room they are all there
