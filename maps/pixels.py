"""Points, lines and heat as pixels: numpy writes them straight into an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from backend_client.contract.shapes import AREA
from maps.ground import expand
from maps.heat import Heat
from maps.outlines import Parts
from maps.picture import AGE_SHIFT, Sketch

Pixels = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

HEAT_MOST: Final = 0.45  # opacity at full strength, as on the page
_FARTHEST_PX: Final = 20_000.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Where metres fall on an image: middle in metres, pixels per metre, size in pixels."""

    x: float
    y: float
    scale: float
    width: int
    height: int

    def at(self, xy: npt.NDArray[np.floating]) -> F64:
        """Give pixels of metres.

        Shape: xy and the result (n, 2).
        """
        middle = np.array([self.width / 2, self.height / 2])
        placed: F64 = middle + (xy - [self.x, self.y]) * [self.scale, -self.scale]
        return placed


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Give a colour between two."""
    parts = zip(one.getRgbF()[:3], other.getRgbF()[:3], strict=True)  # type: ignore[index]  # the stubs say object
    return QColor.fromRgbF(*(a * share + b * (1 - share) for a, b in parts))


def palette(colours: list[QColor], grey: QColor) -> Pixels:
    """Give 32 colours by paint byte, as the page has them.

    Args:
        colours: of the layer, then of states I to IV.
        grey: for what is late or stale and not abnormal.
    """
    table = np.zeros(32, np.uint32)
    for age in range(3):
        for state, colour in enumerate(colours):
            shown = grey if age and not state else colour
            table[(age << AGE_SHIFT) | state] = shown.rgb()
    return table


def stamp(pixels: Pixels, at: I64, colour: Pixels, size: int) -> None:
    """Stamp squares into an image; what lies over the edge is left out.

    Shape: pixels (height, width); at (n, 2) x, y of the middle; colour (n,).
    """
    height, width = pixels.shape
    low = at - size // 2
    inside = (low >= 0).all(axis=1) & (low[:, 0] + size <= width) & (low[:, 1] + size <= height)
    x, y, shade = low[inside, 0], low[inside, 1], colour[inside]
    for row in range(size):
        for column in range(size):
            pixels[y + row, x + column] = shade


def segments(parts: Parts, form: npt.NDArray[np.uint8]) -> tuple[I64, I64, I64]:
    """Give the pairs of vertices that are joined: an area's rings are closed.

    Returns:
        First vertex, second vertex, object of each segment.
    """
    sizes = parts.part_at[1:] - parts.part_at[:-1]
    owner = np.repeat(np.arange(form.size), parts.at[1:] - parts.at[:-1])
    first = expand(parts.part_at[:-1], parts.part_at[1:] - 1)
    which = np.repeat(owner, np.maximum(sizes - 1, 0))
    rings = np.flatnonzero(form[owner] == AREA)
    last, begin = parts.part_at[rings + 1] - 1, parts.part_at[rings]
    return (
        np.concatenate([first, last]),
        np.concatenate([first + 1, begin]),
        np.concatenate([which, owner[rings]]),
    )


def stroke(pixels: Pixels, at: F64, ends: tuple[I64, I64], colour: Pixels, size: int) -> None:
    """Draw segments as rows of squares.

    Shape: at (v, 2) pixels of the vertices; ends two (s,); colour (s,).
    """
    height, width = pixels.shape
    a, b = at[ends[0]], at[ends[1]]
    low, high = np.minimum(a, b), np.maximum(a, b)
    seen = (high >= 0).all(axis=1) & (low[:, 0] < width) & (low[:, 1] < height)
    seen &= np.abs(b - a).max(axis=1) < _FARTHEST_PX
    a, b, shade = a[seen], b[seen], colour[seen]
    steps = np.ceil(np.abs(b - a).max(axis=1)).astype(np.int64) + 1
    which = np.repeat(np.arange(steps.size), steps)
    share = expand(np.zeros_like(steps), steps) / np.maximum(steps[which] - 1, 1)
    places = a[which] + (b - a)[which] * share[:, None]
    stamp(pixels, np.rint(places).astype(np.int64), shade[which], size)


def warm(pixels: Pixels, heat: Heat, colour: QColor, camera: Camera) -> None:
    """Lay heat over an image in one hue."""
    side = heat.metres * camera.scale
    left, top = camera.at(np.array([[heat.west, heat.north]]))[0]
    column = np.floor((np.arange(camera.width) + 0.5 - left) / side).astype(np.int64)
    row = np.floor((np.arange(camera.height) + 0.5 - top) / side).astype(np.int64)
    rows = np.flatnonzero((row >= 0) & (row < heat.strength.shape[0]))
    columns = np.flatnonzero((column >= 0) & (column < heat.strength.shape[1]))
    if not rows.size or not columns.size:
        return
    share = heat.strength[np.ix_(row[rows], column[columns])] * np.float32(HEAT_MOST / 255)
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    out = np.full(part.shape, 0xFF000000, np.uint32)
    for shift, target in ((16, colour.red()), (8, colour.green()), (0, colour.blue())):
        below = ((part >> np.uint32(shift)) & np.uint32(255)).astype(np.float32)
        out |= (below + (target - below) * share).astype(np.uint32) << np.uint32(shift)
    part[:] = out


def nearest_outline(sketch: Sketch, at: F64, x: float, y: float) -> tuple[int, float]:
    """Find the line or area at a pixel: its number and its distance, 0 inside an area.

    Shape: at (v, 2) pixels of the vertices.
    """
    first, second, owner = segments(sketch.parts, sketch.form)
    a, b, here = at[first], at[second], np.array([x, y])
    along = b - a
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    share = np.clip((((here - a) * along).sum(axis=1)) / length, 0, 1)
    away = np.hypot(*(a + along * share[:, None] - here).T)
    best = np.full(sketch.oid.size, np.inf)
    np.minimum.at(best, owner, away)
    cross = (a[:, 1] > y) != (b[:, 1] > y)
    edge = a[:, 0] + (y - a[:, 1]) / np.where(along[:, 1] == 0, 1, along[:, 1]) * along[:, 0]
    odd = np.bincount(owner[cross & (x < edge)], minlength=best.size) % 2 == 1
    best[odd & (sketch.form == AREA)] = 0.0
    found = int(best.argmin()) if best.size else -1
    return found, float(best[found]) if found >= 0 else np.inf
