"""Single objects are asked for once, a few at a time, and again when they are old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from app.details import AT_ONCE, FAILED_LASTS_S, SERIES_LASTS_S, Details
from app.tasks import Tasks
from backend_client.contract.clock import ManualClock
from tests.qt.picture import NOW, Reader

Job = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]


class Held:
    """Hold jobs until told to run them."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Hold one job."""
        self.jobs.append((job, done, failed))

    def finish(self, error: Exception | None = None) -> None:
        """Run or fail the oldest job."""
        job, done, failed = self.jobs.pop(0)
        if error is None:
            done(job())
        else:
            failed(error)


def made() -> tuple[Details, Held, ManualClock]:
    held, clock = Held(), ManualClock(NOW)
    return Details(Reader(), cast("Tasks", held), clock), held, clock


def test_one_question_is_asked_once() -> None:
    details, held, _ = made()
    assert details.feature("water", 1) is None
    assert details.feature("water", 1) is None
    assert len(held.jobs) == 1
    held.finish()
    found = details.feature("water", 1)
    assert found is not None
    assert found.name == "天生港"
    assert held.jobs == []


def test_few_at_a_time_and_all_in_the_end() -> None:
    details, held, _ = made()
    heard: list[int] = []
    details.changed.connect(lambda _layer, oid: heard.append(oid))
    for oid in range(1, 9):
        details.feature("water", oid)
    assert len(held.jobs) == AT_ONCE
    while held.jobs:
        assert len(held.jobs) <= AT_ONCE
        held.finish()
    assert heard == list(range(1, 9))


def test_an_old_series_is_shown_while_a_new_one_is_fetched() -> None:
    details, held, clock = made()
    details.series("water", 1)
    held.finish()
    clock.advance(SERIES_LASTS_S + 1)
    assert details.series("water", 1) is not None
    assert len(held.jobs) == 1


def test_a_failure_keeps_what_was_known_and_waits() -> None:
    details, held, clock = made()
    details.series("water", 1)
    held.finish()
    clock.advance(SERIES_LASTS_S + 1)
    details.series("water", 1)
    held.finish(OSError("gone"))
    assert details.series("water", 1) is not None
    assert held.jobs == []
    clock.advance(FAILED_LASTS_S + 1)
    details.series("water", 1)
    assert len(held.jobs) == 1
