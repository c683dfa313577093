"""A dropped file is looked at by a worker, after the main thread has read what readers stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytestqt.qtbot import QtBot

from app.actions import imports
from app.reach import Reach
from app.tasks import Tasks
from backend_client.contract.clock import SystemClock
from backend_client.importing.wish import Wish

if TYPE_CHECKING:
    from backend_client.importing.look import Look


@pytest.fixture
def tasks(qapp: object) -> Iterator[Tasks]:
    made = Tasks(SystemClock())
    yield made
    assert made.close()


def test_a_file_is_looked_at_once_the_main_thread_has_read_the_libraries(
    tasks: Tasks, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("编号,名称,经度,纬度\n1,屋,120.9,32.0\n", "utf-8")
    read: list[tuple[str, bool]] = []

    def note(name: str) -> Any:
        read.append((name, threading.current_thread() is threading.main_thread()))
        if name == missing[0]:
            raise ModuleNotFoundError(name)
        return None

    missing = ("left_out_of_the_bundle", "read_by_this_test")
    monkeypatch.setattr(imports, "LIBRARIES", missing)
    monkeypatch.setattr(imports, "import_module", note)
    reach = cast("Reach", SimpleNamespace(tasks=tasks, client=None))
    seen: list[Look] = []
    imports.preview(reach, Wish("", file), done=seen.append)
    assert len(read) == 1  # one a turn: between two the window goes on
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert read == [(name, True) for name in missing]
    assert seen[0].columns == ("编号", "名称", "经度", "纬度")
