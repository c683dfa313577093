"""Say how high the water stands outside a sluice: a seeded astronomical tide along the coast."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Outer(StrEnum):
    """The water a sluice or station faces."""

    RIVER = "长江"
    NORTH_BRANCH = "长江北支"
    SEA = "黄海"
    INLAND = "内河"


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the water; levels are in m (吴淞)."""

    lon: float
    lat: float
    outer: Outer


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Tide at a known point: mean level m, mean range m, delay of the wave h (generated)."""

    at: float
    mean_m: float
    range_m: float
    delay_h: float
    season_m: float


# Ranges follow the public order of size (天生港 about 2 m, 青龙港 2.7, 吕四 3.7, 洋口 4.6);
# the constants are generated for the simulated city and are no tide table.
_COASTS: dict[Outer, tuple[str, tuple[_Anchor, ...]]] = {
    Outer.RIVER: (
        "lon",
        (
            _Anchor(120.30, 3.05, 1.65, 5.0, 0.80),
            _Anchor(120.75, 2.90, 1.95, 3.6, 0.62),
            _Anchor(120.94, 2.75, 2.10, 2.6, 0.50),
            _Anchor(121.30, 2.55, 2.35, 1.7, 0.38),
        ),
    ),
    Outer.NORTH_BRANCH: (
        "lon",
        (
            _Anchor(121.24, 2.55, 2.70, 2.4, 0.35),
            _Anchor(121.73, 2.30, 3.05, 1.1, 0.22),
            _Anchor(121.95, 2.20, 2.90, 0.5, 0.18),
        ),
    ),
    Outer.SEA: (
        "lat",
        (
            _Anchor(31.80, 2.15, 2.95, 0.3, 0.16),
            _Anchor(32.08, 2.20, 3.70, 0.0, 0.16),
            _Anchor(32.60, 2.30, 4.60, 0.9, 0.18),
        ),
    ),
    Outer.INLAND: ("lon", (_Anchor(121.0, 2.10, 0.0, 0.0, 0.10),)),
}

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Constituent: degrees per hour, equilibrium argument at the epoch (2(h-s), 0, 2h-3s+p),
# amplitude relative to M2, lag relative to M2's own lag.
_CONSTITUENTS: tuple[tuple[float, float, float, float], ...] = (
    (28.9841042, 136.49, 1.00, 0.0),
    (30.0000000, 0.0, 0.42, 40.0),
    (28.4397295, 8.06, 0.18, -20.0),
)
_LAG_M2_DEG = 118.0  # 吕四, Greenwich, to the nearest few degrees
_OVERTIDE = 0.10  # M4 : M2 in the river, rise faster than fall
_YEAR_H = 8766.0
_FLOOD_PEAK_H = 5010.0  # end of July


def site_for(outlet: str, lon: float, lat: float) -> Site:
    """Give the tide site of a place whose outlet is named as in the fact tables."""
    outer = next((o for o in Outer if o.value == outlet), Outer.INLAND)
    return Site(lon, lat, outer)


def level_m(site: Site, at: datetime) -> float:
    """Give the astronomical level at an instant.

    Units: m (吴淞).
    """
    place = _place(site)
    hours = (at - _EPOCH).total_seconds() / 3600
    season = place.season_m * math.cos(2 * math.pi * (hours - _FLOOD_PEAK_H) / _YEAR_H)
    m2_m = 0.48 * place.range_m
    tide = 0.0
    for speed, start, share, lag in _CONSTITUENTS:
        phase = start + speed * (hours - place.delay_h) - _LAG_M2_DEG - lag
        tide += m2_m * share * math.cos(math.radians(phase))
    if site.outer in {Outer.RIVER, Outer.NORTH_BRANCH}:
        m2 = 136.49 + 28.9841042 * (hours - place.delay_h) - _LAG_M2_DEG
        tide += m2_m * _OVERTIDE * math.cos(math.radians(2 * m2 - 90))
    return place.mean_m + season + tide


def observed_m(site: Site, at: datetime, *, seed: int) -> float:
    """Give what a gauge would show: the tide plus a slow seeded residual (wind, discharge).

    Units: m (吴淞), residual within 0.15 m.
    """
    return level_m(site, at) + residual_m(at, seed=seed)


def residual_m(at: datetime, *, seed: int) -> float:
    """Give the smooth seeded departure from the tide, the same along the whole coast.

    Units: m, within 0.15.
    """
    draw = random.Random(seed)  # noqa: S311  # a weather model, not a secret
    hours = (at - _EPOCH).total_seconds() / 3600
    total = 0.0
    for period_h in (31.0, 53.0, 97.0):
        total += 0.05 * math.sin(2 * math.pi * (hours / period_h + draw.random()))
    return total


def windows(
    site: Site, inner_m: float, since: datetime, *, hours: float = 26, margin_m: float = 0.10
) -> tuple[tuple[datetime, datetime], ...]:
    """Give the spans in which the tide lies at least a margin below a steady inner level.

    Returns: (start, end) pairs to the minute, cut at `since` and at the horizon.
    """
    limit = inner_m - margin_m
    step = timedelta(minutes=1)
    found: list[tuple[datetime, datetime]] = []
    start: datetime | None = None
    at = since
    for _ in range(int(hours * 60) + 1):
        low = level_m(site, at) <= limit
        if low and start is None:
            start = at
        if not low and start is not None:
            found.append((start, at))
            start = None
        at += step
    if start is not None:
        found.append((start, at))
    return tuple(found)


def curve(
    site: Site, since: datetime, *, hours: float = 26, step_min: int = 10
) -> tuple[tuple[datetime, float], ...]:
    """Give the predicted curve a source publishes: instants and levels in m (吴淞)."""
    count = int(hours * 60 / step_min) + 1
    instants = (since + timedelta(minutes=step_min * i) for i in range(count))
    return tuple((at, round(level_m(site, at), 3)) for at in instants)


def _place(site: Site) -> _Anchor:
    """Interpolate the coast's anchors at a site."""
    axis, anchors = _COASTS[site.outer]
    where = site.lon if axis == "lon" else site.lat
    index = bisect_right([a.at for a in anchors], where)
    if index == 0:
        return anchors[0]
    if index == len(anchors):
        return anchors[-1]
    low, high = anchors[index - 1], anchors[index]
    share = (where - low.at) / (high.at - low.at)
    return _Anchor(
        where,
        low.mean_m + share * (high.mean_m - low.mean_m),
        low.range_m + share * (high.range_m - low.range_m),
        low.delay_h + share * (high.delay_h - low.delay_h),
        low.season_m + share * (high.season_m - low.season_m),
    )
