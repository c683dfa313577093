"""行政问效: the departments and counties held to account by the orders they were given."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain.indicators import DAY_S, Found, Score, ranked
from backend.domain.refused import not_found
from backend.services import measures, rates
from backend.services.entries import name_entries
from backend.services.facts import Facts
from backend.services.indicators import Indicators
from backend.services.ledger import Sheet
from backend.services.policy import Policy
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY, Text, covers
from backend_client.contract.clock import Clock
from backend_client.contract.indicators import Entries, Ratio, Units, UnitScore, Which

FACTS: Final = Path(__file__).parents[2] / "resources" / "facts"
Bools = npt.NDArray[np.bool_]
SHARES: Final = ("returned", "extended", "first_time", "redone", "satisfied")
"""What stands behind a rank without deciding it."""
_MEASURED: Final = {
    "sent": measures.orders_sent,
    "signed": measures.orders_signed,
    "due": measures.orders_due,
    "overdue": measures.orders_overdue,
    "returned": rates.returned,
    "extended": rates.extended,
}
"""What is counted of a unit's orders."""


@cache
def unit_ids() -> tuple[str, ...]:
    """Name the 64 departments and the 10 counties, in the order of the fact tables."""
    with (FACTS / "departments.csv").open(encoding="utf-8", newline="") as file:
        departments = [f"D{int(row['no']):02d}" for row in csv.DictReader(file)]
    with (FACTS / "county_units.csv").open(encoding="utf-8", newline="") as file:
        counties = [row["adcode"] for row in csv.DictReader(file)]
    return (*departments, *counties)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Count orders by the unit they were given to."""

    database: Database
    policy: Policy
    clock: Clock
    indicators: Indicators

    def board(self, person: Person, days: int) -> Units:
        """Rank the units in the person's sight by the orders in the person's sight."""
        at = self.clock.now()
        with self.database.read() as view:
            facts = _over(self.indicators.facts(view, at), days)
            seen = self._seen(person, facts.orders())
            found = _found(facts)
            hours = measures.orders_hours(facts, {})
            sheet = facts.orders()
            scores = [
                _score(unit, _of(sheet, unit) & seen, found, hours) for unit in self._units(person)
            ]
        fewest = facts.limits.fewest_due
        return Units(
            at=at,
            days=days,
            rule=_rule(facts, days),
            missing=(),
            units=tuple(_told(rank, one) for rank, one in ranked(scores, fewest)),
        )

    def entries(self, person: Person, unit: str, which: Which, *, days: int, limit: int) -> Entries:
        """Give the orders behind a unit's numbers.

        Raises:
            Refused: 404, there is no such unit in the person's sight.
        """
        if unit not in self._units(person):
            raise not_found(unit)
        at = self.clock.now()
        with self.database.read() as view:
            facts = _over(self.indicators.facts(view, at), days)
            mine = _of(facts.orders(), unit) & self._seen(person, facts.orders())
            found = _found(facts, which)[which]
            rows = np.flatnonzero(mine[found.key])
            sees = partial(self.policy.sees, person)
            named = name_entries(view, {"measure": "orders_due"}, found, rows[:limit], sees)
        return Entries(
            indicator=which,
            region=unit if len(unit) > len(CITY) else CITY,
            at=at,
            total=len(rows),
            hidden=min(limit, len(rows)) - len(named),
            entries=tuple(named),
        )

    def _units(self, person: Person) -> tuple[str, ...]:
        """Name the units the person sees: departments wherever they are, counties of their own."""
        every = unit_ids()
        regions = person.regions or ()
        return tuple(
            unit
            for unit in every
            if (
                any(self.policy.sees(person, region, unit) for region in regions)
                if unit.startswith("D")
                else any(covers(region, unit) for region in regions)
            )
        )

    def _seen(self, person: Person, sheet: Sheet) -> Bools:
        granted = [self.policy.sees(person, *scope) for scope in sheet.scopes] or [False]
        return np.asarray(np.array(granted, np.bool_)[sheet.pair], np.bool_)


def _found(facts: Facts, *which: Which) -> dict[str, Found]:
    """Find what units are judged by, each entry an order of theirs; without names all of it."""
    counted = {name: measure for name, measure in _MEASURED.items() if not which or name in which}
    judged = {name: judge for name, judge in rates.JUDGES.items() if not which or name in which}
    return {name: measure(facts, {}) for name, measure in counted.items()} | {
        name: rates.on_orders(facts, judge(facts)) for name, judge in judged.items()
    }


def _over(facts: Facts, days: int) -> Facts:
    """Give the same facts, looking back on so many days."""
    return replace(facts, limits=replace(facts.limits, period_s=float(days * DAY_S)))


def _of(sheet: Sheet, unit: str) -> Bools:
    """Mark a unit's orders: a department's own, a county's those in its region."""
    if unit.startswith("D"):
        own = [department == unit for department in sheet.departments]
    else:
        own = [covers(unit, region) for region in sheet.regions]
    return np.asarray(np.array(own or [False], np.bool_)[sheet.pair], np.bool_)


def _score(unit: str, mine: Bools, found: Mapping[str, Found], hours: Found) -> Score:
    """Count a unit's orders out of what the measures found."""

    def ratio(name: str) -> tuple[int, int]:
        rows = mine[found[name].key]
        return int(found[name].top[rows].sum()), int(rows.sum())

    taken = hours.top[mine[hours.key]]
    return Score(
        unit=unit,
        sent=ratio("sent")[1],
        signed=ratio("signed"),
        closed=ratio("due"),
        overdue=ratio("overdue")[1],
        shares={name: ratio(name) for name in SHARES},
        hours=float(taken.mean()) if len(taken) else None,
    )


def _told(rank: int | None, score: Score) -> UnitScore:
    return UnitScore(
        unit=score.unit,
        rank=rank,
        sent=score.sent,
        signed_on_time=Ratio(top=score.signed[0], bottom=score.signed[1]),
        closed_on_time=Ratio(top=score.closed[0], bottom=score.closed[1]),
        overdue=score.overdue,
        **{name: Ratio(top=top, bottom=bottom) for name, (top, bottom) in score.shares.items()},
        hours=score.hours,
    )


def _rule(facts: Facts, days: int) -> Text:
    fewest = facts.limits.fewest_due
    return Text(
        f"近 {days} 天到期或反馈的工单按时办结率低者在前；相同时逾期多者在前，再按平均时长。"
        f"到期不足 {fewest} 件的不排名。签收按期限表；重办、一次办结与满意按当时主办的工单计。",
        f"Lowest share closed on time of orders due or reported in {days} days first; then more "
        f"overdue, then longer. Fewer than {fewest} due: not ranked. Signing by the table of "
        "deadlines; redone, first time and content by the order that led then.",
    )
