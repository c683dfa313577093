"""How a layer is drawn in a window: chips, points, cells; a way once taken is kept for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from maps.flock import SHAPED, Bools, Flock, mask_of
from maps.ground import Box, level_for, squares
from maps.sight import Sight, Window
from maps.spec import LayerSpec

MOST_POINTS: Final = 20_000  # more symbols than this are always counted
CHIPS_PER_LAYER: Final = 60
NAMED_CHIPS: Final = 40  # sluices and stations are looked for by name: a few more of them
_BACK: Final = 0.7  # of a limit: below it the finer way is taken again
_POINT_PX: Final = 100.0  # of the view each point must have, on average
_FEW_LAYERS: Final = 3  # with more layers shown each gets a smaller share of chips
_CHIP_LETTERS: Final = 7.0  # each chip wants a square of so many letters


@dataclass(frozen=True, slots=True)
class Way:
    """How one layer of one channel is drawn.

    Args:
        counting: by county.
        named: objects with names have chips of their own.
        chips: so have the others.
        cells: the others are counted by cells; neither means as points.
    """

    counting: bool = False
    named: bool = False
    chips: bool = False
    cells: bool = False


def limits(window: Window, layers: int) -> tuple[int, int, int]:
    """Give the most chips, chips with names and points one of so many layers may show."""
    crowd = max(1.0, layers / _FEW_LAYERS)
    chip = (_CHIP_LETTERS * window.letter) ** 2
    chips = int(min(CHIPS_PER_LAYER, window.area_px / chip) / crowd)
    points = int(min(MOST_POINTS, window.area_px / _POINT_PX) / crowd)
    return chips, max(chips, int(NAMED_CHIPS / crowd)), points


def named_kinds(spec: LayerSpec, flock: Flock) -> Bools:
    """Tell the kinds whose objects have names worth a chip."""
    words = [kind.kind for kind in spec.kinds if kind.named and kind.form not in SHAPED]
    return mask_of(flock.kinds, words)


def shaped_kinds(spec: LayerSpec, flock: Flock) -> Bools:
    """Tell the kinds drawn as lines and areas."""
    return mask_of(flock.kinds, [kind.kind for kind in spec.kinds if kind.form in SHAPED])


def _count(flock: Flock, box: Box, named: Bools, shaped: Bools) -> tuple[int, int]:
    """Count the named and the other points of a box."""
    if flock.is_sorted and not named.any() and not shaped.any():
        found = squares(flock.code, box, max(0, level_for(box) - 1))
        return 0, int((found.stop - found.start).sum())
    kinds = flock.kind[flock.within(box)]
    some = int(np.count_nonzero(named[kinds]))
    return some, int(kinds.size - some - np.count_nonzero(shaped[kinds]))


def choose(flock: Flock, spec: LayerSpec, sight: Sight, before: Way | None) -> Way:
    """Choose the way; between two limits the former one is kept, so that nothing flickers."""
    if sight.detail == "points":
        return Way()
    window = sight.window
    if window.counting:
        return Way(counting=True)
    was = None if before is None or before.counting else before
    named, shaped = named_kinds(spec, flock), shaped_kinds(spec, flock)
    some, rest = _count(flock, window.view, named, shaped)
    chips, names, points = limits(window, len(sight.layers))
    as_chips = some + rest <= _kept(chips, kept=was is None or was.chips)
    by_name = as_chips or some <= _kept(names, kept=was is None or was.named)
    others = rest if by_name else some + rest
    as_points = others <= _kept(points, kept=was is None or not was.cells)
    return Way(named=by_name, chips=as_chips, cells=not (as_chips or as_points))


def _kept(limit: int, *, kept: bool) -> float:
    """Give the limit of a way in use; for coming back to it there must be clearly fewer."""
    return limit if kept else limit * _BACK
