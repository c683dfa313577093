"""一屏联动: the 64 departments and 10 counties with the feeds each one brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.places import Names
from backend_client.contract.base import CITY
from backend_client.contract.feeds import Feed, FeedState

_WORST: Final = (FeedState.DEAD, FeedState.LATE, FeedState.WAITING, FeedState.LIVE)


@dataclass(frozen=True, slots=True)
class UnitFeeds:
    """What one unit brings; `phone` is whom to call, of its worst feed."""

    unit: str
    feeds: tuple[Feed, ...] = ()

    def count(self, state: FeedState) -> int:
        """Count its feeds of a state."""
        return sum(feed.state is state for feed in self.feeds)

    @property
    def heard_at(self) -> datetime | None:
        """Give when any of its feeds was heard last."""
        return max((feed.heard_at for feed in self.feeds if feed.heard_at), default=None)

    @property
    def rejected_pct(self) -> float | None:
        """Give the share of today's rows that were refused; None when none came."""
        refused = sum(feed.rejected for feed in self.feeds)
        rows = refused + sum(feed.accepted for feed in self.feeds)
        return 100.0 * refused / rows if rows else None

    @property
    def worst(self) -> FeedState | None:
        """Give the worst state of its feeds, None when it brings none."""
        states = {feed.state for feed in self.feeds}
        return next((state for state in _WORST if state in states), None)

    @property
    def level(self) -> int:
        """Give the level its shape shows: III for a dead feed, IV for a late one."""
        return {FeedState.DEAD: 3, FeedState.LATE: 4}.get(self.worst or FeedState.LIVE, 0)

    @property
    def ranked(self) -> tuple[Feed, ...]:
        """Give its feeds, the worst first, otherwise in their order."""
        return tuple(sorted(self.feeds, key=lambda feed: _WORST.index(feed.state)))

    @property
    def contact(self) -> str:
        """Give whom to call: the contact of its worst feed."""
        return next((feed.phone for feed in self.ranked if feed.phone), "")


def unit_of(feed: Feed) -> str:
    """Name the unit that brings a feed: a county where it is of one, else the department."""
    return feed.department if feed.region == CITY else feed.region[:6]


def units_of(feeds: Iterable[Feed], names: Names) -> tuple[UnitFeeds, ...]:
    """Give every unit in its place: departments by number, then counties; never by state."""
    found: dict[str, list[Feed]] = {}
    for feed in feeds:
        found.setdefault(unit_of(feed), []).append(feed)
    every = (*sorted(names.departments), *names.counties)
    return tuple(UnitFeeds(unit, tuple(found.get(unit, ()))) for unit in every)


def totals(units: Iterable[UnitFeeds]) -> Mapping[FeedState, int]:
    """Count all feeds by state."""
    every = list(units)
    return {state: sum(unit.count(state) for unit in every) for state in _WORST}
