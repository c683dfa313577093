"""Facts: the service's state at one instant, as everything that counts reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from backend.domain.indicators import Found, day_end_s, day_of
from backend.services.features import Features
from backend.services.ledger import Ledger, Sheet
from backend.services.positions import Positions
from backend.services.trail import Course, Trail
from backend.storage.unit import View
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.feeds import Feed
from backend_client.contract.gates import Gate
from backend_client.contract.item import WorkItem

F64 = npt.NDArray[np.float64]
Wish = Mapping[str, Any]
"""An indicator's row of `resources/indicators.toml`."""
_STANDING = (AlarmState.NEW, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED)


@dataclass(frozen=True, slots=True)
class Limits:
    """What rates look back on, and when an order should be signed for."""

    sign_s: float
    period_s: float
    fewest_due: int


@dataclass(slots=True)
class Facts:
    """The service's state at one instant, as measures read it."""

    at: datetime
    limits: Limits
    ledger: Ledger
    trail: Trail
    features: Features
    positions: Positions
    view: View
    _items: dict[type[WorkItem], list[Any]] = field(default_factory=dict)
    _course: Course | None = None

    @property
    def now_s(self) -> float:
        """Give the instant, seconds since 1970 UTC."""
        return self.at.timestamp()

    @property
    def midnight_s(self) -> float:
        """Give when the city's day began."""
        return day_end_s(day_of(self.now_s) - 1)

    @property
    def since_s(self) -> float:
        """Give when the period that rates look back on began."""
        return self.now_s - self.limits.period_s

    def events(self) -> Sheet:
        """Give the events."""
        return self.ledger.sheet("event")

    def orders(self) -> Sheet:
        """Give the orders."""
        return self.ledger.sheet("order")

    def course(self) -> Course:
        """Give the steps that were taken on events."""
        if self._course is None:
            self._course = self.trail.course(self.view)
        return self._course

    def alarms(self) -> list[Alarm]:
        """Give the alarms that still need someone."""
        if Alarm not in self._items:
            found = [one for state in _STANDING for one in self.view.find(Alarm, state=state.value)]
            self._items[Alarm] = found
        return cast("list[Alarm]", self._items[Alarm])

    def gates(self) -> list[Gate]:
        """Give the sluices."""
        if Gate not in self._items:
            self._items[Gate] = self.view.find(Gate)
        return cast("list[Gate]", self._items[Gate])

    def feeds(self) -> list[Feed]:
        """Give the registered feeds."""
        if Feed not in self._items:
            self._items[Feed] = self.view.find(Feed)
        return cast("list[Feed]", self._items[Feed])


Measure = Callable[[Facts, Wish], Found | None]
"""None: nothing of the sort was ever brought, so nothing can be said."""


def rows_of(sheet: Sheet, mask: npt.NDArray[np.bool_], top: F64 | None = None) -> Found:
    """Take some rows of a sheet: each is one of one unless a top is given for every row."""
    key = np.flatnonzero(mask)
    above = np.ones(len(key)) if top is None else top[key]
    return Found(sheet.regions, sheet.pair[key], above, np.ones(len(key)), key, sheet.ids)
