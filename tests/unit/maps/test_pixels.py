from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from backend_client.contract.shapes import AREA, LINE
from maps.heat import Heat
from maps.outlines import Parts
from maps.picture import Sketch
from maps.pixels import Camera, nearest_outline, palette, segments, stamp, stroke, warm

COLOURS = [QColor("#B38CFF"), *(QColor(c) for c in ("#FF3B30", "#FF9500", "#FFE45C", "#2B6CFF"))]


def test_palette_greys_what_is_late_but_never_what_is_abnormal() -> None:
    table = palette(COLOURS, QColor("#8794A1"))
    assert table[0] == 0xFFB38CFF
    assert table[1 << 3] == 0xFF8794A1
    assert table[2] == table[(2 << 3) | 2] == 0xFFFF9500


def test_stamps_stand_around_their_place_and_stay_inside() -> None:
    pixels = np.zeros((10, 12), np.uint32)
    at = np.array([[5, 4], [0, 0], [11, 9], [-50, 3]])
    stamp(pixels, at, np.array([1, 2, 3, 4], np.uint32), 3)
    assert pixels[3:6, 4:7].tolist() == [[1] * 3] * 3
    assert pixels.sum() == 9  # the others would lie over the edge


def sketch(form: int, points: list[tuple[float, float]]) -> Sketch:
    xy = np.array(points, np.float32)
    parts = Parts(np.array([0, 1]), np.array([0, len(points)]), xy)
    return Sketch(
        np.array([form], np.uint8), np.array([7], np.uint32), np.zeros(1, np.uint8), parts
    )


def test_a_stroke_joins_its_ends_and_an_area_is_closed() -> None:
    for form, count in ((LINE, 2), (AREA, 3)):
        made = sketch(form, [(2, 2), (17, 2), (17, 17)])
        first, second, _ = segments(made.parts, made.form)
        assert first.size == count
        pixels = np.zeros((20, 20), np.uint32)
        at = made.parts.xy.astype(float)
        stroke(pixels, at, (first, second), np.ones(count, np.uint32), 1)
        assert pixels[2, 2:18].all()
        assert pixels[2:18, 17].all()
        assert bool(pixels[9, 9]) == (form == AREA)  # the ring's last side is the diagonal


def test_strokes_far_outside_cost_nothing() -> None:
    made = sketch(LINE, [(-1e7, 5), (1e7, 5)])
    first, second, _ = segments(made.parts, made.form)
    pixels = np.zeros((10, 10), np.uint32)
    stroke(pixels, made.parts.xy.astype(float), (first, second), np.ones(1, np.uint32), 1)
    assert not pixels.any()


def test_the_nearest_outline_is_a_line_beside_or_an_area_around() -> None:
    line = sketch(LINE, [(0, 0), (10, 0)])
    assert nearest_outline(line, line.parts.xy.astype(float), 5, 3) == (0, 3.0)
    area = sketch(AREA, [(0, 0), (10, 0), (10, 10), (0, 10)])
    assert nearest_outline(area, area.parts.xy.astype(float), 4, 5) == (0, 0.0)
    assert nearest_outline(area, area.parts.xy.astype(float), 14, 5) == (0, 4.0)


def test_heat_warms_only_where_it_is() -> None:
    strength = np.zeros((4, 4), np.uint8)
    strength[1, 2] = 255
    pixels = np.full((40, 40), 0xFF101010, np.uint32)
    camera = Camera(0.0, 0.0, 1.0, 40, 40)
    warm(pixels, Heat(-20.0, 20.0, 10.0, strength), QColor("#B38CFF"), camera)
    changed = np.argwhere(pixels != 0xFF101010)
    assert changed.min(axis=0).tolist() == [10, 20]
    assert changed.max(axis=0).tolist() == [19, 29]
