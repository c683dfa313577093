"""Lines are chained on both databases, and a locked page never changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pysqlite3
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from backend.domain import shifts as rules
from backend.services.scribe import load_table
from backend.storage import shifts
from backend.storage.database import Database
from backend.storage.shifts import NewLine
from backend.storage.unit import Unit
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock
from backend_client.contract.shifts import LineKind, PageProof, ShiftPage
from tests.databases import FileGround, Ground

AT = datetime(2026, 7, 20, tzinfo=UTC)
CLOCK = ManualClock(AT)
TABLE = load_table()
LINES = 12
PAGE = "shift-hall-1"
Hurt = Callable[[Ground, random.Random], None]


def write(unit: Unit, page: ShiftPage, count: int, *, closes: bool = False) -> ShiftPage:
    """Write a number of lines, the last of which may close the page."""
    words = [Text(f"第 {n} 行", f"line {n}") for n in range(count)]
    new = [
        NewLine(rules.written(LineKind.NOTE, text, AT), closes=closes and n == count - 1)
        for n, text in enumerate(words)
    ]
    longer = shifts.append(unit.connection, page, new)
    unit.observe(longer)
    return longer


@pytest.fixture
def locked(ground: Ground) -> Ground:
    """Give a database with one locked page."""
    database = Database(ground.place, CLOCK, lambda _: None)
    with database.write() as unit:
        page = rules.begin(TABLE.groups[0], TABLE.span(AT), AT, no=1)
        unit.add(page, by=None, action="shift.begin")
        write(unit, page.model_copy(update={"state": "locked"}), LINES, closes=True)
    database.close()
    return ground


@pytest.fixture
def bare(locked: Ground) -> Ground:
    """Give the page without the triggers that guard it."""
    on = "" if isinstance(locked, FileGround) else " ON shift_line"
    for name in ("no_update", "no_delete", "locked"):
        locked.run(f"DROP TRIGGER shift_line_{name}{on}")
    return locked


def proof(ground: Ground) -> PageProof:
    database = Database(ground.place, CLOCK, lambda _: None)
    try:
        with database.read() as view:
            return shifts.prove(view.connection, view.load(ShiftPage, PAGE), None)
    finally:
        database.close()


def change_word(ground: Ground, dice: random.Random) -> None:
    no = dice.randint(1, LINES)
    ground.run(f"UPDATE shift_line SET body = replace(body, '第', '弟') WHERE no = {no}")


def change_hash(ground: Ground, dice: random.Random) -> None:
    ground.run(f"UPDATE shift_line SET hash = 'x' WHERE no = {dice.randint(1, LINES)}")


def remove_line(ground: Ground, dice: random.Random) -> None:
    ground.run(f"DELETE FROM shift_line WHERE no = {dice.randint(1, LINES)}")


def cut_tail(ground: Ground, dice: random.Random) -> None:
    ground.run(f"DELETE FROM shift_line WHERE no > {dice.randint(0, LINES - 1)}")


def cut_all(ground: Ground, _dice: random.Random) -> None:
    ground.run("DELETE FROM shift_line")


def swap(ground: Ground, dice: random.Random) -> None:
    one, other = dice.sample(range(1, LINES + 1), 2)
    ground.run(f"UPDATE shift_line SET no = 99 WHERE no = {one}")
    ground.run(f"UPDATE shift_line SET no = {one} WHERE no = {other}")
    ground.run(f"UPDATE shift_line SET no = {other} WHERE no = 99")


def test_an_untouched_page_is_whole(locked: Ground) -> None:
    found = proof(locked)
    assert (found.lines, found.fault) == (LINES, None)


@pytest.mark.parametrize("hurt", [change_word, change_hash, remove_line, cut_tail, cut_all, swap])
def test_every_change_is_found(bare: Ground, hurt: Hurt) -> None:
    dice = random.Random(hurt.__name__)
    for number in range(6 if isinstance(bare, FileGround) else 2):
        copy = bare.copy()
        hurt(copy, dice)
        assert proof(copy).fault is not None, f"{hurt.__name__} number {number} was missed"


@pytest.mark.parametrize("statement", ["UPDATE shift_line SET body = ''", "DELETE FROM shift_line"])
def test_the_database_itself_refuses_to_touch_a_line(locked: Ground, statement: str) -> None:
    with pytest.raises((pysqlite3.IntegrityError, psycopg.IntegrityError), match="never"):
        locked.run(statement)


def test_the_database_itself_refuses_a_line_on_a_locked_page(locked: Ground) -> None:
    database = Database(locked.place, CLOCK, lambda _: None)
    try:
        with pytest.raises(DBAPIError, match="never grows"), database.write() as unit:
            write(unit, unit.load(ShiftPage, PAGE), 1)
        with database.write() as unit:  # another page may
            previous = unit.load(ShiftPage, PAGE)
            page = rules.begin(TABLE.groups[0], TABLE.span(AT), AT, no=2, previous=previous)
            unit.add(page, by=None, action="shift.begin")
            page = write(unit, page, 3)
        with database.read() as view:
            assert shifts.prove(view.connection, page, previous).fault is None
            wrong = previous.model_copy(update={"head": "0" * 64})
            assert shifts.prove(view.connection, page, wrong).fault is not None
    finally:
        database.close()


def test_lines_are_found_by_words_among_the_readers_places(locked: Ground) -> None:
    database = Database(locked.place, CLOCK, lambda _: None)
    try:
        with database.read() as view:
            here = [("3206", "D41")]
            found = shifts.found(view.connection, ["第", "LINE 1"], here, limit=10)
            assert [line.no for line in found] == [12, 11, 2]  # lines 1, 10 and 11, newest first
            assert shifts.found(view.connection, ["第"], [("3206", "D27")], limit=10) == ()
            assert shifts.found(view.connection, ["%"], here, limit=10) == ()
    finally:
        database.close()


def test_what_cannot_be_written_into_the_log_is_not_done(ground: Ground) -> None:
    def scribe(_unit: Unit, _told: object) -> None:
        raise ValueError("no ink")

    database = Database(ground.place, CLOCK, lambda _: None, scribe=scribe)
    try:
        with pytest.raises(ValueError, match="no ink"), database.write() as unit:
            unit.audit("test.step", "thing/1", by=None)
        assert ground.run("SELECT count(*) FROM audit") == [(0,)]
    finally:
        database.close()


@pytest.mark.parametrize("field", ["due_at", "sign_by_at", "supervised_at", "led_at"])
def test_what_falls_due_is_found_without_reading_every_order(ground: Ground, field: str) -> None:
    database = Database(ground.place, CLOCK, lambda _: None)
    asked: list[tuple[str, Any]] = []
    with database.read() as view:
        event.listen(
            view.connection,
            "before_cursor_execute",
            lambda _connection, _cursor, words, given, *_: asked.append((words, given)),
        )
        assert shifts.fell_due(view.connection, "2026-07-20", "2026-07-21", field) == []
        ((words, given),) = asked
        explain = "EXPLAIN QUERY PLAN" if isinstance(ground, FileGround) else "EXPLAIN"
        plan = view.connection.exec_driver_sql(f"{explain} {words}", given).fetchall()
    database.close()
    if isinstance(ground, FileGround):  # a server chooses by what its tables hold
        assert "USING INDEX order_" in str(plan)
