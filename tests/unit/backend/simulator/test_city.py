"""The same seed gives the same day, and what could not be sent is said again."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from backend.simulator.city import City, Plan
from backend.simulator.complaints import COMPLAINTS, ESTATES, ROADS
from backend.simulator.facts import Facts, load
from backend.simulator.feed import Feed
from backend.simulator.gauges import Gauges
from backend.simulator.lorries import Lorries
from backend.simulator.requests import Requests
from backend.simulator.roads import Roads
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Intake
from backend_client.contract.feature import FeatureIn
from backend_client.contract.item import Head
from backend_client.contract.positions import PositionIn

NOON = datetime(2026, 7, 20, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@cache
def facts() -> Facts:
    """Read the tables once."""
    return load()


class Notebook(Feed):
    """A feed that writes down what it was given, and may refuse for a while."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.fixed: list[PositionIn] = []
        self.up = True

    def rows(self, layer: str, rows: Sequence[FeatureIn], feed: str = "") -> bool:
        """Note rows."""
        self.said.extend((layer, row.model_dump_json()) for row in rows if self.up)
        return self.up

    def fixes(self, layer: str, fixes: Sequence[PositionIn], feed: str = "") -> bool:
        """Note fixes."""
        self.said.extend((layer, fix.model_dump_json()) for fix in fixes if self.up)
        self.fixed.extend(fix for fix in fixes if self.up)
        return self.up

    def event(self, intake: Intake) -> Head | None:
        """Note an event."""
        if not self.up:
            return None
        self.said.append(("event", intake.model_dump_json()))
        return Head(item_id=intake.intake_id, version=1, n=1)


def play(plan: Plan, seconds: int, *, down: range = range(0)) -> Notebook:
    """Play a city for a while, with the service down for some of it."""
    clock, book = ManualClock(NOON), Notebook()
    city = City(plan, book, clock)
    for second in range(seconds):
        book.up = second not in down
        city.step()
        clock.advance(1)
    return book


def test_the_same_seed_is_the_same_day() -> None:
    plan = Plan(seed=3, scale=0.01)
    assert play(plan, 130).said == play(plan, 130).said
    assert play(plan, 130).said != play(Plan(seed=4, scale=0.01), 130).said


def test_a_service_that_was_away_misses_nothing() -> None:
    plan = Plan(seed=3, scale=0.01, rate=6.0, tidy=True)
    steady, broken = play(plan, 150), play(plan, 150, down=range(20, 100))
    assert set(steady.fixed) == set(broken.fixed)
    assert len(broken.fixed) == len(set(broken.fixed))

    def events(book: Notebook) -> list[str]:
        return [body for layer, body in book.said if layer == "event"]

    assert events(steady) == events(broken)


def test_feeds_are_now_and_then_late_and_double() -> None:
    book = play(Plan(seed=3, scale=0.05), 600)
    times = Counter((fix.id, fix.observed_at) for fix in book.fixed)
    assert max(times.values()) > 1
    newest: dict[str, datetime] = {}
    late = 0
    for fix in book.fixed:
        late += fix.observed_at < newest.get(fix.id, fix.observed_at)
        newest[fix.id] = max(fix.observed_at, newest.get(fix.id, fix.observed_at))
    assert late


def test_fixes_do_not_depend_on_how_time_is_cut() -> None:
    lorries = Lorries(facts(), seed=7, scale=0.02)
    whole = lorries.fixes(NOON, NOON + 5 * MINUTE)
    parts = [
        fix
        for second in range(0, 300, 7)
        for fix in lorries.fixes(
            NOON + timedelta(seconds=second), NOON + timedelta(seconds=min(second + 7, 300))
        )
    ]
    assert parts == whole
    assert len({(fix.id, fix.observed_at) for fix in whole}) == len(whole)


def test_lorries_drive_like_lorries() -> None:
    lorries = Lorries(facts(), seed=7, scale=0.02)
    fixes = lorries.fixes(NOON, NOON + 60 * MINUTE)
    by_id: dict[str, list[PositionIn]] = {}
    for fix in fixes:
        by_id.setdefault(fix.id, []).append(fix)
    assert len(by_id) == 30
    for track in by_id.values():
        spans = [
            (b.observed_at - a.observed_at).total_seconds() for a, b in itertools.pairwise(track)
        ]
        assert all(9.9 <= span <= 15.1 for span in spans)
        for a, b in itertools.pairwise(track):
            assert abs(a.lon - b.lon) < 0.006  # 30 m/s for 15 s and noise
            assert abs(a.lat - b.lat) < 0.006
    assert max(fix.speed_kmh for fix in fixes) < 100
    assert 0.02 < sum(fix.speed_kmh == 0 for fix in fixes) / len(fixes) < 0.7
    assert all(119 < fix.lon < 123 and 31 < fix.lat < 33.5 for fix in fixes)


def test_all_roads_are_one_net() -> None:
    roads = Roads(facts().roads)
    ends = [roads.points[0], roads.points[-1], roads.points[len(roads.points) // 2]]
    for start in ends:
        for end in ends:
            way = roads.way(start, end)
            assert (not way) == (start == end)
            assert not way or way[-1].end == end


@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_every_object_has_its_own_id_and_says_it_is_generated(scale: float) -> None:
    gauges = Gauges(facts(), seed=7, scale=scale)
    lorries = Lorries(facts(), seed=7, scale=scale)
    water = gauges.all(NOON)
    hazmat = [*lorries.places(NOON), *lorries.register(NOON)]
    for rows in (water, hazmat):
        assert len({row.id for row in rows}) == len(rows)
        assert all(row.region.startswith("3206") for row in rows)
        assert all(row.properties["contact"] and row.properties["phone"] for row in rows)
    named = {station.station_id for station in facts().stations}
    for row in (*water, *hazmat):
        assert bool(row.properties.get("generated")) == (row.id not in named)
    assert {row.id for row in water} >= named


def test_only_sourced_warning_levels_stand_on_named_stations() -> None:
    rows = {row.id: row for row in Gauges(facts(), seed=7, scale=0.1).all(NOON)}
    for station in facts().stations:
        assert rows[station.station_id].properties.get("warning_level_m") == station.warning_m
    tidal = rows["NT-G01"].properties["forecast"]
    assert isinstance(tidal, list)
    assert len(tidal) == 61
    assert "forecast" not in rows["NT-G13"].properties


def test_the_gauges_of_five_minutes_are_all_gauges() -> None:
    gauges = Gauges(facts(), seed=7, scale=0.1)
    due = {row.id for minute in range(5) for row in gauges.due(NOON + minute * MINUTE)}
    assert due == {row.id for row in gauges.all(NOON)}


def test_as_many_events_come_as_were_asked_for() -> None:
    requests = Requests(facts(), seed=7, scale=0.1, rate=2.0)
    day = requests.between(NOON, NOON + timedelta(days=1))
    assert 1_800 < len(day) < 2_200
    assert len({event.intake_id for event in day}) == len(day)
    assert [event.reported_at for event in day] == sorted(event.reported_at for event in day)
    assert len({event.title[-4:] for event in day}) >= len(COMPLAINTS)
    assert not any("{" in event.text or "{" in event.place for event in day)
    names = (*ROADS, *ESTATES)
    for event in day:
        elsewhere = [name for name in names if name in event.text and name not in event.place]
        assert not elsewhere, "an event tells of its own place and of no other"
    assert 0.7 < sum(event.level == 0 for event in day) / len(day) < 0.95


def test_events_of_a_span_are_those_of_its_parts() -> None:
    requests = Requests(facts(), seed=7, scale=0.3, rate=1.0)
    middle = NOON + timedelta(seconds=1234.5)
    end = NOON + 40 * MINUTE
    assert requests.between(NOON, end) == [
        *requests.between(NOON, middle),
        *requests.between(middle, end),
    ]
    assert json.loads(requests.between(NOON, end)[0].model_dump_json())["channel"]
