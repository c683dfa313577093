"""What comes, stays a while and goes: areas without power, water or gas, a plume over an accident.

Each sort has some places at a time where it may be. Time is cut into turns; in each turn a place
lies elsewhere and has its trouble at a moment and for a time that depend on the seed alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from backend.simulator.curves import over, to, wave
from backend.simulator.feed import Feed
from backend.simulator.ground import F64, draws
from backend.simulator.kinds import U8, Column, Kind, Stock, World
from backend.simulator.places import blocks
from backend.simulator.sources import feeds_of
from backend.simulator.stock import make, run_of
from backend.simulator.table import whole
from backend_client.contract.rows import Rows

EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Trouble:
    """One sort of it.

    Args:
        layer: where it is shown.
        kind: what is shown; its count is in how many places it may be at a time.
        turn_s: how long a turn is.
        lasts_min: how long it stays, from and to.
        share: in how many of the turns it comes at all.
        until: own field that tells when it is over, none when nobody says so.
    """

    layer: str
    kind: Kind
    turn_s: float
    lasts_min: tuple[float, float]
    share: float = 1.0
    until: str = ""


class Troubles:
    """Tell the service each minute what is there now, and take out what is over."""

    def __init__(self, world: World, feed: Feed) -> None:
        self._world, self._feed = world, feed
        self._minute = -1
        self._shown: dict[str, set[str]] = {}

    def step(self, at_s: float) -> None:
        """Say once a minute what is there; all of it again when it was not taken."""
        minute = int(at_s // EVERY_S)
        if minute != self._minute and all(self._tell(one, at_s) for one in TROUBLES):
            self._minute = minute

    def _tell(self, trouble: Trouble, at_s: float) -> bool:
        every = {_id(trouble, place): place for place in range(trouble.kind.count)}
        before = self._shown.get(trouble.kind.word)
        is_due = int(at_s // EVERY_S) % max(1, round((trouble.kind.period_s or 0) / EVERY_S)) == 0
        now: set[str] = set()
        for name, place in every.items():
            stock = there(trouble, place, self._world, at_s)
            if stock is None:
                continue
            now.add(name)
            if is_due or before is None or name not in before:
                rows = Rows(whole(stock, at_s), feeds_of(stock)[0])
                if not self._feed.wide(trouble.layer, rows):
                    return False
        ended = (set(every) if before is None else before) - now  # at first whatever was left
        if ended and not self._feed.remove(trouble.layer, sorted(ended)):
            return False
        self._shown[trouble.kind.word] = now
        return True


def spell(trouble: Trouble, place: int, seed: int, at_s: float) -> tuple[float, float] | None:
    """Give from when until when a place has its trouble in the turn of an instant.

    Units: seconds since 1970 UTC; None when it is spared.
    """
    turn, since_s = _turn(trouble, place, at_s)
    lot, moment, length = draws(seed, trouble.kind.word, "spell", place, turn).random(3)
    if lot >= trouble.share:
        return None
    low, high = (60 * minutes for minutes in trouble.lasts_min)
    lasts_s = low + (high - low) * length
    begins_s = since_s + moment * (trouble.turn_s - lasts_s)
    return begins_s, begins_s + lasts_s


def there(trouble: Trouble, place: int, world: World, at_s: float) -> Stock | None:
    """Give a place that has its trouble at an instant as a stock of one."""
    found = spell(trouble, place, world.seed, at_s)
    if found is None or not found[0] <= at_s < found[1]:
        return None
    turn, _since_s = _turn(trouble, place, at_s)
    kind = _until(trouble, found[1])
    elsewhere = replace(world, seed=world.seed + turn)
    return run_of(make(trouble.layer, kind, elsewhere), place, place + 1)


def _turn(trouble: Trouble, place: int, at_s: float) -> tuple[int, float]:
    """Give a place's turn at an instant and when it began; the places' turns are staggered."""
    shift_s = trouble.turn_s * place / trouble.kind.count
    turn = int((at_s - shift_s) // trouble.turn_s)
    return turn, turn * trouble.turn_s + shift_s


def _until(trouble: Trouble, ends_s: float) -> Kind:
    kind, own = trouble.kind, trouble.kind.fields
    if not trouble.until:
        return kind
    ends = datetime.fromtimestamp(round(ends_s), UTC).isoformat()

    def fields(stock: Stock) -> Mapping[str, Column]:
        return {**(own(stock) if own else {}), trouble.until: ends}

    return replace(kind, fields=fields)


def _id(trouble: Trouble, place: int) -> str:
    return f"SIM-{trouble.kind.code}{place:05d}"


def _users(stock: Stock, at_s: float) -> F64:
    size = to(90 + 1_300 * stock.u[:, 0] ** 2)
    return to(size * (0.75 + 0.25 * wave(stock, at_s, hours=1.5)))


def _cut_off(_stock: Stock, value: F64, _at_s: float) -> U8:
    return np.where(value > 1_000, 3, 4).astype(np.uint8)


def _outage(medium: str, code: str, count: int, zh: str, department: str) -> Trouble:
    kind = Kind(
        f"outage_{medium}", code, count, zh, f"{medium.capitalize()} outage", (department,),
        blocks((350, 1_100), 8), period_s=60, value=_users, state=_cut_off, fixed=True,
        fields=lambda _s: {"medium": medium},
    )  # fmt: skip
    return Trouble("utilities", kind, 6 * 3_600.0, (20, 180), until="repair_eta")


_PLUME: Final = Kind(
    "plume", "PM", 1, "烟羽", "Plume", ("D22",), blocks((2_600, 3_400), 16), period_s=300,
    fixed=True, official=True, value=lambda s, t: to(22 + 18 * wave(s, t, hours=6)),
    state=over((32, 4)),
)  # fmt: skip
TROUBLES: Final[Sequence[Trouble]] = (
    _outage("power", "OP", 7, "停电区", "D62"),
    _outage("water", "OW", 4, "停水区", "D24"),
    _outage("gas", "OG", 2, "停气区", "D24"),
    Trouble("environment", _PLUME, 24 * 3_600.0, (40, 150), share=0.5),
)
