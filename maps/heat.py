"""Where much happens: objects counted on a fine grid fixed to the ground, blurred, ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.flock import Flock
from maps.ground import FINE_M, Box, squares
from maps.sight import Window

FEWEST: Final = 400  # objects in the window: fewer are no picture
_PIXELS: Final = 6.0  # about the side of a grid square, CSS pixels
_SPREAD: Final = 2.6  # standard deviation of the blur, in squares
_TOP: Final = 0.985  # the share of squares below full strength
_CROWD: Final = 8  # objects on one spot that make full strength at least
_FAINTEST: Final = 12

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """Strength by square, the northernmost row first.

    Shape: strength (height, width).
    Units: west and north in metres from the centre, squares of `metres`.
    """

    west: float
    north: float
    metres: float
    strength: U8


def heat_of(flock: Flock, window: Window) -> Heat | None:
    """Give the heat of a window of a sorted flock, None where there is too little."""
    metres = max(FINE_M, 2.0 ** round(np.log2(_PIXELS * window.pixel_m)))
    edge = 4 * metres
    asked = window.box
    box = Box(asked.west - edge, asked.south - edge, asked.east + edge, asked.north + edge)
    found = squares(flock.code, box, round(np.log2(metres / FINE_M)))
    each = found.stop - found.start
    if each.sum() < FEWEST:
        return None
    low = (int(np.floor(box.west / metres)), int(np.floor(box.south / metres)))
    width = int(np.floor(box.east / metres)) - low[0] + 1
    height = int(np.floor(box.north / metres)) - low[1] + 1
    flat = (height - 1 - (found.row - low[1])) * width + found.column - low[0]
    count = np.bincount(flat, weights=each, minlength=width * height).astype(np.float32)
    blurred = _blur(_blur(count.reshape(height, width)).T).T
    return Heat(low[0] * metres, (low[1] + height) * metres, metres, _rank(blurred))


def _blur(grid: F32) -> F32:
    """Blur along the columns."""
    reach = int(3 * _SPREAD)
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SPREAD) ** 2).astype(np.float32)
    weight /= weight.sum()
    padded = np.pad(grid, ((reach, reach), (0, 0)))
    blurred = np.zeros_like(grid)
    for step, share in enumerate(weight):
        blurred += share * padded[step : step + grid.shape[0]]
    return blurred


def _rank(density: F32) -> U8:
    felt = density[density > density.max() * 0.01]
    one = 1 / (2 * np.pi * _SPREAD**2)  # the height of a single blurred object
    full = max(float(np.quantile(felt, _TOP)) if felt.size else 0.0, _CROWD * one)
    strength = 255 * np.sqrt(np.clip(density / full, 0, 1))
    strength[strength < _FAINTEST] = 0
    ranked: U8 = np.ascontiguousarray(strength.astype(np.uint8))
    return ranked
