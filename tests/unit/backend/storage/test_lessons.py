"""Lessons on both databases: the last word counts, the oldest make room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.models import Decision
from backend.storage import lessons
from backend.storage.database import Database
from backend_client.contract.clock import ManualClock
from tests.databases import Ground

AT = datetime(2026, 7, 20, tzinfo=UTC)


@pytest.fixture
def database(ground: Ground) -> Iterator[Database]:
    opened = Database(ground.place, ManualClock(AT), lambda _: None)
    yield opened
    opened.close()


def said(key: str, minute: int, label: str | None) -> Decision:
    body = None if label is None else {"id": key, "labels": label, "字": "路灯"}
    return Decision(key, (f"g-{key}",), AT + timedelta(minutes=minute), body)


def test_the_last_word_counts(database: Database) -> None:
    with database.write() as unit:
        for one in (said("a", 1, "x"), said("b", 2, "y"), said("a", 3, "z"), said("b", 4, None)):
            lessons.keep(unit.connection, "matter", one)
        lessons.keep(unit.connection, "unit", said("a", 1, "D24"))
    with database.read() as view:
        assert list(lessons.kept(view.connection, "matter")) == [
            said("b", 4, None),
            said("a", 3, "z"),
        ]


def test_the_oldest_make_room(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "KEPT", 3)
    with database.write() as unit:
        for minute in range(6):
            lessons.keep(unit.connection, "matter", said(f"k{minute}", minute, "x"))
        lessons.trim(unit.connection, "matter")
    monkeypatch.setattr(lessons, "KEPT", 99)
    with database.read() as view:
        assert [one.key for one in lessons.kept(view.connection, "matter")] == ["k5", "k4", "k3"]
