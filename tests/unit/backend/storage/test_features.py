"""The table of features: oids for ever, versions forward, one point per minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.storage import features as table
from backend.storage import series
from backend.storage.database import Database
from backend.storage.features import Stored, instant, milliseconds
from backend_client.contract.clock import ManualClock
from backend_client.contract.feature import FeatureIn

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
NOW_MS = milliseconds(NOW)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    made = Database(tmp_path / "city.db", ManualClock(NOW), lambda _committed: None)
    yield made
    made.close()


def feature(feature_id: str, **properties: str) -> FeatureIn:
    """Give one row as its source describes it."""
    return FeatureIn(
        id=feature_id,
        kind="sluice",
        name=f"{feature_id}闸",
        lon=121.0,
        lat=32.0,
        region="3206",
        observed_at=NOW,
        properties=dict(properties),
    )


def stored(oid: int, one: FeatureIn, **changed: object) -> Stored:
    """Give the row as it is stored."""
    fields: dict[str, object] = {
        "oid": oid,
        "id": one.id,
        "kind": one.kind,
        "lon": one.lon,
        "lat": one.lat,
        "region": one.region,
        "department": "D27",
        "state": 0,
        "value": 1.25,
        "observed_ms": NOW_MS,
        **changed,
    }
    return Stored(**fields)  # type: ignore[arg-type]  # a test's keywords


@pytest.mark.parametrize("micro", [0, 1, 999, 1_000, 123_999, 124_000, 999_999])
def test_instants_keep_their_millisecond(micro: int) -> None:
    at = NOW.replace(microsecond=micro)
    assert milliseconds(at) == NOW_MS + micro // 1000
    assert instant(milliseconds(at)) == at.replace(microsecond=micro // 1000 * 1000)
    assert milliseconds(datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=1)) == -1000


def test_an_id_keeps_its_oid_when_it_goes_and_comes_back(database: Database) -> None:
    with database.write() as unit:
        first = table.next_version(unit.connection, "water", NOW)
        numbered = table.number(unit.connection, "water", ["b", "a", "b"])
        assert numbered == {"b": 1, "a": 2}
        table.put(unit.connection, "water", [(stored(1, feature("b")), feature("b"))])
        table.remove(unit.connection, "water", [1])
    with database.write() as unit:
        assert table.next_version(unit.connection, "water", NOW) == first + 1
        assert table.number(unit.connection, "water", ["c", "b"]) == {"b": 1, "c": 3}
        assert list(table.load(unit.connection, "water")) == []
    with database.read() as view:
        assert table.layers(view.connection) == {"water": first + 1}
        assert table.get(view.connection, "water", 1) is None


def test_a_new_layer_starts_at_the_present_second(database: Database) -> None:
    with database.write() as unit:
        assert table.next_version(unit.connection, "water", NOW) == NOW_MS // 1000


def test_a_row_is_read_back_as_it_was_written(database: Database) -> None:
    one = feature("a", contact="值班室", phone="0513", note="'; DROP TABLE feature; --")
    with database.write() as unit:
        table.next_version(unit.connection, "water", NOW)
        table.put(unit.connection, "water", [(stored(1, one), one)])
        assert list(table.load(unit.connection, "water")) == [stored(1, one)]
    with database.read() as view:
        read = table.get(view.connection, "water", 1)
        words = table.words(view.connection, "water", [1, 99])
    assert read is not None
    assert read.properties == one.properties
    assert read.observed_at == NOW
    assert {oid: (word.name, word.contact, word.phone) for oid, word in words.items()} == {
        1: ("a闸", "值班室", "0513")
    }


def test_a_minute_keeps_its_newest_value_and_a_week_is_kept(database: Database) -> None:
    one = feature("a")
    with database.write() as unit:
        for seconds, value in ((0, 1.0), (30, 2.0), (10, 3.0), (60, 4.0), (90, None)):
            row = stored(1, one, observed_ms=NOW_MS + seconds * 1000, value=value)
            series.append(unit.connection, "water", [row])
        points = series.read(unit.connection, "water", 1, since_ms=NOW_MS)
        assert [point.value for point in points] == [2.0, 4.0]
        assert points[0].at == NOW + timedelta(seconds=30)
        assert series.read(unit.connection, "water", 1, since_ms=NOW_MS + 60_000)[0].value == 4.0
        week_ms = series.KEPT_MINUTES * 60_000
        assert series.forget(unit.connection, now_ms=NOW_MS + week_ms + 60_000) == 1
        assert len(series.read(unit.connection, "water", 1, since_ms=0)) == 1
