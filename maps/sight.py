"""What one view looks at: its camera, the window of data it needs, and when it needs another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from maps.ground import Box
from maps.mercator import zoom_scale

Detail = Literal["auto", "points"]

MARGIN: Final = 0.35  # of the view, on each side: data for moving about in
STAGE: Final = 0.08  # of the view, on each side: what the page may draw beyond the view
ZOOM_STEP: Final = 0.2  # a smaller change of zoom needs no new data
COUNT_BELOW: Final = 10.0  # zoom: below it counties are counted
_COUNT_SLACK: Final = 0.25  # once objects are shown, only from so much lower down again
_COUNT_SIZE: Final = (1500.0, 870.0)  # a larger view shows the whole city at a higher zoom
_CELL_LETTERS: Final = 11.0  # a cell is at least so many letters wide
_CELL_SLACK: Final = (0.85, 2.3)  # a cell size once chosen is kept between these widths
_SMALLEST_CELL_M: Final = 64.0


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera: middle in metres from the centre, zoom, size of the view in CSS pixels."""

    x: float
    y: float
    zoom: float
    width: float
    height: float
    letter: float = 16.0

    def box(self) -> Box:
        """Give what the view shows."""
        scale = zoom_scale(self.zoom)
        half_x, half_y = self.width / scale / 2, self.height / scale / 2
        return Box(self.x - half_x, self.y - half_y, self.x + half_x, self.y + half_y)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the data a view holds: the view and a margin, at one zoom.

    Args:
        view: what the view showed when the window was taken.
        box: the view and its margin.
        zoom: the zoom it was taken at.
        area_px: of the view, CSS pixels.
        letter: height of small letters, CSS pixels.
        cell_m: the side of a cell, fixed to the ground.
        counting: counties are counted instead of objects shown.
        count_below: the zoom below which they are.
    """

    view: Box
    box: Box
    zoom: float
    area_px: float
    letter: float
    cell_m: float
    counting: bool
    count_below: float

    @property
    def pixel_m(self) -> float:
        """Give the side of a CSS pixel in metres."""
        return 1 / zoom_scale(self.zoom)

    def serves(self, eye: Eye) -> bool:
        """Tell whether a camera needs no other window."""
        here = _counting(eye, before=self.counting) == self.counting
        close = abs(eye.zoom - self.zoom) <= ZOOM_STEP and eye.letter == self.letter
        close &= eye.width * eye.height == self.area_px
        return here and close and self.box.holds(eye.box().grown(STAGE))


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that decides what one view is given."""

    window: Window
    layers: tuple[str, ...]
    detail: Detail = "auto"
    mark: tuple[str, int] | None = None


def count_below(width: float, height: float) -> float:
    """Give the zoom below which a view of a size counts by county."""
    times = min(width / _COUNT_SIZE[0], height / _COUNT_SIZE[1])
    return COUNT_BELOW + max(0.0, math.log2(max(times, 1.0)))


def _counting(eye: Eye, *, before: bool | None) -> bool:
    limit = count_below(eye.width, eye.height)
    return eye.zoom < (limit - _COUNT_SLACK if before is False else limit)


def cell_size(least_m: float, before_m: float | None) -> float:
    """Give the side of a cell in metres, a power of two; a size in use is kept for a while.

    Args:
        least_m: the smallest that leaves room for its words.
        before_m: the size in use, if any.
    """
    low, high = _CELL_SLACK
    if before_m is not None and low * least_m <= before_m <= high * least_m:
        return before_m
    return max(_SMALLEST_CELL_M, 2.0 ** math.ceil(math.log2(least_m)))


def take_window(eye: Eye, before: Window | None = None) -> Window:
    """Give the window of a camera; what was chosen before is kept where that is still right."""
    view = eye.box()
    alike = before if before and before.area_px == eye.width * eye.height else None
    least_m = _CELL_LETTERS * eye.letter / zoom_scale(eye.zoom)
    return Window(
        view=view,
        box=view.grown(MARGIN),
        zoom=eye.zoom,
        area_px=eye.width * eye.height,
        letter=eye.letter,
        cell_m=cell_size(least_m, alike.cell_m if alike else None),
        counting=_counting(eye, before=alike.counting if alike else None),
        count_below=count_below(eye.width, eye.height),
    )
