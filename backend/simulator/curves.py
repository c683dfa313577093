"""How values go through the day: rush hours, loads, slow waves, and the few that are abnormal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Judge, Stock

Bools = npt.NDArray[np.bool_]
LOCAL_S: Final = 8 * 3600
HOUR_S: Final = 3600.0
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)

# Share of the day's peak per local hour.
POWER: Final = (
    .62, .58, .56, .55, .55, .58, .66, .76, .88, .95, .98, .96, .90, .93, .97, .98, .96, .95,
    .97, 1.0, .98, .92, .82, .70,
)  # fmt: skip
OFFICE: Final = (
    0, 0, 0, 0, 0, 0, 0, .05, .55, .95, 1.0, .75, .25, .45, .9, .95, .7, .2, 0, 0, 0, 0, 0, 0,
)  # fmt: skip
WATER_USE: Final = (
    .35, .30, .28, .28, .32, .5, .85, 1.0, .9, .8, .78, .85, .82, .72, .7, .7, .76, .92, 1.0,
    .98, .9, .78, .6, .45,
)  # fmt: skip
RUSH: Final = (
    .05, .03, .02, .02, .04, .12, .45, .95, .9, .5, .42, .45, .45, .42, .45, .55, .75, 1.0, .85,
    .5, .38, .3, .2, .1,
)  # fmt: skip


def local_hour(at_s: float) -> float:
    """Give the local time of day in hours."""
    return (at_s + LOCAL_S) % 86_400 / HOUR_S


def daily(table: Sequence[float], at_s: float) -> float:
    """Read a table of 24 hours between its points."""
    return float(np.interp(local_hour(at_s), np.arange(25), [*table, table[0]]))


def wave(stock: Stock, at_s: float, *, hours: float, lot: int = 0) -> F64:
    """Let every object swing between -1 and 1 at its own pace and phase."""
    u = stock.u[:, lot]
    return np.sin(2 * np.pi * (at_s / (hours * HOUR_S * (0.8 + 0.4 * u)) + 7 * u))


def few(stock: Stock, at_s: float, count: float, *, hours: float = 2.0, salt: int = 0) -> Bools:
    """Choose some objects, other ones every few hours, each at its own moment.

    Args:
        stock: the objects.
        at_s: the instant.
        count: how many of them at scale 1; a smaller city has the root of the share.
        hours: how long one stays chosen.
        salt: another number chooses others.
    """
    scale = stock.world.scale
    share = count * max(scale, 1e-9) ** 0.5 / max(1, stock.total)
    turn = np.floor(at_s / (hours * HOUR_S) + stock.u[:, 3]).astype(np.int64)
    chosen: Bools = noise(stock.number + 7919 * turn + 104_729 * salt) < share
    return chosen


def to(value: F64, digits: int = 0) -> F64:
    """Round as a source does that tells so many digits."""
    return np.round(value, digits).astype(np.float64) + 0.0


def noise(words: npt.NDArray[np.int64]) -> F64:
    """Give a number in [0, 1) that depends on the word alone (splitmix64)."""
    with np.errstate(over="ignore"):
        z = (words.astype(np.uint64) + np.uint64(1)) * _MIX
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    found: F64 = (z >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return found


def over(*limits: tuple[float, int]) -> Judge:
    """Judge by upper limits, the gravest first: (limit, state)."""

    def judge(_stock: Stock, value: F64, _at_s: float) -> U8:
        found = np.select([value > limit for limit, _state in limits], [s for _l, s in limits], 0)
        return found.astype(np.uint8)

    return judge


def under(*limits: tuple[float, int]) -> Judge:
    """Judge by lower limits, the gravest first: (limit, state)."""

    def judge(_stock: Stock, value: F64, _at_s: float) -> U8:
        found = np.select([value < limit for limit, _state in limits], [s for _l, s in limits], 0)
        return found.astype(np.uint8)

    return judge
