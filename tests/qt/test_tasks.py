"""Work leaves the main thread and every answer comes home to it, in slices, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from app.tasks import HTTP_WORKERS, PENDING_PER_FOLLOW, SLICE_S, Pinger, Tasks, hook_threads
from backend_client.contract.clock import SystemClock

CLOCK = SystemClock()


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks(CLOCK)
    yield made
    made.close()


def spin(seconds: float) -> None:
    end_s = CLOCK.steady_s() + seconds
    while CLOCK.steady_s() < end_s:
        pass


def test_result_comes_home_to_the_main_thread(tasks: Tasks, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    worked: list[threading.Thread] = []

    def job() -> int:
        worked.append(threading.current_thread())
        return 7

    results: list[int] = []

    def done(result: int) -> None:
        threads.append(threading.current_thread())
        results.append(result)

    for _ in range(20):
        tasks.run(job, done)
    qtbot.waitUntil(lambda: len(results) == 20)
    assert results == [7] * 20
    assert set(threads) == {threading.main_thread()}
    assert threading.main_thread() not in worked


def test_reckoning_does_not_wait_behind_requests_nobody_answers(tasks: Tasks, qtbot: QtBot) -> None:
    answer = threading.Event()
    results: list[int] = []
    for _ in range(HTTP_WORKERS * 2):
        tasks.run(lambda: answer.wait(10), lambda _: None)
    tasks.reckon.run(lambda: 7, results.append)
    try:
        qtbot.waitUntil(lambda: results == [7], timeout=3_000)
        assert not answer.is_set()
    finally:
        answer.set()


def test_failure_goes_to_failed_or_to_the_one_signal(tasks: Tasks, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    unhandled: list[Exception] = []
    tasks.unhandled.connect(unhandled.append)
    words: dict[str, int] = {}
    tasks.run(lambda: 1 / 0, lambda _: None, errors.append)
    tasks.run(lambda: words["missing"], lambda _: None)
    qtbot.waitUntil(lambda: bool(errors) and bool(unhandled))
    assert isinstance(errors[0], ZeroDivisionError)
    assert isinstance(unhandled[0], KeyError)


def test_faulty_callback_does_not_stop_the_others(tasks: Tasks, qtbot: QtBot) -> None:
    unhandled: list[Exception] = []
    tasks.unhandled.connect(unhandled.append)
    results: list[int] = []

    def bad(_: int) -> None:
        raise KeyError("callback")

    tasks.store(lambda: 1, bad)
    tasks.store(lambda: 2, results.append)
    qtbot.waitUntil(lambda: results == [2])
    assert isinstance(unhandled[0], KeyError)


def test_store_jobs_run_one_after_the_other(tasks: Tasks, qtbot: QtBot) -> None:
    order: list[int] = []
    running: list[int] = []

    def job(index: int) -> Callable[[], None]:
        def work() -> None:
            running.append(index)
            assert len(running) == 1
            order.append(index)
            running.remove(index)

        return work

    ended: list[None] = []
    for index in range(50):
        tasks.store(job(index), ended.append)
    qtbot.waitUntil(lambda: len(ended) == 50)
    assert order == list(range(50))


def test_slow_callbacks_are_delivered_in_slices(tasks: Tasks, qtbot: QtBot) -> None:
    """A hundred callbacks of 2 ms: other events of the main thread run between slices."""
    longest = 0.0
    last_s = CLOCK.steady_s()
    done: list[int] = []

    def tick() -> None:
        nonlocal longest, last_s
        longest = max(longest, CLOCK.steady_s() - last_s)
        last_s = CLOCK.steady_s()

    def slow(_: None) -> None:
        spin(0.002)
        done.append(1)

    for _ in range(100):
        tasks.store(lambda: None, slow)
    blocker = threading.Event()
    tasks.store(blocker.set)
    assert blocker.wait(5)  # all hundred wait for the main thread now
    timer = QTimer(tasks, interval=0)
    timer.timeout.connect(tick)
    last_s = CLOCK.steady_s()
    timer.start()
    qtbot.waitUntil(lambda: len(done) == 100)
    timer.stop()
    assert longest < 0.1, f"one piece of {longest * 1000:.0f} ms, a slice is {SLICE_S * 1000} ms"


class Panel(QObject):
    """A receiver that goes away."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []

    def hear(self, value: int) -> None:
        self.heard.append(value)
        self.setObjectName("alive")


def test_answer_for_a_deleted_object_is_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    unhandled: list[Exception] = []
    tasks.unhandled.connect(unhandled.append)
    panel, gate, later = Panel(), threading.Event(), list[int]()
    tasks.store(lambda: int(gate.wait(5)), panel.hear)
    tasks.store(lambda: 2, later.append)
    shiboken6.delete(panel)
    gate.set()
    qtbot.waitUntil(lambda: later == [2])
    assert panel.heard == []
    assert unhandled == []


def test_follower_delivers_in_order_and_stops_when_asked(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[int] = []

    def count(stopped: Callable[[], bool]) -> Iterator[int]:
        number = 0
        while not stopped():
            yield number
            number += 1

    follow = tasks.follow(count, seen.append)
    qtbot.waitUntil(lambda: len(seen) > 500)
    follow.stop()
    there = len(seen)
    qtbot.waitUntil(lambda: not follow.is_running())
    qtbot.wait(20)
    assert len(seen) == there
    assert seen == list(range(there))


def test_busy_main_thread_slows_the_source(tasks: Tasks, qtbot: QtBot) -> None:
    made: list[int] = []
    seen: list[int] = []

    def count(stopped: Callable[[], bool]) -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    tasks.follow(count, seen.append)
    spin(0.3)
    assert len(made) <= PENDING_PER_FOLLOW + 1
    qtbot.waitUntil(lambda: len(seen) == 1_000)


def test_source_that_fails_tells(tasks: Tasks, qtbot: QtBot) -> None:
    errors: list[Exception] = []

    def broken(stopped: Callable[[], bool]) -> Iterator[int]:
        yield 1
        raise OSError("gone")

    tasks.follow(broken, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], OSError)


def test_close_ends_every_thread_and_delivers_nothing_more(qtbot: QtBot) -> None:
    tasks = Tasks(CLOCK)
    seen: list[int] = []

    def count(stopped: Callable[[], bool]) -> Iterator[int]:
        while not stopped():
            yield 1

    follow = tasks.follow(count, seen.append)
    tasks.run(lambda: 1, seen.append)
    assert tasks.close()
    assert not follow.is_running()
    there = len(seen)
    tasks.run(lambda: 1, seen.append)
    qtbot.wait(20)
    assert len(seen) == there


def test_close_does_not_wait_for_a_stuck_job(qtbot: QtBot) -> None:
    tasks, gate = Tasks(CLOCK), threading.Event()
    tasks.run(lambda: gate.wait(10), lambda _: None)
    start_s = CLOCK.steady_s()
    assert not tasks.close(0.3)
    assert CLOCK.steady_s() - start_s < 1.0
    gate.set()


def test_thread_that_dies_is_heard_of() -> None:
    heard: list[BaseException] = []
    restore = hook_threads(heard.append)

    def fall() -> None:
        raise ValueError("thread")

    thread = threading.Thread(target=fall)
    thread.start()
    thread.join()
    restore()
    assert [type(error) for error in heard] == [ValueError]


def test_pinger_times_the_main_thread_and_tells_of_a_stall_once(qtbot: QtBot) -> None:
    delays: list[float] = []
    stalls: list[float] = []
    pinger = Pinger(CLOCK, limit_s=0.1, stalled=stalls.append)
    pinger.measured.connect(delays.append)
    pinger.start()
    qtbot.waitUntil(lambda: len(delays) >= 3)
    spin(0.35)
    qtbot.waitUntil(lambda: max(delays) > 0.2)
    pinger.close()
    assert len(stalls) == 1
