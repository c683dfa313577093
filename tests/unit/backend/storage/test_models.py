"""Versions, exam and live counts on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from backend.domain.models import Decision
from backend.storage import models as table
from backend.storage.database import Database
from backend.storage.models import NO_DECISION, Use
from backend_client.contract.clock import ManualClock
from backend_client.contract.models import Live, ModelState, ModelVersion
from tests.databases import Ground

AT = datetime(2026, 7, 20, tzinfo=UTC)


@pytest.fixture
def database(ground: Ground) -> Iterator[Database]:
    opened = Database(ground.place, ManualClock(AT), lambda _: None)
    yield opened
    opened.close()


def version(number: int) -> ModelVersion:
    return ModelVersion(
        number=number,
        state=ModelState.CANDIDATE,
        made_at=AT,
        from_at=AT,
        to_at=AT,
        decisions=9,
        exam=3,
        frozen={"right": 0.5},
        rivals={},
        live=Live(metrics={"right": 1.0}),  # counted apart, never stored with it
        sha256="ab",
        taught_by="cd",
    )


def test_versions_are_kept_by_number_and_written_over(database: Database) -> None:
    with database.write() as unit:
        here = unit.connection
        assert table.last_number(here, "merge") == 0
        for number in (1, 2):
            table.put(here, "merge", version(number))
        table.put(here, "matter", version(7))
        table.put(here, "merge", version(2).model_copy(update={"decisions": 10}))
    with database.read() as view:
        here = view.connection
        assert table.last_number(here, "merge") == 2
        assert [one.number for one in table.versions(here, "merge", 9)] == [2, 1]
        assert [one.number for one in table.versions(here, "merge", 1)] == [2]
        second = table.version(here, "merge", 2)
        assert second == version(2).model_copy(update={"decisions": 10, "live": NO_DECISION})
        assert table.version(here, "merge", 3) is None


def test_a_city_begins_on_rules_and_remembers_what_was_in_use(database: Database) -> None:
    with database.read() as view:
        assert table.use(view.connection, "merge") == Use(0, (), held=False)
    with database.write() as unit:
        table.set_use(unit.connection, "merge", Use(2, (0, 1), held=False))
        table.set_use(unit.connection, "merge", Use(3, (0, 1, 2), held=True))
    with database.read() as view:
        assert table.use(view.connection, "merge") == Use(3, (0, 1, 2), held=True)
        assert table.use(view.connection, "matter") == Use()


def test_an_exam_grows_is_put_right_and_loses_only_what_was_taken_back(database: Database) -> None:
    first = [Decision(key, ("g",), AT, {"same": True, "字": "路灯"}) for key in ("a", "b")]
    again = [Decision("b", ("g",), AT, {"same": False}), Decision("c", ("g",), AT, {"same": True})]
    with database.write() as unit:
        table.freeze(unit.connection, "merge", first)
        table.freeze(unit.connection, "merge", again)
        table.freeze(unit.connection, "matter", first[:1])
    with database.read() as view:
        kept = {one.key: one.body for one in table.exam(view.connection, "merge")}
        assert kept == {"a": first[0].body, "b": {"same": False}, "c": {"same": True}}
    with database.write() as unit:
        table.freeze(unit.connection, "merge", [Decision("a", ("g",), AT, None)])
    with database.read() as view:
        assert table.exam_keys(view.connection, "merge") == {"b", "c"}
        assert table.exam_size(view.connection, "merge") == 2
        assert table.exam_size(view.connection, "matter") == 1


def test_what_people_said_is_counted_by_version_and_day(database: Database) -> None:
    days = date(2026, 7, 19), date(2026, 7, 20)
    with database.write() as unit:
        for day, right in ((0, True), (1, True), (1, True), (1, False)):
            table.count(unit.connection, "merge", 2, days[day], right=right)
        table.count(unit.connection, "merge", 0, days[1], right=False)
    with database.read() as view:
        live = table.live(view.connection, "merge", days[0])
        assert live[2].metrics == {"decided": 4.0, "right": 0.75}
        assert [(one.day, one.right, one.wrong) for one in live[2].days] == [
            (days[0], 1, 0),
            (days[1], 2, 1),
        ]
        assert live[0].metrics == {"decided": 1.0, "right": 0.0}
        later = table.live(view.connection, "merge", days[1])
        assert later[2].metrics == {"decided": 3.0, "right": 2 / 3}
