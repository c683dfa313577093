"""Any changed, removed, reordered or cut-off audit row is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3
import pytest

from backend.storage import audit
from backend.storage.database import Database
from backend_client.contract.clock import ManualClock

ROWS = 30
COLUMNS = ("at", "person_id", "role", "action", "target", "detail", "n", "previous", "hash")
Hurt = Callable[["pysqlite3.Connection", random.Random], None]


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "city.db"
    database = Database(path, ManualClock(datetime(2026, 7, 20, tzinfo=UTC)), lambda _: None)
    for number in range(ROWS):
        with database.write() as unit:
            unit.audit("test.step", f"thing/{number}", by=None, detail={"number": number})
    database.close()
    return path


@pytest.fixture
def copy(trail: Path, tmp_path: Path) -> Path:
    path = tmp_path / "city.db"
    path.write_bytes(trail.read_bytes())
    connection = pysqlite3.connect(str(path))
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("DROP TRIGGER audit_no_delete")
    connection.commit()
    connection.close()
    return path


def change_cell(connection: pysqlite3.Connection, dice: random.Random) -> None:
    row, column = dice.randint(1, ROWS), dice.choice(COLUMNS)
    if column == "n":
        connection.execute("UPDATE audit SET n = n + 1 WHERE seq = ?", (row,))
        return
    old = connection.execute(f"SELECT {column} FROM audit WHERE seq = ?", (row,)).fetchone()[0]
    place = dice.randrange(len(old) + 1)
    new = f"{old[:place]}{'x' if old[place : place + 1] != 'x' else 'y'}{old[place + 1 :]}"
    connection.execute(f"UPDATE audit SET {column} = ? WHERE seq = ?", (new, row))


def remove_row(connection: pysqlite3.Connection, dice: random.Random) -> None:
    connection.execute("DELETE FROM audit WHERE seq = ?", (dice.randint(1, ROWS),))


def remove_and_renumber(connection: pysqlite3.Connection, dice: random.Random) -> None:
    row = dice.randint(1, ROWS - 1)
    connection.execute("DELETE FROM audit WHERE seq = ?", (row,))
    for later in range(row + 1, ROWS + 1):
        connection.execute("UPDATE audit SET seq = seq - 1 WHERE seq = ?", (later,))


def swap_rows(connection: pysqlite3.Connection, dice: random.Random) -> None:
    one, other = dice.sample(range(1, ROWS + 1), 2)
    connection.execute("UPDATE audit SET seq = -1 WHERE seq = ?", (one,))
    connection.execute("UPDATE audit SET seq = ? WHERE seq = ?", (one, other))
    connection.execute("UPDATE audit SET seq = ? WHERE seq = -1", (other,))


def cut_tail(connection: pysqlite3.Connection, dice: random.Random) -> None:
    connection.execute("DELETE FROM audit WHERE seq > ?", (dice.randint(0, ROWS - 1),))


def verdict(path: Path) -> audit.Verdict:
    database = Database(path, ManualClock(datetime(2026, 7, 20, tzinfo=UTC)), lambda _: None)
    try:
        with database.read() as view:
            return audit.verify(view.connection)
    finally:
        database.close()


def test_untouched_trail_is_whole(trail: Path, tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    path.write_bytes(trail.read_bytes())
    found = verdict(path)
    assert (found.rows, found.fault) == (ROWS, None)


@pytest.mark.parametrize(
    "hurt", [change_cell, remove_row, remove_and_renumber, swap_rows, cut_tail]
)
def test_every_mutation_is_found(copy: Path, hurt: Hurt) -> None:
    dice = random.Random(hurt.__name__)
    whole = copy.read_bytes()
    for number in range(25):
        copy.write_bytes(whole)
        connection = pysqlite3.connect(str(copy))
        hurt(connection, dice)
        connection.commit()
        connection.close()
        assert verdict(copy).fault is not None, f"{hurt.__name__} number {number} was missed"


@pytest.mark.parametrize("statement", ["UPDATE audit SET detail = ''", "DELETE FROM audit"])
def test_database_itself_refuses_to_touch_the_trail(
    trail: Path, tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "city.db"
    path.write_bytes(trail.read_bytes())
    connection = pysqlite3.connect(str(path))
    with pytest.raises(pysqlite3.IntegrityError, match="never"):
        connection.execute(statement)
    connection.close()
