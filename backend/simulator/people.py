"""Names, plates and telephone numbers of the simulated city; none is a real one."""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.simulator.curves import noise
from backend.simulator.goods import GIVEN, SURNAMES
from backend.simulator.ground import F64
from backend.simulator.kinds import Stock

_SERIES: Final = "ABCDEFGHJK"


def _lots(stock: Stock, salt: int) -> F64:
    return noise(stock.number * 31 + salt * 1_000_003 + len(stock.kind.word) * 977)


def names(stock: Stock, salt: int) -> list[str]:
    """Give each object a person's name; another salt gives others."""
    first = (_lots(stock, salt) * len(SURNAMES)).astype(int).tolist()
    last = (_lots(stock, salt + 50) * len(GIVEN)).astype(int).tolist()
    return [SURNAMES[a] + GIVEN[b] for a, b in zip(first, last, strict=True)]


def masked(stock: Stock) -> list[str]:
    """Give a surname only, as a screen may show it."""
    return [f"{SURNAMES[int(lot * len(SURNAMES))]}**" for lot in _lots(stock, 9).tolist()]


def plates(stock: Stock) -> list[str]:
    """Give each vehicle its own plate; kinds take different series."""
    letter = _SERIES[sum(map(ord, stock.kind.code)) % len(_SERIES)]
    return [f"苏F{letter}{stock.kind.code[0]}{number:04d}" for number in stock.number.tolist()]


def pick(stock: Stock, words: tuple[str, ...], lot: int = 1) -> list[str]:
    """Give each object one of some words by its lot."""
    at = np.minimum((stock.u[:, lot] * len(words)).astype(int), len(words) - 1)
    return [words[i] for i in at.tolist()]


def phones(stock: Stock) -> list[str]:
    """Give each object's duty telephone: one per town and kind."""
    base = sum(map(ord, stock.kind.word)) % 900
    return [f"0513-8{base + 100:03d}{town:03d}0" for town in stock.placed.town.tolist()]
