"""The table of features: oids for ever, versions forward, one point per minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from backend.domain.arrays import Array
from backend.storage import features as table
from backend.storage import series
from backend.storage.database import Database
from backend.storage.features import SHAPE, STORED, Chunk, instant, milliseconds
from backend_client.contract import shapes
from backend_client.contract.clock import ManualClock
from tests.databases import Ground

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
NOW_MS = milliseconds(NOW)
LINE = np.array([shapes.LINE, 1, 2, 1, 2, 3, 4], "<i4").tobytes()


@pytest.fixture
def database(ground: Ground) -> Iterator[Database]:
    """Give an empty database."""
    made = Database(ground.place, ManualClock(NOW), lambda _committed: None)
    yield made
    made.close()


def row(oid: int, own_id: str, **changed: object) -> Chunk:
    """Give one row as it is kept."""
    fields: dict[str, object] = {
        "id": own_id,
        "kind": "sluice",
        "name": f"{own_id}闸",
        "lon": 121.0,
        "lat": 32.0,
        "region": "3206",
        "department": "D27",
        "state": 0,
        "value": 1.25,
        "observed_ms": NOW_MS,
        "properties": "{}",
        "feed": "",
        **changed,
    }
    kinds = {**STORED, "shape": SHAPE}
    columns = {name: pa.array([value], kinds[name]) for name, value in fields.items()}
    return Chunk(np.array([oid]), columns)


@pytest.mark.parametrize("micro", [0, 1, 999, 1_000, 123_999, 124_000, 999_999])
def test_instants_keep_their_millisecond(micro: int) -> None:
    at = NOW.replace(microsecond=micro)
    assert milliseconds(at) == NOW_MS + micro // 1000
    assert instant(milliseconds(at)) == at.replace(microsecond=micro // 1000 * 1000)
    assert milliseconds(datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=1)) == -1000


def test_an_id_keeps_its_oid_when_it_goes_and_comes_back(database: Database) -> None:
    with database.write() as unit:
        first = table.next_version(unit.connection, "water", NOW)
        assert table.number(unit.connection, "water", 2).tolist() == [1, 2]
        table.put(unit.connection, "water", row(1, "b", shape=LINE))
        table.remove(unit.connection, "water", [1])
    with database.write() as unit:
        assert table.next_version(unit.connection, "water", NOW) == first + 1
        known = table.known(unit.connection, "water", ["c", "b"], ("kind", "shape"))
        assert (known.oid.tolist(), known.gone.tolist()) == ([0, 1], [False, True])
        assert known.columns["kind"].to_pylist() == [None, "sluice"]
        assert known.columns["shape"].to_pylist() == [None, None]  # gone with its object
        assert table.number(unit.connection, "water", 1).tolist() == [3]
        assert list(table.load(unit.connection, "water")) == []
    with database.read() as view:
        assert table.layers(view.connection) == {"water": first + 1}
        assert table.get(view.connection, "water", 1) is None


def test_a_new_layer_starts_at_the_present_second(database: Database) -> None:
    with database.write() as unit:
        assert table.next_version(unit.connection, "water", NOW) == NOW_MS // 1000


def test_a_row_is_read_back_as_it_was_written(database: Database) -> None:
    fields = '{"contact":"值班室","phone":"0513","note":"\'; DROP TABLE feature; --"}'
    one = row(1, "a", properties=fields, shape=LINE, feed="f")
    with database.write() as unit:
        table.next_version(unit.connection, "water", NOW)
        table.put(unit.connection, "water", one)
        (held,) = table.load(unit.connection, "water")
        assert held.oid.tolist() == [1]
        told = {**one.columns, "id": pa.array([None])}  # it stands: nobody asks by its id
        for name, column in held.columns.items():
            assert column.to_pylist() == told[name].to_pylist(), name
    with database.read() as view:
        read = table.get(view.connection, "water", 1)
        words = table.words(view.connection, "water", [1, 99])
    assert read is not None
    assert read.properties["note"] == "'; DROP TABLE feature; --"
    assert read.outline is not None
    assert (read.outline.form, read.outline.parts) == ("line", (((1e-7, 2e-7), (3e-7, 4e-7)),))
    assert (read.observed_at, read.feed) == (NOW, "f")
    assert {oid: (word.name, word.contact, word.phone) for oid, word in words.items()} == {
        1: ("a闸", "值班室", "0513")
    }


def test_readings_change_only_the_columns_they_name(database: Database) -> None:
    with database.write() as unit:
        table.next_version(unit.connection, "water", NOW)
        table.put(unit.connection, "water", row(1, "a", shape=LINE))
        reading: dict[str, Array] = {"id": pa.array(["a"]), "value": pa.array([9.0], pa.float64())}
        table.put(unit.connection, "water", Chunk(np.array([1]), reading))
        read = table.get(unit.connection, "water", 1)
    assert read is not None
    assert (read.value, read.name, read.outline is None) == (9.0, "a闸", False)


def test_one_batch_may_name_a_minute_many_times(database: Database) -> None:
    seconds, values = (0, 30, 30, 10, 60), (1.0, 2.0, 2.5, 3.0, 4.0)
    at = NOW_MS + np.array(seconds) * 1000
    with database.write() as unit:
        series.append(unit.connection, "water", np.ones(5, np.int64), at, np.array(values))
        points = series.read(unit.connection, "water", 1, since_ms=NOW_MS)
    assert [point.value for point in points] == [2.5, 4.0]


def test_a_minute_keeps_its_newest_value_and_a_week_is_kept(database: Database) -> None:
    with database.write() as unit:
        for seconds, value in ((0, 1.0), (30, 2.0), (10, 3.0), (60, 4.0)):
            at = np.array([NOW_MS + seconds * 1000])
            series.append(unit.connection, "water", np.array([1]), at, np.array([value]))
        points = series.read(unit.connection, "water", 1, since_ms=NOW_MS)
        assert [point.value for point in points] == [2.0, 4.0]
        assert points[0].at == NOW + timedelta(seconds=30)
        assert series.read(unit.connection, "water", 1, since_ms=NOW_MS + 60_000)[0].value == 4.0
        week_ms = series.KEPT_MINUTES * 60_000
        assert series.forget(unit.connection, now_ms=NOW_MS + week_ms + 60_000) == 1
        assert len(series.read(unit.connection, "water", 1, since_ms=0)) == 1
