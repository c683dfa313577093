"""Whether a batch's values look as if measured in another unit than the last ones."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from backend_client.contract.base import Text

F64 = npt.NDArray[np.float64]

POWERS: Final = (1, 2, 3)
PAIRS_LEAST: Final = 5
NEAR: Final = 0.1
"""Decades: the median ratio lies within a quarter of the power of ten."""
SAME: Final = 0.2
SAME_SHARE: Final = 0.8


def unit_factor(before: F64, now: F64) -> float | None:
    """Give the power of ten by which values of the same objects have all jumped, None for none.

    The rule, for one kind of one batch: at least 5 objects with a value before and now, neither
    zero, of the same sign; the median of the ratios within 0.1 decade of 10, 100, 1000 or their
    inverses; and 80 % of the ratios within 0.2 decade of it. A flood makes every gauge rise, but
    not every gauge by the same factor.

    Shape: both (n,), NaN where there is no value.
    """
    usable = np.isfinite(before) & np.isfinite(now) & (before * now > 0)
    if int(usable.sum()) < PAIRS_LEAST:
        return None
    decades = np.log10(now[usable] / before[usable])
    middle = float(np.median(decades))
    power = round(middle)
    if abs(power) not in POWERS or abs(middle - power) > NEAR:
        return None
    share = float(np.mean(np.abs(decades - power) <= SAME))
    return math.pow(10.0, power) if share >= SAME_SHARE else None


def unit_note(kind: str, factor: float) -> Text:
    """Say what a wrong unit looks like and what ends it."""
    times = f"{factor:g}"
    return Text(
        f"{kind} 的数值普遍变为上次的 {times} 倍，疑似单位改变，已拒收；恢复原单位即接收。",
        f"Values of {kind} are all {times} times the last ones, as in another unit; "
        "refused until they come in the old one.",
    )
