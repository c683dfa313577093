"""Layers counted from their columns: per kind and county, how many, how bad, how much, how old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.i18n import CITY_ZONE
from backend_client.contract.columns import E7, FeatureBlock, FixBlock

MOVING_KMH: Final = 3.0
LEVELS: Final = 5  # normal and I to IV
MOST_HOT: Final = 40
PIECE: Final = 65_536  # rows
FRESH_PERIODS: Final = 3.0  # dead after three of them; domain rule 20

Column = npt.NDArray[Any]
Everyday = Mapping[str, tuple[int, ...]]
"""By kind, the levels that are everyday work."""
NO_EVERYDAY: Final[Everyday] = {}


@dataclass(frozen=True, slots=True)
class Abnormal:
    """How many objects are abnormal and the worst of their levels, 0 for none."""

    count: int = 0
    level: int = 0


NOTHING: Final = Abnormal()


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One sort of object counted.

    Args:
        count: objects in sight.
        states: how many are normal, of level I, II, III, IV.
        valued: how many carry a number.
        positive: how many numbers are above zero.
        negative: how many numbers are below zero.
        value_sum: of all numbers.
        hot_sum: of the numbers of abnormal objects.
        newest_s: when the newest was measured, seconds since 1970 UTC; 0 for none.
        fresh: how many are younger than three of their periods.
        moving: how many move; None for what does not move.
    """

    count: int = 0
    states: tuple[int, ...] = (0,) * LEVELS
    valued: int = 0
    positive: int = 0
    negative: int = 0
    value_sum: float = 0.0
    hot_sum: float = 0.0
    newest_s: float = 0.0
    fresh: int = 0
    moving: int | None = None

    @property
    def abnormal(self) -> Abnormal:
        """Give how many are abnormal and how bad the worst is."""
        return _abnormal(self.states)

    @property
    def standing(self) -> int:
        """Give how many do not move."""
        return self.count - (self.moving or 0)

    @property
    def total(self) -> float | None:
        """Give the sum of the numbers; None when no object carries one."""
        return self.value_sum if self.valued else None

    @property
    def mean(self) -> float | None:
        """Give the mean of the numbers; None when no object carries one."""
        return self.value_sum / self.valued if self.valued else None

    @property
    def normal_pct(self) -> float | None:
        """Give the share of normal objects; None when there is none at all."""
        return share_pct(self.states[0], self.count)

    @property
    def positive_pct(self) -> float | None:
        """Give the share of numbers above zero, of flags that say yes."""
        return share_pct(self.positive, self.valued)

    @property
    def fresh_pct(self) -> float | None:
        """Give the share of objects heard of lately."""
        return share_pct(self.fresh, self.count)

    def state(self, level: int) -> int:
        """Give how many are of a level, 0 for the normal ones."""
        return self.states[level]


NO_KIND: Final = KindFigures()


@dataclass(frozen=True, slots=True)
class CountyFigures:
    """One county's objects of a layer: fixed, mobile, of those moving now, all by state.

    `odd` are the states without those that are everyday work.
    """

    code: str
    fixed: int
    mobile: int
    moving: int
    states: tuple[int, ...]
    odd: tuple[int, ...]

    @property
    def count(self) -> int:
        """Give how many objects there are, moving ones included."""
        return self.fixed + self.mobile

    @property
    def abnormal(self) -> Abnormal:
        """Give how many are abnormal beyond everyday work, and how bad the worst is."""
        return _abnormal(self.odd)


@dataclass(frozen=True, slots=True)
class Hot:
    """One object that is abnormal beyond everyday work, as its row says it.

    Units: lon, lat degrees WGS-84; value in its kind's own unit.
    """

    oid: int
    kind: str
    state: int
    region: str
    lon: float
    lat: float
    value: float
    observed_s: float


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """One layer counted; `hot` names the worst of its abnormal objects, the gravest first."""

    kinds: Mapping[str, KindFigures] = field(default_factory=dict)
    counties: tuple[CountyFigures, ...] = ()
    hot: tuple[Hot, ...] = ()

    @property
    def count(self) -> int:
        """Give how many objects there are."""
        return sum(kind.count for kind in self.kinds.values())

    @property
    def abnormal(self) -> Abnormal:
        """Give how many are abnormal beyond everyday work, and how bad the worst is."""
        return _abnormal(_sums(county.odd for county in self.counties))

    @property
    def newest_at(self) -> datetime | None:
        """Give when the newest of all was measured."""
        newest_s = max((kind.newest_s for kind in self.kinds.values()), default=0.0)
        return datetime.fromtimestamp(newest_s, CITY_ZONE) if newest_s else None

    def kind(self, word: str) -> KindFigures:
        """Give one sort of object; one that is not there is counted as none."""
        return self.kinds.get(word, NO_KIND)

    def sum(self, *words: str) -> int:
        """Give how many objects there are of several sorts."""
        return sum(self.kind(word).count for word in words)


NO_LAYER: Final = LayerFigures()


def share_pct(part: float, whole: float) -> float | None:
    """Give a share in percent; None of nothing."""
    return 100.0 * part / whole if whole else None


def _sums(rows: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=True)) or (0,) * LEVELS


def _abnormal(states: Sequence[int]) -> Abnormal:
    count = sum(states[1:])
    return Abnormal(count, next((at for at in range(1, LEVELS) if states[at]), 0))


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The columns of fixed or moving objects that are counted, side by side.

    Shape: every array (n,); speed_kmh empty for fixed ones.
    """

    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    oid: Column
    kind: Column
    state: Column
    region: Column
    value: Column
    observed_s: Column
    lon_e7: Column
    lat_e7: Column
    speed_kmh: Column

    @property
    def moves(self) -> bool:
        """Tell whether these are moving objects."""
        return bool(self.speed_kmh.size)


_COLUMNS: Final = tuple(one.name for one in fields(Objects) if one.name not in {"kinds", "regions"})


def fixed(block: FeatureBlock) -> Objects:
    """Take the fixed objects of a block."""
    return Objects(
        kinds=block.kinds,
        regions=block.regions,
        oid=block.oid,
        kind=block.kind,
        state=block.state,
        region=block.region,
        value=block.value,
        observed_s=block.observed_s,
        lon_e7=block.lon_e7,
        lat_e7=block.lat_e7,
        speed_kmh=np.empty(0, np.float32),
    )


def moving(fixes: FixBlock) -> Objects:
    """Take the moving objects of one layer's fixes."""
    return Objects(
        kinds=fixes.kinds,
        regions=fixes.regions,
        oid=fixes.oid,
        kind=fixes.kind,
        state=fixes.state,
        region=fixes.region,
        value=np.full(fixes.oid.size, np.nan, np.float32),
        observed_s=fixes.observed_ms / 1000.0,
        lon_e7=fixes.lon_e7,
        lat_e7=fixes.lat_e7,
        speed_kmh=fixes.speed_kmh,
    )


def count_layer(
    parts: Sequence[Objects],
    periods_s: Mapping[str, float],
    now_s: float,
    everyday: Everyday = NO_EVERYDAY,
) -> LayerFigures:
    """Count one layer; made for a worker.

    Args:
        parts: its fixed and its moving objects.
        periods_s: how often each kind's source reports; kinds without one do not grow old.
        now_s: the service's time.
        everyday: the levels of each kind that are everyday work.
    """
    kinds: dict[str, KindFigures] = {}
    for part in parts:
        kinds |= count_kinds(part, periods_s, now_s)
    counties: dict[str, CountyFigures] = {}
    hottest: list[Hot] = []
    for part in parts:
        hot = np.flatnonzero(part.state)
        odd = beyond(hot, part.kinds, part.kind, part.state, everyday)
        for code, row in count_counties(part, odd).items():
            counties[code] = _both(counties[code], row) if code in counties else row
        hottest += name_hot(part, odd)
    worst = sorted(hottest, key=_gravest)
    ranked = sorted(counties.values(), key=lambda row: (-row.count, row.code))
    return LayerFigures(kinds, tuple(ranked), tuple(worst[:MOST_HOT]))


def count_kinds(
    part: Objects, periods_s: Mapping[str, float], now_s: float
) -> dict[str, KindFigures]:
    """Count objects by kind. O(n): sorting bytes is a count."""
    if not part.oid.size:
        return {}
    least_s = now_s - FRESH_PERIODS * np.array(
        [periods_s.get(word, np.inf) for word in part.kinds], np.float64
    )
    found = [_sums_of(piece, least_s) for piece in _pieces(part)]
    newest_s = np.max([one.pop("newest_s") for one in found], axis=0)
    total = {name: np.sum([one[name] for one in found], axis=0) for name in found[0]}
    counts = total["states"].sum(1)
    return {
        part.kinds[row]: KindFigures(
            count=int(counts[row]),
            states=tuple(total["states"][row].tolist()),
            valued=int(total["valued"][row]),
            positive=int(total["signs"][row, 2]),
            negative=int(total["signs"][row, 0]),
            value_sum=float(total["value_sum"][row]),
            hot_sum=float(total["hot_sum"][row]),
            newest_s=float(newest_s[row]),
            fresh=int(total["fresh"][row]),
            moving=int(total["moving"][row]) if part.moves else None,
        )
        for row in np.flatnonzero(counts).tolist()
    }


def _pieces(part: Objects) -> Iterator[Objects]:
    """Cut objects into runs that stay in the processor's cache: 48 ms, not 81, at a million.

    Each step is short, too, so that the main thread never waits long for the interpreter.
    """
    for low in range(0, part.oid.size, PIECE):
        rows = slice(low, low + PIECE)
        yield replace(part, **{name: getattr(part, name)[rows] for name in _COLUMNS})


def _sums_of(part: Objects, least_s: Column) -> dict[str, Column]:
    """Sum what adds up over pieces, by kind; `newest_s` is each kind's newest."""
    size = len(part.kinds)
    kind = part.kind.astype(np.intp)
    state = np.minimum(part.state, LEVELS - 1).astype(np.intp)
    states = np.bincount(kind * LEVELS + state, minlength=size * LEVELS).reshape(size, LEVELS)
    rows = np.flatnonzero(np.isfinite(part.value))
    value, own = part.value[rows].astype(np.float64), kind[rows]
    hot = state[rows] > 0
    signs = np.bincount(own * 3 + np.sign(value).astype(np.intp) + 1, minlength=size * 3)
    counts = states.sum(1)
    present = np.flatnonzero(counts)
    starts = np.concatenate([[0], np.cumsum(counts[present])[:-1]])
    newest_s = np.zeros(size)
    order = np.argsort(part.kind, kind="stable")
    newest_s[present] = np.maximum.reduceat(part.observed_s[order], starts)
    return {
        "states": states,
        "valued": np.bincount(own, minlength=size),
        "signs": signs.reshape(size, 3),
        "value_sum": np.bincount(own, value, size),
        "hot_sum": np.bincount(own[hot], value[hot], size),
        "newest_s": newest_s,
        "fresh": np.bincount(kind[part.observed_s >= least_s[kind]], minlength=size),
        "moving": np.bincount(
            kind[: part.speed_kmh.size][part.speed_kmh > MOVING_KMH], minlength=size
        ),
    }


def beyond(
    hot: Column, kinds: Sequence[str], kind: Column, state: Column, everyday: Everyday
) -> Column:
    """Keep the abnormal rows that are so beyond everyday work: what cards and the map count.

    Shape: hot (m,) rows of kind and state (n,).
    """
    table = np.ones((256, LEVELS), np.bool_)
    for number, word in enumerate(kinds):
        table[number, list(everyday.get(word, ()))] = False
    found: Column = hot[table[kind[hot], np.minimum(state[hot], LEVELS - 1)]]
    return found


def count_counties(part: Objects, odd: Column) -> dict[str, CountyFigures]:
    """Count objects by the county of their region; `odd` are the rows beyond everyday work."""
    codes = tuple(dict.fromkeys(region[:6] for region in part.regions))
    table = np.array([codes.index(region[:6]) for region in part.regions] or [0], np.intp)
    county = table[part.region]
    state = np.minimum(part.state, LEVELS - 1)
    states = np.bincount(county * LEVELS + state, minlength=len(codes) * LEVELS)
    odds = np.bincount(county[odd] * LEVELS + state[odd], minlength=len(codes) * LEVELS)
    moves = county[part.speed_kmh > MOVING_KMH] if part.moves else county[:0]
    moved = np.bincount(moves, minlength=len(codes))
    rows = states[: len(codes) * LEVELS].reshape(-1, LEVELS)
    others = odds[: len(codes) * LEVELS].reshape(-1, LEVELS)
    found = {}
    for at, code in enumerate(codes):
        count = int(rows[at].sum())
        if count:
            own = (0, count) if part.moves else (count, 0)
            by_state = (tuple(rows[at].tolist()), tuple(others[at].tolist()))
            found[code] = CountyFigures(code, *own, int(moved[at]), *by_state)
    return found


def name_hot(part: Objects, rows: Column) -> list[Hot]:
    """Name the worst of some objects: gravest first, then the newest."""
    chosen = rows[np.lexsort((-part.observed_s[rows].astype(np.float64), part.state[rows]))]
    return [
        Hot(
            oid=int(part.oid[row]),
            kind=part.kinds[int(part.kind[row])],
            state=int(part.state[row]),
            region=part.regions[int(part.region[row])],
            lon=float(part.lon_e7[row] / E7),
            lat=float(part.lat_e7[row] / E7),
            value=float(part.value[row]),
            observed_s=float(part.observed_s[row]),
        )
        for row in chosen[:MOST_HOT].tolist()
    ]


def _gravest(one: Hot) -> tuple[int, float]:
    return one.state, -one.observed_s


def _both(first: CountyFigures, second: CountyFigures) -> CountyFigures:
    return CountyFigures(
        code=first.code,
        fixed=first.fixed + second.fixed,
        mobile=first.mobile + second.mobile,
        moving=first.moving + second.moving,
        states=_sums((first.states, second.states)),
        odd=_sums((first.odd, second.odd)),
    )
