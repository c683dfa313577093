"""What was not taken is sent again, in order; faulty feeds speak twice or late."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.simulator import objects as module
from backend.simulator.faults import Fault
from backend.simulator.feed import Feed
from backend.simulator.flow import Flow
from backend.simulator.kinds import LayerTable
from backend.simulator.objects import Objects
from backend_client.contract.clock import ManualClock
from backend_client.contract.rows import FixRows, Rows
from tests.town import kind, world

NOON = datetime(2026, 7, 20, 4, 0, tzinfo=UTC)


class Book(Feed):
    """A service that writes down what it takes, and is away now and then."""

    def __init__(self) -> None:
        self.rows_of: list[tuple[str, int, bool]] = []
        self.fixed: list[tuple[str, int]] = []
        self.up = True
        self.known: dict[str, int] = {}

    def counts(self) -> dict[str, int] | None:
        """Say what it knows."""
        return dict(self.known) if self.up else None

    def wide(self, layer: str, rows: Rows) -> bool:
        """Take a batch."""
        if self.up:
            self.rows_of.append((rows.feed, rows.batch.num_rows, rows.is_whole))
        return self.up

    def wide_fixes(self, fixes: FixRows) -> bool:
        """Take fixes."""
        if self.up:
            columns = (fixes.batch.column(name).to_pylist() for name in ("id", "observed_ms"))
            self.fixed.extend(zip(*columns, strict=True))
        return self.up


def flow_of(*words: tuple[str, str]) -> tuple[Flow, Book, ManualClock]:
    """Give a flow of a few kinds."""
    clock, book = ManualClock(NOON), Book()
    tables = [LayerTable(layer, layer, layer, (kind(layer, word),)) for layer, word in words]
    objects = Objects(world(), tables, tidy=True, began_s=NOON.timestamp())
    return Flow(objects, book, clock, others={}), book, clock


def play(flow: Flow, clock: ManualClock, seconds: int) -> None:
    """Play some time."""
    for _ in range(seconds):
        flow.step()
        clock.advance(1)


def test_a_service_that_was_away_gets_every_description() -> None:
    flow, book, clock = flow_of(("fire", "station"), ("police", "key_place"))
    book.up = False
    play(flow, clock, 5)
    assert not flow.is_whole
    book.up = True
    play(flow, clock, 5)
    assert flow.is_whole
    assert sum(count for _feed, count, whole in book.rows_of if whole) == 96 + 160


def test_no_fix_is_lost_or_doubled_over_a_short_outage() -> None:
    found = []
    for down in (range(0), range(20, 60)):
        flow, book, clock = flow_of(("health", "ambulance"))
        for second in range(120):
            book.up = second not in down
            flow.step()
            clock.advance(1)
        assert len(set(book.fixed)) == len(book.fixed)
        until_ms = NOON.replace(minute=1, second=50).timestamp() * 1000
        found.append({fix for fix in book.fixed if fix[1] < until_ms})
    assert found[0] == found[1]
    assert len(found[0]) > 20


def test_what_the_service_knows_is_not_described() -> None:
    flow, book, clock = flow_of(("fire", "station"))
    book.known = {"fire": 96}
    play(flow, clock, 90)
    assert flow.is_whole
    assert not any(whole for _feed, _count, whole in book.rows_of)
    assert book.rows_of


@pytest.mark.parametrize("fault", [Fault.DOUBLED, Fault.BEHIND, Fault.SILENT])
def test_a_feed_at_fault_speaks_twice_or_late_or_not(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, book, clock = flow_of(("fire", "station"))
    play(flow, clock, 3)
    monkeypatch.setattr(module.Objects, "fault", lambda *_: fault)
    began = len(book.rows_of)
    play(flow, clock, 240)
    soon = len(book.rows_of) - began
    play(flow, clock, 240)
    later = len(book.rows_of) - began - soon
    assert (soon, later) == {
        Fault.DOUBLED: (8, 8), Fault.BEHIND: (0, 3), Fault.SILENT: (0, 0)
    }[fault]  # fmt: skip
