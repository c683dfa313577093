"""A database moves to a server whole and unchanged, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import URL

from backend.storage import audit
from backend.storage.audit import Verdict
from backend.storage.database import Database
from backend.storage.moving import Moved, move
from backend.storage.site import UnusableDatabaseError
from backend_client.contract.clock import ManualClock
from tests.breaker import Breaker, breaker
from tests.databases import FileGround, Rows
from tests.postgres import Server

CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))
ODD = "人民路 🚧 \\N \\ \t\r\n ' \" é e\u0301 \x7f"
REALS = (0.1 + 0.2, -1.7976931348623157e308, 5e-324)
BLOBS = (b"", b"\x00\\N\xff\n", bytes(range(256)))
FIXED = {"held": (0, 1, 0), "lon": REALS, "lat": REALS, "person_id": ("p0", "p1", "p2")}
JSON = {"body", "trail"}


@pytest.fixture
def url(postgres: Server) -> Iterator[URL]:
    """Give an empty database."""
    fresh = postgres.create()
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
def file(tmp_path: Path) -> FileGround:
    """Give a database with rows in every table, and values that are easy to spoil."""
    ground = FileGround(tmp_path / "city.db")
    database = Database(ground.place, CLOCK, lambda _: None)
    for target in ("one", ODD, "three"):
        with database.write() as unit:
            unit.audit("test.step", target, by=None, detail={"said": ODD})
    database.close()
    connection = pysqlite3.connect(str(ground.place))
    for name in tables(ground):
        if not ground.run(f"SELECT 1 FROM {name} LIMIT 1"):
            fill(connection, name)
    connection.execute(
        "INSERT INTO shift_line SELECT page_id, no + 90, 'closing', at, region, department, 1, "
        "words, body, previous, hash FROM shift_line LIMIT 1"
    )
    connection.commit()
    connection.close()
    return ground


def fill(connection: pysqlite3.Connection, name: str) -> None:
    described = connection.execute(f"PRAGMA table_info({name})").fetchall()
    columns = [(str(one[1]), str(one[2]), not one[3] and not one[5]) for one in described]
    for turn in range(3):
        row = [value(*one, turn) for one in columns]
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)


def value(column: str, kind: str, may_lack: bool, turn: int) -> object:
    if column in FIXED:
        return FIXED[column][turn]
    if may_lack and turn == 1:
        return None
    if column in JSON and kind == "TEXT":
        return f'{{"name": "x{turn}", "n": 1.0}}'
    if column in ("state", "closes"):
        return 0 if kind == "INTEGER" else "open"
    by_kind = {"INTEGER": turn + 1 + 2**53 * turn, "REAL": REALS[turn], "BLOB": BLOBS[turn]}
    return by_kind.get(kind, f"{column}-{turn}{ODD}")


def tables(ground: FileGround) -> list[str]:
    known = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    found = [str(row[0]) for row in ground.run(f"{known} ORDER BY name = 'session', name")]
    return [name for name in found if name != "alembic_version"]


def moved(file: FileGround, url: URL, told: list[Moved] | None = None) -> Verdict:
    source = Database(file.place, CLOCK, lambda _: None)
    try:
        with source.read() as view:
            return move(view, url, file.place.parent, (told if told is not None else []).append)
    finally:
        source.close()


def why(file: FileGround, url: URL) -> str:
    """Give the English words of a refusal; both languages are there."""
    with pytest.raises(UnusableDatabaseError) as caught:
        moved(file, url)
    assert caught.value.why.zh
    return caught.value.why.en


def there(server: Server, url: URL, name: str) -> Rows:
    return [tuple(row) for row in server.run(f"SELECT * FROM {name}", str(url.database))]


def is_empty(server: Server, url: URL) -> bool:
    words = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    found = server.run(f"{words} WHERE n.nspname = 'public'", str(url.database))
    return found == [(0,)]


def test_every_table_moves_and_every_value_is_the_same(
    file: FileGround, postgres: Server, url: URL
) -> None:
    told: list[Moved] = []
    verdict = moved(file, url, told)
    assert (verdict.rows, verdict.fault) == (3, None)
    counts = {one.table: one.rows for one in told}
    assert sorted(counts) == sorted(tables(file))
    for name, rows in counts.items():
        here = file.run(f"SELECT * FROM {name}")
        assert here, f"{name} is empty: the test proves nothing of it"
        assert rows == len(here)
        assert sorted(map(repr, here)) == sorted(map(repr, there(postgres, url, name))), name


def test_the_service_goes_on_over_there(file: FileGround, url: URL) -> None:
    source = Database(file.place, CLOCK, lambda _: None)
    with source.read() as view:
        before = (view.n(), view.meta("epoch"))
    source.close()
    moved(file, url)
    database = Database(url, CLOCK, lambda _: None, alone=True)
    with database.write() as unit:
        unit.audit("test.step", "after", by=None)
    with database.read() as view:
        assert (view.n(), view.meta("epoch")) == before
        assert audit.page(view.connection, after=3, limit=9)[0].target == "after"
    database.close()


def test_a_target_with_anything_in_it_is_refused(
    file: FileGround, postgres: Server, url: URL
) -> None:
    postgres.run("CREATE TABLE mine (x INTEGER)", str(url.database))
    assert "is not empty (1 tables: mine)" in why(file, url)
    postgres.run("DROP TABLE mine", str(url.database))
    moved(file, url)
    assert "is not empty" in why(file, url)
    assert len(there(postgres, url, "audit")) == 3


def test_a_target_somebody_serves_is_refused(file: FileGround, url: URL) -> None:
    service = Database(url, CLOCK, lambda _: None, alone=True)
    try:
        assert "Another service is using" in why(file, url)
    finally:
        service.close()


def test_a_broken_audit_chain_is_not_carried_over(
    file: FileGround, postgres: Server, url: URL
) -> None:
    file.run("DROP TRIGGER audit_no_update")
    file.run("UPDATE audit SET action = 'nothing' WHERE seq = 2")
    assert "Audit row 2 is changed. The audit chain is broken" in why(file, url)
    assert is_empty(postgres, url)


def test_a_table_nobody_knows_is_named_and_not_lost(
    file: FileGround, postgres: Server, url: URL
) -> None:
    file.run("CREATE TABLE my_notes (x INTEGER)")
    assert "my_notes" in why(file, url)
    assert is_empty(postgres, url)


def test_a_row_the_server_refuses_takes_all_back(
    file: FileGround, postgres: Server, url: URL
) -> None:
    file.run("UPDATE attachment SET name = 'secret' || char(0)")
    said = why(file, url)
    assert "(table attachment: " in said
    assert "secret" not in said
    assert is_empty(postgres, url)


def test_a_value_that_arrives_otherwise_takes_all_back(
    file: FileGround, postgres: Server, url: URL
) -> None:
    postgres.run(f"ALTER DATABASE {url.database} SET extra_float_digits = -3")
    assert "did not arrive as it was" in why(file, url)
    assert is_empty(postgres, url)


@pytest.fixture
def wire(postgres: Server) -> Iterator[Breaker]:
    """Give a wire to the server that can be cut."""
    with (
        tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp") as folder,
        breaker(Path(folder), postgres.folder) as made,
    ):
        yield made


@pytest.mark.parametrize("heard", [True, False])
def test_a_commit_whose_answer_is_lost_is_asked_about(
    file: FileGround, postgres: Server, url: URL, wire: Breaker, *, heard: bool
) -> None:
    cut = url.set(query={"host": str(wire.folder)})
    wire.cut_at(b"COMMIT", heard=heard)
    if heard:
        assert moved(file, cut).rows == 3
    else:
        assert "did not finish" in why(file, cut)
    assert wire.cuts == 1
    assert is_empty(postgres, url) is not heard


def test_a_link_that_breaks_half_way_leaves_nothing(
    file: FileGround, postgres: Server, url: URL, wire: Breaker
) -> None:
    wire.cut_at(b'COPY "work_item"', heard=True)
    assert "(table work_item: " in why(file, url.set(query={"host": str(wire.folder)}))
    assert wire.cuts == 1
    assert is_empty(postgres, url)
