"""Lines and areas of a layer: read from the ragged column once, simplified once per zoom step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from backend_client.contract.columns import E7, FeatureBlock
from backend_client.contract.shapes import AREA, Shapes
from maps.ground import Box, expand
from maps.mercator import project, zoom_scale

ZOOMS: Final = (8.0, 9.5, 11.0, 12.5, 14.0)  # a simplified copy for each; above, as they came
_TOLERANCE_PX: Final = 0.6
_SLACK: Final = 0.25  # of a zoom level a copy may be drawn above its own
SMALLEST_PX: Final = 24.0  # a normal area smaller than this is not drawn, only counted
SHORTEST_PX: Final = 8.0  # nor a normal line shorter than this: a town's streets would be a blot

INK: Final = 0.03  # of a window: normal lines that would cover more are thinned, the longest stay

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Vertices of many parts, and the parts of many objects.

    Shape: object i has parts at[i]:at[i + 1], part p has vertices part_at[p]:part_at[p + 1];
        xy (v, 2) metres from the centre.
    """

    at: I64
    part_at: I64
    xy: F32

    def take(self, rows: I64) -> Parts:
        """Give some of the objects, in their order."""
        parts = expand(self.at[rows], self.at[rows + 1])
        vertices = expand(self.part_at[parts], self.part_at[parts + 1])
        at = _ends(self.at[rows + 1] - self.at[rows])
        return Parts(at, _ends(self.part_at[parts + 1] - self.part_at[parts]), self.xy[vertices])


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """The lines and areas of one block.

    Args:
        shapes: what it was read from.
        row: of each object in the block.
        form: LINE or AREA.
        levels: one copy per step of ZOOMS, then the vertices as they came.

    Shape: row, form (m,); box (m, 4) west, south, east, north in metres.
    """

    shapes: Shapes
    row: I64
    form: U8
    box: F32
    levels: tuple[Parts, ...]

    def within(self, box: Box) -> I64:
        """Find the objects whose rectangle meets a box."""
        west, south, east, north = self.box.T
        return np.flatnonzero(
            (west <= box.east) & (east >= box.west) & (south <= box.north) & (north >= box.south)
        )

    def at_zoom(self, zoom: float) -> Parts:
        """Give the coarsest copy that looks right at a zoom."""
        level = int(np.searchsorted(np.array(ZOOMS) + _SLACK, zoom))
        return self.levels[level]

    def too_small(self, rows: I64, window: Box, pixel_m: float) -> npt.NDArray[np.bool_]:
        """Tell the areas and lines that would be a speck, or one of too many in the window.

        The limit for lines doubles until the rest covers little: so it seldom changes.
        """
        west, south, east, north = self.box[rows].T
        size = np.maximum(east - west, north - south) / pixel_m
        is_area = self.form[rows] == AREA
        most = INK * (window.east - window.west) * (window.north - window.south) / pixel_m**2
        shortest = SHORTEST_PX
        while size[~is_area & (size >= shortest)].sum() > most:
            shortest *= 2
        small: npt.NDArray[np.bool_] = size < np.where(is_area, SMALLEST_PX, shortest)
        return small


def _ends(lengths: I64) -> I64:
    at = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=at[1:])
    return at


def read_outlines(block: FeatureBlock, before: Outlines | None) -> Outlines | None:
    """Read the shapes of a block; None without any. Unchanged shapes are not read again."""
    shapes = block.shapes
    if shapes.is_none:
        return None
    if before is not None and _same(before.shapes, shapes):
        return before
    whole, row, form = _decode(shapes)
    if not row.size:
        return None
    levels = tuple(_simplify(whole, _TOLERANCE_PX / zoom_scale(zoom)) for zoom in ZOOMS)
    return Outlines(shapes, row, form, _boxes(whole), (*levels, whole))


def _same(before: Shapes, now: Shapes) -> bool:
    return np.array_equal(before.at, now.at) and np.array_equal(before.data, now.data)


def _decode(shapes: Shapes) -> tuple[Parts, I64, U8]:
    """Split `form, parts, sizes, lon, lat ...` of all objects at once."""
    at, data = shapes.at.astype(np.int64), shapes.data
    row = np.flatnonzero(at[1:] - at[:-1] > 2)
    start = at[row]
    form = data[start].astype(np.uint8)
    parts = data[start + 1].astype(np.int64)
    sizes = data[expand(start + 2, start + 2 + parts)].astype(np.int64)
    body = data[expand(start + 2 + parts, at[row + 1])].reshape(-1, 2)
    xy = project(body[:, 0] / E7, body[:, 1] / E7)
    return Parts(_ends(parts), _ends(sizes), xy), row, form


def _boxes(parts: Parts) -> F32:
    first = parts.part_at[parts.at[:-1]]
    low = np.minimum.reduceat(parts.xy, first, axis=0)
    high = np.maximum.reduceat(parts.xy, first, axis=0)
    return np.column_stack([low, high])


def _simplify(whole: Parts, tolerance_m: float) -> Parts:
    """Leave out vertices that lie within a tolerance of the line without them."""
    sizes = whole.part_at[1:] - whole.part_at[:-1]
    part = np.repeat(np.arange(sizes.size), sizes)
    lines = shapely.linestrings(whole.xy.astype(np.float64), indices=part)
    kept, index = shapely.get_coordinates(
        shapely.simplify(lines, tolerance_m, preserve_topology=False), return_index=True
    )
    counts = np.bincount(index, minlength=sizes.size).astype(np.int64)
    return Parts(whole.at, _ends(counts), kept.astype(np.float32))
