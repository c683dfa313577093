"""A unit of work is all or nothing, numbered without gaps, and told after the commit."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backend.domain.refused import Refused
from backend.storage import audit
from backend.storage.database import Database
from backend.storage.site import UnusableDatabaseError
from backend.storage.sqlite import check_library
from backend.storage.unit import Committed
from backend_client.contract.auth import Person, Role
from backend_client.contract.clock import ManualClock
from backend_client.contract.item import PersonRef
from backend_client.contract.orders import Order, OrderState
from tests.databases import Ground

AT = datetime(2026, 7, 20, tzinfo=UTC)
WHO = Person(person_id="a", name="甲", role=Role.OPERATOR, regions=("3206",), departments=("*",))


def order(item_id: str = "o1", **changed: object) -> Order:
    base = Order(
        item_id=item_id,
        version=1,
        region="320623",
        department="D27",
        created_at=AT,
        updated_at=AT,
        event_id=None,
        title="t",
        note="",
        state=OrderState.SENT,
        due_at=AT,
        sent_by=PersonRef(person_id="a", name="甲"),
    )
    return base.model_copy(update=changed)


@pytest.fixture
def told() -> list[Committed]:
    return []


@pytest.fixture
def database(ground: Ground, told: list[Committed]) -> Iterator[Database]:
    opened = Database(ground.place, ManualClock(AT), told.append)
    yield opened
    opened.close()


def test_put_writes_item_number_and_audit_row_together(database: Database) -> None:
    with database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
    with database.write() as unit:
        seen = unit.load(Order, "o1", version=1)
        head = unit.put(seen.model_copy(update={"note": "x"}), by=WHO, action="order.sign")
    assert (head.version, head.n) == (2, 2)
    with database.read() as view:
        rows = audit.page(view.connection, after=0, limit=10)
        assert view.load(Order, "o1").note == "x"
        assert [(row.action, row.n, row.person_id) for row in rows] == [
            ("order.send", 1, "a"),
            ("order.sign", 2, "a"),
        ]
        assert audit.verify(view.connection).fault is None


def test_failed_unit_leaves_nothing_and_tells_nobody(
    database: Database, told: list[Committed]
) -> None:
    called: list[int] = []

    def fail() -> None:
        with database.write() as unit:
            unit.add(order(), by=WHO, action="order.send")
            unit.then(lambda: called.append(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as view:
        assert view.get(Order, "o1") is None
        assert view.n() == 0
        assert audit.page(view.connection, after=0, limit=1) == ()
    assert not told
    assert not called
    with database.write() as unit:
        assert unit.add(order(), by=WHO, action="order.send").n == 1


def test_commit_is_told_after_it_can_be_read(database: Database) -> None:
    seen: list[int] = []
    with database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
        unit.then(lambda: seen.append(database_n(database)))
        unit.layer_moved("water", 3)
    assert seen == [1]


def database_n(database: Database) -> int:
    with database.read() as view:
        return view.n()


def test_stale_version_names_who_changed_it(database: Database) -> None:
    with database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
        unit.put(unit.load(Order, "o1"), by=WHO, action="order.sign")
    with pytest.raises(Refused) as caught, database.write() as unit:
        unit.load(Order, "o1", version=1)
    assert (caught.value.problem.status, caught.value.problem.holder) == (409, "甲")
    with pytest.raises(Refused) as caught, database.write() as unit:
        unit.put(order(), by=WHO, action="order.sign")
    assert caught.value.problem.code == "stale_version"


def test_same_id_twice_is_refused(database: Database) -> None:
    with database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
    with pytest.raises(Refused) as caught, database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
    assert caught.value.problem.code == "exists"


def test_observation_is_numbered_but_not_audited(database: Database) -> None:
    with database.write() as unit:
        unit.add(order(), by=None, action="order.send")
        assert unit.observe(unit.load(Order, "o1")).n == 2
    with database.read() as view:
        assert len(audit.page(view.connection, after=0, limit=9)) == 1
        assert audit.verify(view.connection).fault is None


def test_memory_is_written_before_anybody_is_told(
    database: Database, told: list[Committed]
) -> None:
    """Who is told of a layer's version asks for it at once, and by what memory holds."""
    known: list[int] = []
    with database.write() as unit:
        unit.add(order(), by=WHO, action="order.send")
        unit.then(lambda: known.append(len(told)))
    assert (known, len(told)) == ([0], 1)


def test_change_remembers_the_scope_before(database: Database, told: list[Committed]) -> None:
    with database.write() as unit:
        unit.add(order(), by=None, action="order.send")
    with database.write() as unit:
        moved = unit.load(Order, "o1").model_copy(update={"region": "320613"})
        unit.put(moved, by=None, action="order.sign")
        unit.remove(unit.load(Order, "o1"), by=None, action="order.drop")
    change, gone = told[-1].changes
    assert (change.was_region, change.region) == ("320623", "320613")
    assert gone.body is None
    with database.read() as view:
        logged = view.changes(after=0, limit=9)
        assert logged is not None
        assert [entry.n for entry in logged] == [1, 2, 3]
        assert view.changes(after=4, limit=9) is None
        assert view.find(Order, state="sent") == []


def test_find_reads_by_field(database: Database) -> None:
    with database.write() as unit:
        for number in range(3):
            unit.add(order(f"o{number}", note=str(number % 2)), by=None, action="order.send")
        assert [found.item_id for found in unit.find(Order, note="0")] == ["o0", "o2"]
        with pytest.raises(ValueError, match="no field"):
            unit.find(Order, **{"note') OR 1=1 --": "x"})


def test_a_snapshot_stands_still_while_others_write(database: Database) -> None:
    with database.write() as unit:
        unit.add(order(), by=None, action="order.send")
    with database.read() as view:
        assert view.n() == 1
        with database.write() as unit:
            unit.put(unit.load(Order, "o1"), by=None, action="order.sign")
        assert (view.n(), view.load(Order, "o1").version) == (1, 1)
    assert database_n(database) == 2


def test_two_programs_number_as_one(ground: Ground, database: Database) -> None:
    """A second program writes beside the service: no gap, no repeat, none seen out of order."""
    other = Database(ground.place, ManualClock(AT), lambda _: None)
    stop, seen = threading.Event(), [0]

    def fill(program: Database, name: str) -> None:
        for number in range(40):
            with contextlib.suppress(ZeroDivisionError), program.write() as unit:
                unit.audit("order.look", name, by=None)
                unit.add(order(f"{name}{number}"), by=None, action="order.send")
                if number % 5 == 0:
                    raise ZeroDivisionError

    def look() -> None:
        while not stop.is_set():
            with database.read() as view:
                logged = view.changes(after=seen[-1], limit=500)
            seen.extend(change.n for change in logged or ())

    hands = [threading.Thread(target=fill, args=pair) for pair in ((database, "a"), (other, "b"))]
    eye = threading.Thread(target=look)
    for thread in (eye, *hands):
        thread.start()
    for thread in hands:
        thread.join()
    stop.set()
    eye.join()
    other.close()
    with database.read() as view:
        logged = view.changes(after=0, limit=500)
        assert audit.verify(view.connection).fault is None
    assert [change.n for change in logged or ()] == list(range(1, 65))
    assert seen == list(range(len(seen)))


def test_nested_unit_is_a_bug(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write(), database.write():
        pass


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 40, 1), (3, 52, 0)])
def test_faulty_library_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(UnusableDatabaseError) as caught:
        check_library(version)
    assert "pysqlite3" in caught.value.why.zh
    check_library((3, 51, 3))
    check_library((3, 53, 4))
