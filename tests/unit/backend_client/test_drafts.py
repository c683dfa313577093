"""Unsent wishes outlive everything: restart, damage, a full disk."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from backend_client import disk, drafts
from backend_client.contract.clock import ManualClock
from backend_client.disk import Fault, Finding
from backend_client.draft import Draft, DraftState
from backend_client.drafts import Drafts
from tests.fakes import AT


def draft(draft_id: str = "d1", person_id: str = "operator") -> Draft:
    return Draft(draft_id, "event.accept", "e1", '{"version":1}', "k" * 32, person_id, AT)


class Drawer:
    """One drafts file and what was found wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "drafts.db"
        self.reserve = folder / "drafts.reserve"
        self.found: list[Finding] = []
        self._open: list[Drafts] = []

    def drafts(self) -> Drafts:
        made = Drafts(self.path, ManualClock(AT), self.found.append)
        self._open.append(made)
        return made

    def close(self) -> None:
        for one in self._open:
            one.close()
        self._open.clear()

    def faults(self) -> list[Fault]:
        return [one.fault for one in self.found if one.fault is not Fault.LITTLE_SPACE]


@pytest.fixture
def drawer(tmp_path: Path) -> Iterator[Drawer]:
    made = Drawer(tmp_path)
    yield made
    made.close()


def test_wish_is_there_after_a_restart(drawer: Drawer) -> None:
    drawer.drafts().save(draft())
    drawer.close()
    assert drawer.drafts().unsent() == (draft(),)


def test_only_the_persons_own_unsent_wishes_are_listed(drawer: Drawer) -> None:
    held = drawer.drafts()
    for one in (draft("d1"), draft("d2"), draft("d3"), draft("d4", "auditor")):
        held.save(one)
    held.mark("d2", DraftState.SENT)
    held.mark("d3", DraftState.DISCARDED)
    assert [one.draft_id for one in held.unsent("operator")] == ["d1"]
    assert [one.state for one in held.all()].count(DraftState.UNSENT) == 2
    assert len(held.all()) == 4


def test_same_id_replaces(drawer: Drawer) -> None:
    held = drawer.drafts()
    held.save(draft())
    held.save(replace(draft(), body='{"version":2}'))
    assert [one.body for one in held.unsent()] == ['{"version":2}']


def test_damaged_file_is_kept_and_its_readable_wishes_taken_over(drawer: Drawer) -> None:
    held = drawer.drafts()
    for index in range(400):
        held.save(draft(f"d{index:03d}"))
    drawer.close()
    data = bytearray(drawer.path.read_bytes())
    data[-8_192:] = b"\xff" * 8_192
    drawer.path.write_bytes(bytes(data))
    held = drawer.drafts()
    assert drawer.faults() == [Fault.DAMAGED]
    assert drawer.found[0].aside is not None
    assert drawer.found[0].aside.read_bytes()
    assert 0 < len(held.unsent()) < 400
    held.save(draft("new"))
    assert not held.is_in_memory


def test_file_that_is_no_database_is_kept_and_a_new_one_begun(drawer: Drawer) -> None:
    drawer.path.write_bytes(b"rubbish" * 2_000)
    held = drawer.drafts()
    assert drawer.faults() == [Fault.DAMAGED]
    held.save(draft())
    assert held.unsent() == (draft(),)
    assert len(list(drawer.path.parent.glob("drafts.db.corrupt-*"))) == 1


def test_newer_schema_is_set_aside_not_overwritten(drawer: Drawer) -> None:
    drawer.drafts().save(draft())
    drawer.close()
    raw = sqlite.connect(str(drawer.path))
    raw.execute("PRAGMA user_version=2")
    raw.close()
    held = drawer.drafts()
    assert drawer.faults() == [Fault.OTHER_SCHEMA]
    assert held.unsent() == (draft(),)


def test_full_disk_uses_the_reserve(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "RESERVE_BYTES", 65_536)
    held = drawer.drafts()
    assert drawer.reserve.stat().st_size == 65_536
    limit = drawer.path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    released = disk.release

    def give_room(path: Path) -> bool:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return released(path)

    monkeypatch.setattr(disk, "release", give_room)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit + 20_000, hard))
    try:
        for index in range(20):
            held.save(draft(f"d{index:02d}"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)
    assert Fault.FULL in drawer.faults()
    assert not drawer.reserve.exists()
    assert len(held.unsent()) == 20
    assert not held.is_in_memory


def test_no_folder_keeps_wishes_in_memory_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    drawer = Drawer(tmp_path / "file")
    held = drawer.drafts()
    held.save(draft())
    assert held.unsent() == (draft(),)
    assert held.is_in_memory
    assert drawer.faults() == [Fault.UNREADABLE]
    drawer.close()


def test_damage_while_running_keeps_what_can_still_be_read(drawer: Drawer) -> None:
    held = drawer.drafts()
    held.save(draft("d1"))
    raw = sqlite.connect(str(drawer.path))
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with drawer.path.open("r+b") as file:
        file.write(b"\xff" * drawer.path.stat().st_size)
    held.save(draft("d2"))
    assert drawer.faults() == [Fault.DAMAGED]
    assert "d2" in [one.draft_id for one in held.unsent()]
    assert not held.is_in_memory


def test_disk_full_at_the_start_uses_the_reserve(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer.drafts().save(draft("d1"))
    drawer.close()
    real, calls = disk.connect, list[int]()

    def full_at_first(*args: object, **words: object) -> disk.Connection:
        calls.append(1)
        if len(calls) == 1:
            raise disk.BadFileError(Fault.FULL, "database or disk is full")
        return real(*args, **words)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(disk, "connect", full_at_first)
    held = drawer.drafts()
    assert drawer.faults() == [Fault.FULL]
    assert [one.draft_id for one in held.unsent()] == ["d1"]
    assert not held.is_in_memory


def test_little_room_is_told_before_the_disk_is_full(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LITTLE_SPACE_BYTES", 2**62)
    drawer.drafts()
    assert [one.fault for one in drawer.found] == [Fault.LITTLE_SPACE]


def test_locked_file_is_not_touched(drawer: Drawer) -> None:
    drawer.drafts().save(draft("d1"))
    drawer.close()
    holder = sqlite.connect(str(drawer.path), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    held = drawer.drafts()
    assert drawer.faults() == [Fault.LOCKED]
    assert held.is_in_memory
    holder.execute("ROLLBACK")
    holder.close()
    drawer.close()
    assert [one.draft_id for one in drawer.drafts().unsent()] == ["d1"]


def test_wish_kept_is_there_after_the_program_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from tests.unit.backend_client.test_drafts import Drawer, draft\n"
        "held = Drawer(Path(sys.argv[1])).drafts()\n"
        "for number in range(5): held.save(draft(f'd{number}'))\n"
        "print('kept', flush=True)\n"
        "while True: time.sleep(1)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "kept\n"
    child.kill()
    child.wait()
    child.stdout.close()
    drawer = Drawer(tmp_path)
    assert [one.draft_id for one in drawer.drafts().unsent()] == [f"d{n}" for n in range(5)]
    assert drawer.faults() == []
    drawer.close()
