"""A state counts when it has lasted, an alarm comes of it only where something has to be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from backend.domain.arrays import Array
from backend.domain.states import read_states
from backend.services.judging import Judge
from backend.storage.database import Database
from backend_client.contract.alarms import Alarm
from backend_client.contract.clock import ManualClock

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
RULE = """
[[rule]]
layer = "utilities"
kind = "substation"
name = "load"
dead_band = 2.0
on_s = 60
off_s = 120
owner = { zh = "供电", en = "Power" }
source = "ours"
levels = [
    { level = 2, limit = 100.0, title = { zh = "{name}过载", en = "{name} overloaded" } ACTION },
    { level = 4, limit = 90.0 },
]
"""
ACTION = ', action = { zh = "转移负荷", en = "Shift load" }'


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    made = Database(tmp_path / "city.db", ManualClock(NOW), lambda _committed: None)
    yield made
    made.close()


def columns(values: list[float | None], at_s: int, kind: str = "substation") -> dict[str, Array]:
    """Give what is known of some objects."""
    count = len(values)
    return {
        "id": pa.array([f"S{n}" for n in range(count)]),
        "kind": pa.array([kind] * count),
        "name": pa.array(["城东变"] * count),
        "lon": pa.array([121.0] * count),
        "lat": pa.array([32.0] * count),
        "region": pa.array(["3206"] * count),
        "department": pa.array(["D23"] * count),
        "properties": pa.array(["{}"] * count),
        "state": pa.array([3] * count, pa.uint8()),
        "value": pa.array(values, pa.float64()),
        "observed_ms": pa.array([at_s * 1000] * count, pa.int64()),
    }


class Station:
    """One object and its state as the layer would keep it."""

    def __init__(self, database: Database, action: str = ACTION) -> None:
        self.database = database
        self.judge = Judge(read_states(RULE.replace("ACTION", action)))
        self.state = 0

    def reads(self, value: float, at_s: int) -> int:
        """Take one reading."""
        with self.database.write() as unit:
            was = np.array([self.state])
            told = columns([value], at_s)
            made = self.judge.states(unit, "utilities", told, np.array([1]), was)
        self.state = int(made[0])
        return self.state

    def alarms(self) -> list[tuple[int, str]]:
        """List the alarms there are."""
        with self.database.read() as view:
            return [(alarm.level, alarm.state.value) for alarm in view.find(Alarm)]


def test_a_state_counts_when_it_has_lasted_its_delay(database: Database) -> None:
    station = Station(database)
    read = [
        (95.0, 0, 0),
        (95.0, 59, 0),
        (89.0, 70, 0),  # back in time: it never counted
        (95.0, 100, 0),
        (95.0, 160, 4),
        (88.5, 170, 4),  # inside the dead-band
        (80.0, 200, 4),
        (80.0, 319, 4),
        (80.0, 320, 0),
    ]
    for value, at_s, state in read:
        assert station.reads(value, at_s) == state, at_s
    assert station.alarms() == []


def test_an_alarm_comes_with_the_level_that_calls_for_something(database: Database) -> None:
    station = Station(database)
    for at_s, value in ((0, 101.0), (60, 101.0)):
        station.reads(value, at_s)
    assert station.alarms() == [(2, "new")]
    for at_s, value in ((100, 95.0), (220, 95.0)):
        station.reads(value, at_s)
    assert station.state == 4
    assert station.alarms() == [(2, "returned")]


def test_without_an_action_there_is_no_alarm(database: Database) -> None:
    station = Station(database, action="")
    assert [station.reads(101.0, at_s) for at_s in (0, 60)] == [0, 2]
    assert station.alarms() == []


def test_a_unit_that_fails_leaves_no_waiting_state(database: Database) -> None:
    station = Station(database)

    def failing() -> None:
        with database.write() as unit:
            station.judge.states(
                unit, "utilities", columns([95.0], 0), np.array([1]), np.array([0])
            )
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    assert station.reads(95.0, 60) == 0  # this one is the first that counts
    assert station.reads(95.0, 120) == 4


def test_kinds_without_a_rule_and_objects_without_a_value_keep_their_own_state(
    database: Database,
) -> None:
    judge = Judge(read_states(RULE.replace("ACTION", ACTION)))
    with database.write() as unit:
        for told in (columns([200.0], 0, "tower"), columns([None], 0)):
            made = judge.states(unit, "utilities", told, np.array([1]), np.array([0]))
            assert made.tolist() == [3]
