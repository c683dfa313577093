"""Citizens' events of the simulated city: how many come in which minute, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from backend.simulator.complaints import COMPLAINTS, ESTATES, ROADS, SPOTS, Complaint
from backend.simulator.facts import Facts, Town, dice
from backend_client.contract.events import Channel, Intake

T = TypeVar("T")

PER_DAY = 10_000  # domain 5, layer 4
MINUTE = timedelta(minutes=1)
_LOCAL = timedelta(hours=8)
# Share of the day's events per local hour: few at night, peaks before noon and mid-afternoon.
_DAY = (
    2, 1, 1, 1, 1, 2, 6, 14, 24, 30, 30, 26, 18, 20, 27, 28, 26, 22, 17, 15, 13, 10, 7, 4,
)  # fmt: skip
_NO_PLACE_SHARE = 0.08
# A few times a day something draws five reports an hour for three hours, within 150 m (ours, G).
_BURSTS_PER_H, _BURST_H, _BURST_PER_H, _BURST_WIDE = 0.12, 3, 5.0, 0.12
_MOST_JOIN = 0.3
_CLASSIFIES = frozenset(set(Channel) - {Channel.WEB, Channel.APP})
"""Channels with somebody, or something, that says what a matter is; citizens do not."""


@dataclass(frozen=True, slots=True)
class _Burst:
    """Many reports of one sort in a few streets: something has happened there."""

    complaint: Complaint
    town: Town
    near: tuple[float, float]


class Requests:
    """Draw each minute's events from the seed and the minute alone."""

    def __init__(self, facts: Facts, *, seed: int, scale: float, rate: float) -> None:
        self._towns, self._seed = facts.towns, seed
        self._per_day = PER_DAY * scale * rate
        self._per_plain_day = PER_DAY * scale
        self._weights = [one.share for one in COMPLAINTS]

    def between(self, since: datetime, until: datetime) -> list[Intake]:
        """Give the events reported in (since, until], oldest first."""
        minute = since.astimezone(UTC).replace(second=0, microsecond=0)
        found: list[Intake] = []
        while minute <= until:
            found.extend(one for one in self.minute(minute) if since < one.reported_at <= until)
            minute += MINUTE
        return found

    def expected(self, span: timedelta) -> float:
        """Give how many events a usual span brings."""
        return self._per_plain_day * (span / timedelta(days=1))

    def minute(self, start: datetime) -> list[Intake]:
        """Give all events of one minute, oldest first."""
        draw = dice(self._seed, "requests", int(start.timestamp()) // 60)
        local = (start + _LOCAL).hour
        mean = self._per_day * _DAY[local] / sum(_DAY) / 60
        moments = sorted(draw.uniform(0, 60) for _ in range(_poisson(draw, mean)))
        return [
            self._intake(start + timedelta(milliseconds=round(second * 1000)), number, draw)
            for number, second in enumerate(moments)
        ]

    def _burst(self, at: datetime, number: int) -> _Burst | None:
        """Tell whether a report is one of many about the same, which some hours have.

        Of the reports there are anyway some join: a burst has as many in a small city as in a
        large one, and the day no more than without it.
        """
        hour = int(at.timestamp()) // 3_600
        begun = next((one for one in range(hour, hour - _BURST_H, -1) if self._begins(one)), None)
        joins = min(_MOST_JOIN, _BURST_PER_H * 24 / self._per_day)
        if begun is None or dice(self._seed, "joins", at.timestamp(), number).random() > joins:
            return None
        draw = dice(self._seed, "burst", begun)
        complaint = draw.choices(COMPLAINTS, self._weights)[0]
        town = draw.choice(self._towns)
        near = (town.lon + draw.gauss(0, 0.012), town.lat + draw.gauss(0, 0.009))
        return _Burst(complaint, town, near)

    def _begins(self, hour: int) -> bool:
        return dice(self._seed, "begins", hour).random() < _BURSTS_PER_H

    def _intake(self, at: datetime, number: int, draw: Random) -> Intake:
        complaint = draw.choices(COMPLAINTS, self._weights)[0]
        town = draw.choice(self._towns)
        burst = self._burst(at, number)
        complaint, town = (burst.complaint, burst.town) if burst else (complaint, town)
        words = draw.choice(complaint.words)
        place = _place(town, draw, estate="{estate}" in words)
        known = draw.random() > _NO_PLACE_SHARE
        text = words.format(
            place=place, estate=place, n=draw.randint(2, 18), days=draw.randint(2, 30)
        )
        near, wide = (burst.near, _BURST_WIDE) if burst else ((town.lon, town.lat), 1.0)
        channel = Channel(_first_often(complaint.channels, draw))
        return Intake(
            intake_id=f"sim-{self._seed}-{at:%Y%m%d%H%M}-{number}",
            channel=channel,
            title=f"{town.name}{complaint.title}",
            text=text,
            place=place,
            lon=round(near[0] + draw.gauss(0, 0.012 * wide), 5) if known else None,
            lat=round(near[1] + draw.gauss(0, 0.009 * wide), 5) if known else None,
            region=town.region,
            level=_level(complaint, draw),
            reported_at=at,
            matter=complaint.matter if channel in _CLASSIFIES else "",
        )


def _place(town: Town, draw: Random, *, estate: bool) -> str:
    """Draw the one place an event is about: an estate, or a spot on a road."""
    if estate:
        return f"{town.county}{town.name}{draw.choice(ESTATES)}"
    spot = draw.choice(SPOTS).format(n=draw.randint(1, 320))
    return f"{town.county}{town.name}{draw.choice(ROADS)}{spot}"


def _level(complaint: Complaint, draw: Random) -> int:
    return _first_often(complaint.levels, draw)


def _first_often(options: Sequence[T], draw: Random) -> T:
    """Choose the first half of the time and more, the others seldom."""
    weights = [3.0, *(1.0 for _ in options[1:])]
    return draw.choices(options, weights)[0]


def _poisson(draw: Random, mean: float) -> int:
    """Draw a count (Knuth; the mean is far below 700)."""
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count
