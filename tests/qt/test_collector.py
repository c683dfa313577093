"""Cycles are collected by the main thread and by no other."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from pytestqt.qtbot import QtBot

from app.collector import MOST_OBJECTS, Collector


class Knot:
    """An object that holds itself, and tells which thread freed it."""

    freed_by: list[threading.Thread]

    def __init__(self, freed_by: list[threading.Thread]) -> None:
        self.me = self
        self.freed_by = freed_by

    def __del__(self) -> None:
        self.freed_by.append(threading.current_thread())


def allocate(kept: list[list[int]]) -> None:
    """Make enough containers to pass the thresholds of the collector, and keep them."""
    kept.extend([number] for number in range(50_000))


@pytest.mark.parametrize("guarded", [True, False])
def test_cycle_is_freed_on_the_main_thread_only(qtbot: QtBot, *, guarded: bool) -> None:
    """Without the collector the allocating thread frees it: the fault this file is about."""
    collector = Collector() if guarded else None
    freed_by: list[threading.Thread] = []
    gone = weakref.ref(Knot(freed_by))
    kept: list[list[int]] = []
    worker = threading.Thread(target=allocate, args=(kept,))
    worker.start()
    worker.join()
    if collector is None:
        assert freed_by == [worker]
        return
    try:
        assert freed_by == []
        qtbot.waitUntil(lambda: gone() is None, timeout=5_000)
    finally:
        collector.close()
    assert freed_by == [threading.main_thread()]
    assert gc.isenabled()


def test_a_flood_is_set_aside_and_later_cycles_are_freed(qtbot: QtBot) -> None:
    collector = Collector()
    before = gc.get_freeze_count()
    freed_by: list[threading.Thread] = []
    try:
        kept = [[number] for number in range(MOST_OBJECTS + 1)]
        qtbot.waitUntil(lambda: gc.get_freeze_count() > before + MOST_OBJECTS, timeout=5_000)
        Knot(freed_by)
        more = [[number] for number in range(MOST_OBJECTS // 20)]
        qtbot.waitUntil(lambda: bool(freed_by), timeout=5_000)
        assert len(kept) > len(more)
    finally:
        collector.close()
