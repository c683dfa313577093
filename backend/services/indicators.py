"""Indicators: computed from the service's own state, recorded by it, opened down to the rows."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from backend.domain import indicators as rules
from backend.domain.indicators import DAY_S, HOUR_SLOTS, SLOT_S, Found
from backend.domain.refused import not_found
from backend.services.entries import name_entries
from backend.services.facts import Facts, Limits
from backend.services.features import Features
from backend.services.ledger import Ledger
from backend.services.measures import MEASURES
from backend.services.policy import Policy
from backend.services.positions import Positions
from backend.services.trail import Trail
from backend.storage import indicators as table
from backend.storage.database import Database
from backend.storage.indicators import DAY, HOURS_DAYS, Kept, Recorded
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY
from backend_client.contract.clock import Clock
from backend_client.contract.indicators import (
    Board,
    Definition,
    Entries,
    Form,
    Moment,
    Parts,
    Past,
    Reading,
)

FILE: Final = Path(__file__).parents[2] / "resources" / "indicators.toml"
FRESH_S: Final = 5.0
"""What was found is used again for so long: a wall of screens asks for the same."""
_OWN: Final = frozenset({"measure", "layer", "kind", "takes", "states", "limit"})
_ASKS: Final = frozenset({"level", "channel", "feed"}) | _OWN
_NO_COMPARISON: Final = frozenset({Form.FIRST})


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the table: what it means, and what its measure is asked."""

    definition: Definition
    wish: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The whole table."""

    limits: Limits
    listed: Mapping[str, Listed]


def load_indicators(path: Path = FILE) -> Tables:
    """Read the table.

    Raises:
        ValueError: a row is not of the contract, or names a measure that is not there.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    listed = {}
    for row in data["indicator"]:
        wish = {key: value for key, value in row.items() if key in _ASKS}
        words = {key: value for key, value in row.items() if key not in _ASKS | {"id"}}
        live = "measure" in wish
        if live and wish["measure"] not in MEASURES:
            raise ValueError(f"{row['id']}: no measure {wish['measure']}")
        given = {**words, "indicator": row["id"], "live": live}
        listed[row["id"]] = Listed(Definition.model_validate(given), wish)
    limits = data["limits"]
    return Tables(
        Limits(limits["sign_min"] * 60.0, limits["period_days"] * DAY_S, limits["fewest_due"]),
        listed,
    )


class Indicators:
    """Compute every indicator, keep what it was, and open it by region and row."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        clock: Clock,
        ledger: Ledger,
        *,
        features: Features,
        positions: Positions,
    ) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self.ledger, self.trail = ledger, Trail(ledger, clock)
        self._features, self._positions = features, positions
        self.tables = load_indicators()
        self._lock = threading.Lock()
        self._found: dict[str, Found | None] = {}
        self._found_at: datetime | None = None

    def facts(self, view: View, at: datetime) -> Facts:
        """Give the service's state as measures read it."""
        limits, ledger, trail = self.tables.limits, self.ledger, self.trail
        return Facts(at, limits, ledger, trail, self._features, self._positions, view)

    def board(self, person: Person, region: str | None) -> Board:
        """Give every indicator of a region that the person may see.

        Raises:
            Refused: 404, the region is not in the person's sight.
        """
        where = self._where(person, region)
        seen = [one for one in self.tables.listed.values() if self._sees(person, where, one)]
        if not seen:
            raise not_found(where)
        at, found = self._now()
        with self._database.read() as view:
            past = self._compared(view, where, at.timestamp())
            firsts = table.first_days(view.connection, where)
        readings = [self._reading(one.definition, found, where, past, firsts) for one in seen]
        definitions = tuple(one.definition for one in seen)
        return Board(region=where, at=at, definitions=definitions, readings=tuple(readings))

    def parts(self, person: Person, indicator: str, under: str | None) -> Parts:
        """Give a number and the regions it comes from.

        Raises:
            Refused: 404, no such indicator here, or it has no source.
        """
        where = self._where(person, under)
        definition, at, found = self._one(person, indicator, where)
        whole, own, parts = rules.parts_of(definition.form, found, where)
        return Parts(indicator=indicator, region=where, at=at, whole=whole, own=own, parts=parts)

    def entries(self, person: Person, indicator: str, region: str | None, limit: int) -> Entries:
        """Give the things behind a number.

        Raises:
            Refused: 404, no such indicator here, or it has no source.
        """
        where = self._where(person, region)
        _definition, at, found = self._one(person, indicator, where)
        keys = found.inside(where)
        wish = self.tables.listed[indicator].wish
        with self._database.read() as view:
            sees = partial(self._policy.sees, person)
            named = name_entries(view, wish, found, keys[:limit], sees)
        return Entries(
            indicator=indicator,
            region=where,
            at=at,
            total=len(keys),
            hidden=min(limit, len(keys)) - len(named),
            entries=tuple(named),
        )

    def past(self, person: Person, indicator: str, region: str | None, hours: int) -> Past:
        """Give what was recorded: by the hour up to 35 days and in counties, else by the day.

        Raises:
            Refused: 404, no such indicator here.
        """
        where = self._where(person, region)
        listed = self.tables.listed.get(indicator)
        if listed is None or not self._sees(person, where, listed):
            raise not_found(indicator)
        now_s = self._clock.now().timestamp()
        is_fine = hours <= HOURS_DAYS * 24 // 2 and len(where) <= rules.COUNTY_SIZE
        span = 0 if is_fine else DAY
        last = rules.slot_of(now_s) if is_fine else rules.day_of(now_s)
        long = hours * HOUR_SLOTS if is_fine else -(-hours // 24)
        week = rules.WEEK_S // SLOT_S if is_fine else rules.WEEK_S // DAY_S
        with self._database.read() as view:
            get = partial(table.read, view.connection, where, span, indicator=indicator)
            kept, before = get((last - long, last)), get((last - long - week, last - week))
            first = table.first_days(view.connection, where).get(indicator)
        form = listed.definition.form
        return Past(
            indicator=indicator,
            region=where,
            since_at=_day_start(first),
            moments=_moments(form, kept, span),
            earlier=_moments(form, before, span),
        )

    def tend(self) -> int:
        """Record what everything is, once in ten minutes; give how many numbers."""
        at = self._clock.now()
        slot, today = rules.slot_of(at.timestamp()), rules.day_of(at.timestamp())
        with self._database.read() as view:
            if table.newest(view.connection, 0) == slot:
                return 0
        _at, found = self._now()
        rows = [row for name, one in found.items() if one for row in self._recorded(name, one)]
        coarse = [row for row in rows if len(row.region) <= rules.COUNTY_SIZE]
        with self._database.write() as unit:
            table.record(unit.connection, 0, slot, coarse)
            table.record(unit.connection, DAY, today, rows)
            table.forget(unit.connection, now_slot=slot, today=today)
        return len(coarse) + len(rows)

    def _recorded(self, name: str, found: Found) -> list[Recorded]:
        form = self.tables.listed[name].definition.form
        if form in _NO_COMPARISON:
            return []
        made = [rules.part_of(form, found, region) for region in rules.every_region(found)]
        return [Recorded(name, one.region, one.top, one.bottom) for one in made]

    def _now(self) -> tuple[datetime, Mapping[str, Found | None]]:
        """Give what every measure finds, found at most some seconds ago."""
        with self._lock:
            at = self._clock.now()
            known = self._found_at
            if known is None or not 0 <= (at - known).total_seconds() < FRESH_S:
                with self._database.read() as view:
                    self._found = self._find(self.facts(view, at))
                self._found_at = known = at
            return known, self._found

    def _find(self, facts: Facts) -> dict[str, Found | None]:
        found = {}
        for name, listed in self.tables.listed.items():
            if listed.definition.live:
                _kind, measure = MEASURES[listed.wish["measure"]]
                found[name] = measure(facts, listed.wish)
        return found

    def _one(
        self, person: Person, indicator: str, where: str
    ) -> tuple[Definition, datetime, Found]:
        listed = self.tables.listed.get(indicator)
        if listed is None or not self._sees(person, where, listed):
            raise not_found(indicator)
        at, every = self._now()
        found = every.get(indicator)
        if found is None:
            raise not_found(indicator)
        return listed.definition, at, found

    def _reading(
        self,
        definition: Definition,
        found: Mapping[str, Found | None],
        where: str,
        past: Mapping[str, Mapping[int, Moment]],
        firsts: Mapping[str, int],
    ) -> Reading:
        name = definition.indicator
        one = found.get(name)
        if one is None:
            return Reading(indicator=name)
        part = rules.part_of(definition.form, one, where)
        now_s = self._clock.now().timestamp()
        return Reading(
            indicator=name,
            top=part.top,
            bottom=part.bottom,
            value=part.value,
            earlier=rules.earlier_of(past.get(name, {}), now_s),
            since_at=_day_start(firsts.get(name)),
        )

    def _compared(self, view: View, where: str, now_s: float) -> dict[str, dict[int, Moment]]:
        """Read the full hours that are compared: the last one, a day and a week before."""
        hour = rules.slot_of(now_s) // HOUR_SLOTS * HOUR_SLOTS
        slots = [hour - back // SLOT_S for back in (0, DAY_S, rules.WEEK_S)]
        past: dict[str, dict[int, Moment]] = {}
        for one in table.at_slots(view.connection, where, slots):
            listed = self.tables.listed.get(one.indicator)
            if listed is None:
                continue
            for moment in _moments(listed.definition.form, [one], 0):
                past.setdefault(one.indicator, {})[one.slot] = moment
        return past

    def _where(self, person: Person, region: str | None) -> str:
        return region or (person.regions[0] if person.regions else CITY)

    def _sees(self, person: Person, region: str, listed: Listed) -> bool:
        owner = listed.definition.owner
        return self._policy.permits(person, "indicator.view", region, owner)


def _moments(form: Form, kept: Sequence[Kept], span: int) -> tuple[Moment, ...]:
    found = [(one, rules.value_of(form, one.top, one.bottom)) for one in kept]
    return tuple(Moment(at=one.at(span), value=value) for one, value in found if value is not None)


def _day_start(day: int | None) -> datetime | None:
    if day is None:
        return None
    return Kept("", day - 1, 0.0, 0.0).at(DAY)
