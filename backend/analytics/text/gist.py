"""What a report's own words lean to, learned from what stood beside them in other reports.

The list of everyday words of matters never ends: 头疼、呕吐 stand in none of it, but where they
stood beside 煤气 before, they speak of gas. Only what was read is counted, nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from typing import Final, Protocol

from backend.analytics.text import matters, places

OWN: Final = 6.0
"""Weight of a matter named outright, against what words lean to."""

_READ: Final = 90  # characters in which people have said what it is about
_PAIRS: Final = 60
_FILED: Final = re.compile("报警人称?|警情")  # who calls the police has not said what about
_BESIDE: Final = re.compile("[\u4e00-\u9fff]{1,3}(?=对面|旁边|这里|门口)")
_RUNS: Final = re.compile("[\u4e00-\u9fff]+")
_LEAST: Final = 0.02  # of what a report leans to; less is chance

Weights = dict[str, float]


class Known(Protocol):
    """What was counted of other reports."""

    def count(self, mark: str) -> int:
        """Give in how many reports a mark stood."""
        ...

    def beside(self, pair: str) -> Collection[str]:
        """Give the matters a pair of signs stood beside."""
        ...


def told(plain: str, names: Iterable[places.Name]) -> str:
    """Give the beginning of a report without the places it names."""
    bare = _FILED.sub(" ", plain[:_READ])
    for full in sorted({name.full for name in names if len(name.full) > 2}, key=len)[::-1]:
        bare = bare.replace(full, " ")
    return _BESIDE.sub(" ", bare)


def cores(bare: str) -> frozenset[str]:
    """Give the matters named outright; what merely follows from trouble only if nothing else is."""
    found = matters.matters(bare)
    return (found - matters.FOLLOWING) or found


def marks(bare: str, own: frozenset[str]) -> list[str]:
    """Give what is counted of a report that names a matter: each pair of signs, beside each."""
    if not own:
        return []
    found = [f"%{name}" for name in own]
    for pair in _pairs(bare):
        found.append(f"&{pair}")
        found += [f"&{pair}{name}" for name in own]
    return found


def beside(mark: str) -> tuple[str, str] | None:
    """Give the pair of signs and the matter a mark of `marks` tells of, if of both."""
    return (mark[1:3], mark[3:]) if mark[0] == "&" and len(mark) > 3 else None


def leaning(bare: str, own: frozenset[str], known: Known) -> Weights:
    """Say to which matters a report's words lean, by the other reports counted.

    Args:
        bare: the report without the places named.
        own: the matters it names; its own count among the others is taken off.
        known: what was counted of other reports.
    """
    seen = {name: max(0, known.count(f"%{name}") - (name in own)) for name in matters.EVERY}
    every = sum(seen.values()) + 1.0
    mine = int(bool(own))
    found: Weights = {}
    for pair in _pairs(bare):
        many = known.count(f"&{pair}") - mine
        if many <= 0:
            continue
        rare = math.log((every + 1.0) / (many + 0.5))
        for name in known.beside(pair):
            often = known.count(f"&{pair}{name}") - (name in own)
            if often > 0:
                usual = seen[name] / every
                lift = (often + usual) / (many + 1.0) - usual
                if lift > 0 < rare:
                    found[name] = found.get(name, 0.0) + rare * lift * lift
    return {name: weight for name, weight in found.items() if weight > _LEAST}


def whole(leans: Weights, own: frozenset[str]) -> Weights:
    """Give what a report is about: what its words lean to, and what it names."""
    found = dict(leans)
    for name in own:
        found[name] = found.get(name, 0.0) + OWN / len(own)
    return found


def alike(one: Weights, other: Weights) -> tuple[float, float, float]:
    """Compare what two reports are about: how alike, how much is known, how much is apart."""
    lengths = [math.sqrt(sum(x * x for x in each.values())) for each in (one, other)]
    if not all(lengths):
        return -0.1, 0.0, 0.0
    both = sum(one[name] * other[name] for name in one.keys() & other.keys())
    like, known = both / (lengths[0] * lengths[1]), math.log1p(min(lengths))
    return like, known, (1.0 - like) * known


def _pairs(bare: str) -> list[str]:
    found = dict.fromkeys(
        run[at : at + 2] for run in _RUNS.findall(bare) for at in range(len(run) - 1)
    )
    return list(found)[:_PAIRS]
