"""Any changed, removed, reordered or cut-off audit row is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pysqlite3
import pytest

from backend.storage import audit
from backend.storage.database import Database
from backend_client.contract.clock import ManualClock
from tests.databases import FileGround, Ground

ROWS = 30
COLUMNS = ("at", "person_id", "role", "action", "target", "detail", "n", "previous", "hash")
CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))
Hurt = Callable[[Ground, random.Random], None]


@pytest.fixture
def trail(ground: Ground) -> Ground:
    """Give a database with a trail."""
    database = Database(ground.place, CLOCK, lambda _: None)
    for number in range(ROWS):
        with database.write() as unit:
            unit.audit("test.step", f"thing/{number}", by=None, detail={"number": number})
    database.close()
    return ground


@pytest.fixture
def bare(trail: Ground) -> Ground:
    """Give a trail without the triggers that guard it."""
    copy, on = trail.copy(), "" if isinstance(trail, FileGround) else " ON audit"
    copy.run(f"DROP TRIGGER audit_no_update{on}")
    copy.run(f"DROP TRIGGER audit_no_delete{on}")
    return copy


def change_cell(ground: Ground, dice: random.Random) -> None:
    row, column = dice.randint(1, ROWS), dice.choice(COLUMNS)
    if column == "n":
        ground.run(f"UPDATE audit SET n = n + 1 WHERE seq = {row}")
        return
    old = str(ground.run(f"SELECT {column} FROM audit WHERE seq = {row}")[0][0])
    place = dice.randrange(len(old) + 1)
    new = f"{old[:place]}{'x' if old[place : place + 1] != 'x' else 'y'}{old[place + 1 :]}"
    ground.run(f"UPDATE audit SET {column} = '{new}' WHERE seq = {row}")


def remove_row(ground: Ground, dice: random.Random) -> None:
    ground.run(f"DELETE FROM audit WHERE seq = {dice.randint(1, ROWS)}")


def remove_and_renumber(ground: Ground, dice: random.Random) -> None:
    row = dice.randint(1, ROWS - 1)
    ground.run(f"DELETE FROM audit WHERE seq = {row}")
    for later in range(row + 1, ROWS + 1):
        ground.run(f"UPDATE audit SET seq = seq - 1 WHERE seq = {later}")


def swap_rows(ground: Ground, dice: random.Random) -> None:
    one, other = dice.sample(range(1, ROWS + 1), 2)
    ground.run(f"UPDATE audit SET seq = -1 WHERE seq = {one}")
    ground.run(f"UPDATE audit SET seq = {one} WHERE seq = {other}")
    ground.run(f"UPDATE audit SET seq = {other} WHERE seq = -1")


def cut_tail(ground: Ground, dice: random.Random) -> None:
    ground.run(f"DELETE FROM audit WHERE seq > {dice.randint(0, ROWS - 1)}")


def verdict(ground: Ground) -> audit.Verdict:
    database = Database(ground.place, CLOCK, lambda _: None)
    try:
        with database.read() as view:
            return audit.verify(view.connection)
    finally:
        database.close()


def test_untouched_trail_is_whole(trail: Ground) -> None:
    found = verdict(trail.copy())
    assert (found.rows, found.fault) == (ROWS, None)


@pytest.mark.parametrize(
    "hurt", [change_cell, remove_row, remove_and_renumber, swap_rows, cut_tail]
)
def test_every_mutation_is_found(bare: Ground, hurt: Hurt) -> None:
    dice = random.Random(hurt.__name__)
    for number in range(25 if isinstance(bare, FileGround) else 5):
        copy = bare.copy()
        hurt(copy, dice)
        assert verdict(copy).fault is not None, f"{hurt.__name__} number {number} was missed"


@pytest.mark.parametrize("statement", ["UPDATE audit SET detail = ''", "DELETE FROM audit"])
def test_database_itself_refuses_to_touch_the_trail(trail: Ground, statement: str) -> None:
    with pytest.raises((pysqlite3.IntegrityError, psycopg.IntegrityError), match="never"):
        trail.run(statement)
