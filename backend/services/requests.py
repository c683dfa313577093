"""Requests as a whole: hot spots and the day's numbers, of what the reader sees and no more."""

from __future__ import annotations

import threading
import tomllib
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from backend.analytics.hotspots import Spot, around, find_spots
from backend.domain.events import OWNER
from backend.domain.refused import not_found
from backend.services import rates
from backend.services.facts import Facts
from backend.services.features import Features
from backend.services.indicators import Indicators
from backend.services.ledger import CHANNELS, EVENT_STATES, Sheet
from backend.services.policy import Policy
from backend.services.roster import MATTERS_FILE
from backend.storage import features as table
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY, Text, covers
from backend_client.contract.clock import Clock
from backend_client.contract.events import OVER, EventState
from backend_client.contract.feature import FeatureIn
from backend_client.contract.indicators import Ratio
from backend_client.contract.requests import (
    LAYER,
    ByChannel,
    ByMatter,
    ByRegion,
    ByState,
    HotSpot,
    Requests,
)

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HOURS: Final = 24
REACH_M: Final = 400.0
LEAST: Final = 5
"""Five reports of one class within 400 m of each other in a day (ours, G)."""
MOST_SPOTS: Final = 50
MOST_MATTERS: Final = 10
MOST_EVENTS: Final = 50
FRESH_S: Final = 20.0
_WEEK_S: Final = 7 * 86_400.0
_KEPT: Final = 64
_COUNTY: Final = 6
_TOWN: Final = 9
_STRUCK: Final = [EVENT_STATES.index(one) for one in (EventState.REFUSED, EventState.WITHDRAWN)]
_CLOSED: Final = [EVENT_STATES.index(one) for one in OVER]
_UNSAID: Final = Text("未分类", "Not classified")


@cache
def matter_names() -> Mapping[str, Text]:
    """Name every class of the tree by its code."""
    tree = tomllib.loads(MATTERS_FILE.read_text(encoding="utf-8"))
    rows = (*tree["groups"].items(), *tree["classes"].items())
    return {"": _UNSAID} | {code: Text(one["zh"], one["en"]) for code, one in rows}


class RequestsNow:
    """Count requests for whoever asks, and keep the map's hot spots."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        clock: Clock,
        indicators: Indicators,
        features: Features,
    ) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._indicators, self._features = indicators, features
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Requests] = OrderedDict()

    def of(self, person: Person, region: str | None) -> Requests:
        """Give a region's requests as the person sees them, at most some seconds old.

        Raises:
            Refused: 404, the region is none of theirs.
        """
        where = region or (person.regions[0] if person.regions else CITY)
        if not any(covers(own, where) for own in person.regions):
            raise not_found(where)
        key = (where, person.role, person.regions, person.departments)
        with self._lock:
            now = self._clock.now()
            known = self._kept.get(key)
            if known is not None and 0 <= (now - known.at).total_seconds() < FRESH_S:
                return known
            with self._database.read() as view:
                facts = self._indicators.facts(view, now)
                made = self._made(facts, person, where)
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def tend(self) -> int:
        """Bring the map's hot spots up to date; give how many there are."""
        now = self._clock.now()
        with self._database.read() as view:
            facts = self._indicators.facts(view, now)
            there = {name for name, _fields in table.properties(view.connection, LAYER)}
        sheet = facts.events()
        spots = _hot_spots(facts, np.ones(len(sheet.ids), np.bool_))
        gone = there - {one.spot_id for one in spots}
        if spots or gone:
            with self._database.write() as unit:
                for spot_id in sorted(gone):
                    self._features.withdraw(unit, LAYER, spot_id)
                self._features.project_all(unit, LAYER, [_feature(one, now) for one in spots])
        return len(spots)

    def _made(self, facts: Facts, person: Person, where: str) -> Requests:
        sheet = facts.events()
        sees = [
            covers(where, region) and self._policy.sees(person, region, department)
            for region, department in sheet.scopes
        ]
        seen = np.array(sees or [False], np.bool_)[sheet.pair]
        today = seen & (sheet["reported_s"] >= facts.midnight_s)
        is_open = seen & ~np.isin(sheet["state"], _CLOSED)
        calls = rates.satisfied(facts, {})
        reached = seen[calls.key]
        return Requests(
            region=where,
            at=facts.at,
            hours=HOURS,
            spots=tuple(_hot_spots(facts, seen)),
            intake=int(today.sum()),
            answered=int(seen[rates.closed_today(facts, {}).key].sum()),
            merged=int(seen[rates.merged_today(facts, {}).key].sum()),
            satisfied=Ratio(top=int(calls.top[reached].sum()), bottom=int(reached.sum())),
            channels=tuple(
                ByChannel(channel=CHANNELS[at], count=count)
                for at, count in _counted(sheet["channel"][today])
            ),
            matters=_matters(facts, today),
            regions=_regions(sheet, today, where),
            states=tuple(
                ByState(state=EVENT_STATES[at], count=count)
                for at, count in sorted(_counted(sheet["state"][is_open]))
            ),
        )


def _counted(column: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Count values, the most frequent first."""
    values, counts = np.unique(column.astype(np.int64), return_counts=True)
    pairs = zip(values.tolist(), counts.tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _matters(facts: Facts, mask: Bools) -> tuple[ByMatter, ...]:
    codes, names = facts.ledger.matters(), matter_names()
    counted = _counted(facts.events()["matter"][mask])[:MOST_MATTERS]
    return tuple(
        ByMatter(matter=codes[at], name=names.get(codes[at], Text(codes[at], codes[at])), count=n)
        for at, n in counted
    )


def _regions(sheet: Sheet, mask: Bools, where: str) -> tuple[ByRegion, ...]:
    size = _COUNTY if len(where) < _COUNTY else _TOWN
    found: Counter[str] = Counter()
    for pair, count in _counted(sheet.pair[mask]):
        found[sheet.regions[pair][:size]] += count
    return tuple(ByRegion(region=region, count=n) for region, n in found.most_common())


def _hot_spots(facts: Facts, seen: Bools) -> list[HotSpot]:
    """Find hot spots among what is seen, county by county: nobody's rows tell of a neighbour's."""
    sheet = facts.events()
    placed = seen & np.isfinite(sheet["lon"]) & ~np.isin(sheet["state"], _STRUCK)
    since_s = facts.now_s - HOURS * 3_600.0
    unsaid = [at for at, code in enumerate(facts.ledger.matters()) if not code]
    said = placed & ~np.isin(sheet["matter"], unsaid) & (sheet["reported_s"] <= facts.now_s)
    fresh = np.flatnonzero(said & (sheet["reported_s"] > since_s))
    week = (sheet["reported_s"] > since_s - _WEEK_S) & (
        sheet["reported_s"] <= facts.now_s - _WEEK_S
    )
    earlier = np.flatnonzero(said & week)
    county = np.array([region[:_COUNTY] for region in sheet.regions] or [""])
    found = []
    for rows in _groups(sheet, fresh, county):
        group = rows[np.argsort(sheet["reported_s"][rows], kind="stable")]
        lon, lat = sheet["lon"][group], sheet["lat"][group]
        alike = _alike(sheet, earlier, county, group[0])
        for spot in find_spots(lon, lat, reach_m=REACH_M, least=LEAST):
            before = around(sheet["lon"][alike], sheet["lat"][alike], spot, REACH_M)
            one = _told(facts, group[spot.members], spot, int(before.sum()))
            if one.open:
                found.append(one)
    found.sort(key=lambda one: (one.before - one.count, one.spot_id, one.lon, one.lat))
    return _apart(found[:MOST_SPOTS])


def _apart(spots: Sequence[HotSpot]) -> list[HotSpot]:
    """Give spots within a kilometre of each other ids of their own; one alone keeps its as it is.

    An id says the place by a kilometre, so that it stays while reports come in.
    """
    seen: Counter[str] = Counter()
    told = []
    for one in spots:
        seen[one.spot_id] += 1
        turn = seen[one.spot_id]
        told.append(
            one if turn == 1 else one.model_copy(update={"spot_id": f"{one.spot_id}-{turn}"})
        )
    return told


def _groups(sheet: Sheet, rows: I64, county: npt.NDArray[np.str_]) -> list[I64]:
    """Part rows by class and county; groups too small for a spot are left out."""
    by: dict[tuple[int, str], list[int]] = {}
    places = county[sheet.pair[rows]]
    for row, matter, place in zip(
        rows.tolist(), sheet["matter"][rows].tolist(), places.tolist(), strict=True
    ):
        by.setdefault((int(matter), place), []).append(row)
    return [np.array(one, np.int64) for _key, one in sorted(by.items()) if len(one) >= LEAST]


def _alike(sheet: Sheet, rows: I64, county: npt.NDArray[np.str_], like: int) -> I64:
    """Give the rows of the same class and county as one."""
    same = sheet["matter"][rows] == sheet["matter"][like]
    same &= county[sheet.pair[rows]] == county[sheet.pair[like]]
    alike: I64 = rows[same]
    return alike


def _told(facts: Facts, rows: I64, spot: Spot, before: int) -> HotSpot:
    sheet = facts.events()
    code = facts.ledger.matters()[int(sheet["matter"][rows[0]])]
    region = sheet.regions[_counted(sheet.pair[rows])[0][0]]
    reported = sheet["reported_s"][rows]
    newest: Sequence[int] = rows[np.argsort(-reported, kind="stable")][:MOST_EVENTS].tolist()
    return HotSpot(
        spot_id=f"hot-{code}-{region[:_COUNTY]}-{spot.lon:.2f}-{spot.lat:.2f}",
        matter=code,
        name=matter_names().get(code, Text(code, code)),
        region=region,
        lon=round(spot.lon, 6),
        lat=round(spot.lat, 6),
        radius_m=round(spot.radius_m, 1),
        count=len(rows),
        before=before,
        open=int((~np.isin(sheet["state"][rows], _CLOSED)).sum()),
        first_at=datetime.fromtimestamp(float(reported.min()), UTC),
        last_at=datetime.fromtimestamp(float(reported.max()), UTC),
        event_ids=tuple(sheet.ids[row] for row in newest),
    )


def _feature(one: HotSpot, at: datetime) -> FeatureIn:
    return FeatureIn(
        id=one.spot_id,
        kind="spot",
        name=one.name.zh,
        lon=one.lon,
        lat=one.lat,
        region=one.region,
        department=OWNER,
        value=float(one.count),
        observed_at=at,
        properties={
            "name_en": one.name.en,
            "before": one.before,
            "open": one.open,
            "radius_m": round(one.radius_m),
            "last_at": one.last_at.isoformat(),
        },
    )
