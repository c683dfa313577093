"""Alarms in the order people need them, kept as they come: a flood costs what changed.

Sorting ten thousand alarms for every batch of a flood, in every panel, would stall the screen.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.stores import Store
from backend_client.contract.alarms import GRAVE, Alarm, AlarmState, Chatter, Suppression

LEVELS = (1, 2, 3, 4)
UNACKNOWLEDGED = frozenset({AlarmState.NEW, AlarmState.RETURNED})
STANDING = frozenset({AlarmState.NEW, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED})
ASIDE = (AlarmState.SHELVED, AlarmState.OUT_OF_SERVICE)
_MANY = 2_000  # ids at once from which sorting anew is cheaper than putting each in its place

Place = tuple[int, bool, float, str]
First = tuple[int, bool, bool, float, str]
R = TypeVar("R", Place, First)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the board remembers of an alarm, to find it again when it changes."""

    place: Place
    first: First
    family: str
    level: int
    waits: bool
    folded: bool


@dataclass(slots=True)
class Family:
    """Standing alarms of one cause; `firsts` are those not folded away, whom to show first."""

    places: list[Place] = field(default_factory=list)
    firsts: list[First] = field(default_factory=list)
    waiting: int = 0


def family_of(alarm: Alarm) -> str:
    """Name an alarm's cause family; one without stands alone."""
    return alarm.family or alarm.cause


def place_of(alarm: Alarm) -> Place:
    """Give the place in the list: gravest, then unacknowledged, then newest."""
    acknowledged = alarm.state is AlarmState.ACKNOWLEDGED
    return (alarm.level, acknowledged, -alarm.raised_at.timestamp(), alarm.item_id)


def first_of(alarm: Alarm) -> First:
    """Give the rank within a family: gravest, unacknowledged, first-out, then the oldest."""
    acknowledged = alarm.state is AlarmState.ACKNOWLEDGED
    at = alarm.raised_at.timestamp()
    return (alarm.level, acknowledged, not alarm.first_out, at, alarm.item_id)


class AlarmBoard(QObject):
    """Keep what stands sorted, by cause family, and what is put aside.

    Signals:
        changed: something about alarms or what is folded away is different.
    """

    changed = Signal()

    def __init__(
        self,
        alarms: Store[Alarm],
        suppressions: Store[Suppression],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._alarms, self._suppressions = alarms, suppressions
        self._kept: dict[str, _Kept] = {}
        self._places: list[Place] = []
        self._families: dict[str, Family] = {}
        self._waiting: Counter[int] = Counter()
        self._groups: Counter[str] = Counter()
        self._group_of: dict[str, str] = {}
        self._folded = 0
        self._aside: dict[AlarmState, dict[str, None]] = {state: {} for state in ASIDE}
        alarms.changed.connect(self._on_alarms)
        suppressions.changed.connect(self._on_suppressions)
        self._begin()

    # ---- what stands -----------------------------------------------------------------------

    def standing(self) -> list[Alarm]:
        """List what still needs someone: gravest first, then unacknowledged, then newest."""
        return self._found(place[-1] for place in self._places)

    def standing_ids(self) -> list[str]:
        """List the ids of what still needs someone, in the same order."""
        return [place[-1] for place in self._places]

    def first(self, most: int) -> list[Alarm]:
        """Give the first alarms of the list."""
        return self._found(place[-1] for place in self._places[:most])

    def unacknowledged(self) -> Mapping[int, int]:
        """Count what nobody has acknowledged, by level, without what a response folds away."""
        return {level: self._waiting[level] for level in LEVELS}

    @property
    def is_urgent(self) -> bool:
        """Tell whether a I or II waits to be acknowledged."""
        return any(self._waiting[level] for level in LEVELS[:GRAVE])

    def heads(self, most: int) -> list[Alarm]:
        """Give one alarm per cause family for the strip, gravest first, the first-out before."""
        ranked = sorted(
            (level, acknowledged, not_first, -at, item_id)
            for family in self._families.values()
            if family.firsts
            for level, acknowledged, not_first, at, item_id in (family.firsts[0],)
        )
        return self._found(rank[-1] for rank in ranked[:most])

    @property
    def folded(self) -> int:
        """Count the standing alarms a response folds away to the list."""
        return self._folded

    @property
    def count(self) -> int:
        """Count what stands."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        """Count what nobody has acknowledged, folded away or not."""
        return sum(family.waiting for family in self._families.values())

    def suppressions(self) -> list[Suppression]:
        """Give the suppressions in force."""
        return [one for one in self._suppressions.all() if one.active]

    # ---- by cause --------------------------------------------------------------------------

    def families(self) -> list[str]:
        """Name the families in the order of their first alarm in the list."""
        ranked = sorted((family.places[0], name) for name, family in self._families.items())
        return [name for _, name in ranked]

    def members(self, family: str) -> list[str]:
        """Give the ids of a family in the list's order."""
        found = self._families.get(family)
        return [place[-1] for place in found.places] if found else []

    def size(self, family: str) -> int:
        """Count a family."""
        found = self._families.get(family)
        return len(found.places) if found else 0

    def head(self, family: str) -> Alarm | None:
        """Give a family's alarm to show first."""
        found = self._families.get(family)
        if found is None:
            return None
        first = found.firsts[0][-1] if found.firsts else found.places[0][-1]
        return self._alarms.get(first)

    def waiting_in(self, family: str) -> list[Alarm]:
        """Give a family's unacknowledged alarms."""
        found = self._found(self.members(family))
        return [alarm for alarm in found if alarm.state in UNACKNOWLEDGED]

    def is_first_out(self, alarm: Alarm) -> bool:
        """Tell whether an alarm was the first of an upset of several."""
        return alarm.first_out and self._groups[alarm.group] > 1

    def aside(self, state: AlarmState) -> list[Alarm]:
        """Give what is shelved or out of service, in the order it was put there."""
        return self._found(self._aside[state])

    # ---- keeping ---------------------------------------------------------------------------

    def _found(self, ids: Iterable[str]) -> list[Alarm]:
        return [alarm for item_id in ids if (alarm := self._alarms.get(item_id)) is not None]

    def _begin(self) -> None:
        self._kept.clear()
        self._places.clear()
        self._families.clear()
        self._waiting.clear()
        self._groups.clear()
        self._group_of.clear()
        self._folded = 0
        for state in ASIDE:
            self._aside[state].clear()
        for alarm in self._alarms.all():
            self._put(alarm, sort=False)
        self._places.sort()
        for family in self._families.values():
            family.places.sort()
            family.firsts.sort()

    def _on_suppressions(self, _ids: tuple[str, ...]) -> None:
        self._begin()
        self.changed.emit()

    def _on_alarms(self, ids: tuple[str, ...]) -> None:
        if len(ids) >= _MANY:
            self._begin()
        else:
            for item_id in ids:
                self._drop(item_id)
                alarm = self._alarms.get(item_id)
                if alarm is not None:
                    self._put(alarm, sort=True)
        self.changed.emit()

    def _put(self, alarm: Alarm, *, sort: bool) -> None:
        if alarm.state in self._aside:
            self._aside[alarm.state][alarm.item_id] = None
        if alarm.state not in STANDING:
            return
        kept = _Kept(
            place=place_of(alarm),
            first=first_of(alarm),
            family=family_of(alarm),
            level=alarm.level,
            waits=alarm.state in UNACKNOWLEDGED,
            folded=any(one.folds(alarm) for one in self._suppressions.all()),
        )
        self._kept[alarm.item_id] = kept
        family = self._families.setdefault(kept.family, Family())
        _add(self._places, kept.place, sort=sort)
        _add(family.places, kept.place, sort=sort)
        family.waiting += kept.waits
        if alarm.group:
            self._groups[alarm.group] += 1
            self._group_of[alarm.item_id] = alarm.group
        if kept.folded:
            self._folded += 1
            return
        self._waiting[kept.level] += kept.waits
        if alarm.action.zh and alarm.action.en:
            _add(family.firsts, kept.first, sort=sort)

    def _drop(self, item_id: str) -> None:
        for state in ASIDE:
            self._aside[state].pop(item_id, None)
        kept = self._kept.pop(item_id, None)
        if kept is None:
            return
        family = self._families[kept.family]
        _remove(self._places, kept.place)
        _remove(family.places, kept.place)
        _remove(family.firsts, kept.first)
        family.waiting -= kept.waits
        if not family.places:
            del self._families[kept.family]
        group = self._group_of.pop(item_id, "")
        if group:
            self._groups[group] -= 1
        if kept.folded:
            self._folded -= 1
        else:
            self._waiting[kept.level] -= kept.waits


def chatters(alarm: Alarm) -> bool:
    """Tell whether an alarm's cause comes and goes."""
    return alarm.chatter is Chatter.CHATTERING


def _add(ranked: list[R], one: R, *, sort: bool) -> None:
    if sort:
        insort(ranked, one)
    else:
        ranked.append(one)


def _remove(ranked: list[R], one: R) -> None:
    at = bisect_left(ranked, one)
    if at < len(ranked) and ranked[at] == one:
        del ranked[at]
