from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from maps.native import palette, stamp

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
