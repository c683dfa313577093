"""The cache file: what goes in comes out, and every kind of damage leaves a working cache."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from backend_client import disk
from backend_client.cache import Cache
from backend_client.contract.clock import ManualClock, SystemClock
from backend_client.contract.columns import encode_features
from backend_client.disk import Fault, Finding
from backend_client.picture import Standing, read
from tests.fakes import AT, change, event, features, fixes, gate, removal

URL = "http://service"


def standing(person_id: str = "operator", epoch: str = "one") -> Standing:
    return Standing(URL, person_id, epoch, 5, AT)


class Shelf:
    """One cache file and what was found wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cache.db"
        self.clock = ManualClock(AT)
        self.found: list[Finding] = []
        self._open: list[Cache] = []

    def cache(self) -> Cache:
        made = Cache(self.path, self.clock, self.found.append)
        self._open.append(made)
        return made

    def filled(self) -> Cache:
        cache = self.cache()
        cache.begin(standing())
        cache.save([change(6, event()), change(7, gate())], 7, AT)
        cache.save_block(features())
        cache.save_fixes(fixes(((7, 1000),), seq=4))
        return cache

    def close(self) -> None:
        for cache in self._open:
            cache.close()
        self._open.clear()

    def faults(self) -> list[Fault]:
        return [one.fault for one in self.found]

    def aside(self) -> list[Path]:
        return sorted(self.path.parent.glob("cache.db.corrupt-*"))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


def is_usable(cache: Cache) -> bool:
    """Tell whether a cache takes and gives a picture."""
    cache.begin(standing())
    cache.save([change(9, event("e9"))], 9, AT)
    picture = cache.load(URL)
    return picture is not None and [one.item_id for one in picture.items] == ["e9"]


def test_picture_comes_back_with_its_age(shelf: Shelf) -> None:
    shelf.filled()
    shelf.close()
    shelf.clock.advance(90)
    picture = shelf.cache().load(URL)
    assert picture is not None
    assert picture.standing == Standing(URL, "operator", "one", 7, AT)
    assert picture.age_s == 90
    assert [(one.n, one.item) for one in picture.items] == [(6, event()), (7, gate())]
    block, age_s = picture.blocks[0]
    assert block.oid.tolist() == [1, 2, 3]
    assert age_s == 90
    assert picture.fixes is not None
    assert picture.fixes[0].oid.tolist() == [7]


def test_newer_version_replaces_and_removal_removes(shelf: Shelf) -> None:
    cache = shelf.filled()
    cache.save([change(8, event(version=2)), removal(9, gate())], 9, AT)
    cache.save_block(features((4,), version=2))
    picture = cache.load(URL)
    assert picture is not None
    assert [(one.n, one.item) for one in picture.items] == [(8, event(version=2))]
    assert [block.version for block, _ in picture.blocks] == [2]


def test_picture_of_another_service_is_not_given(shelf: Shelf) -> None:
    assert shelf.filled().load("http://elsewhere") is None


def test_another_person_or_epoch_starts_anew(shelf: Shelf) -> None:
    cache = shelf.filled()
    cache.begin(standing(epoch="two"))
    picture = cache.load(URL)
    assert picture is not None
    assert picture.items == ()
    assert picture.blocks
    cache.begin(standing(person_id="auditor", epoch="two"))
    picture = cache.load(URL)
    assert picture is not None
    assert (picture.items, picture.blocks, picture.fixes) == ((), (), None)


def test_rows_in_other_words_are_left_out(shelf: Shelf) -> None:
    shelf.filled()
    shelf.close()
    raw = sqlite.connect(str(shelf.path))
    raw.execute("UPDATE items SET body = '{}' WHERE kind = 'gate'")
    raw.execute("UPDATE blocks SET data = x'00'")
    raw.execute("UPDATE fixes SET data = x'00'")
    raw.commit()
    raw.close()
    picture = shelf.cache().load(URL)
    assert picture is not None
    assert [one.kind for one in picture.items] == ["event"]
    assert (picture.blocks, picture.fixes) == ((), None)


def overwrite(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 400)


def zero_a_page(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 4] = bytes(4096 * 3)
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("damage", [overwrite, zero_a_page, cut])
def test_damaged_file_is_set_aside_and_a_new_one_begun(
    shelf: Shelf, damage: Callable[[Path], None]
) -> None:
    shelf.filled()
    shelf.close()
    damage(shelf.path)
    cache = shelf.cache()
    assert cache.load(URL) is None
    assert shelf.faults() == [Fault.DAMAGED]
    assert len(shelf.aside()) == 1
    assert shelf.found[0].aside == shelf.aside()[0]
    assert is_usable(cache)
    assert not cache.is_in_memory


def test_damage_while_running_is_set_aside_too(shelf: Shelf) -> None:
    cache = shelf.filled()
    size = shelf.path.stat().st_size
    raw = sqlite.connect(str(shelf.path))
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with shelf.path.open("r+b") as file:
        file.write(b"\xff" * max(size, 40_960))
    assert not cache.save([change(9, event("e9"))], 9, AT)
    assert shelf.faults() == [Fault.DAMAGED]
    assert is_usable(cache)
    assert cache.save_block(features())


def test_what_a_lock_keeps_out_is_written_after_it_and_told_once(shelf: Shelf) -> None:
    cache = shelf.filled()
    holder = sqlite.connect(str(shelf.path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert cache.save([change(8, event("e8")), removal(8, gate())], 8, AT)
    assert cache.save([change(9, event("e8", version=2))], 9, AT)
    assert cache.save_block(features((4,), version=2))
    assert shelf.faults() == [Fault.LOCKED]
    holder.execute("ROLLBACK")
    assert cache.save([change(10, event("e10"))], 10, AT)
    picture = cache.load(URL)
    assert picture is not None
    assert picture.standing.n == 10
    kept = sorted((one.item_id, one.n) for one in picture.items)
    assert kept == [("e1", 6), ("e10", 10), ("e8", 9)]
    assert [block.version for block, _ in picture.blocks] == [2]
    holder.execute("BEGIN IMMEDIATE")
    cache.save([change(11, event("e11"))], 11, AT)
    assert shelf.faults() == [Fault.LOCKED] * 2  # another lock is told again
    holder.close()


def test_what_was_owed_to_one_person_is_not_kept_for_another(shelf: Shelf) -> None:
    cache = shelf.filled()
    holder = sqlite.connect(str(shelf.path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    cache.save([change(8, event("e8"))], 8, AT)
    holder.close()
    cache.begin(standing(person_id="auditor"))
    picture = cache.load(URL)
    assert picture is not None
    assert (picture.standing.person_id, picture.items) == ("auditor", ())


def test_an_instant_without_a_zone_is_damage(shelf: Shelf) -> None:
    cache = shelf.filled()
    raw = sqlite.connect(str(shelf.path), isolation_level=None)
    for table in ("blocks", "fixes"):
        raw.execute(f"UPDATE {table} SET saved_at = '2026-07-01T08:00:00'")
    picture = cache.load(URL)
    assert picture is not None
    assert (picture.blocks, picture.fixes) == ((), None)
    raw.execute("UPDATE meta SET value = '2026-07-01T08:00:00' WHERE key = 'seen_at'")
    raw.close()
    assert cache.load(URL) is None
    cache.begin(standing(person_id="auditor"))
    picture = cache.load(URL)
    assert picture is not None
    assert picture.items == ()  # nobody's items are not given to the next


@pytest.mark.parametrize("schema", [99, 7])
def test_other_schema_is_set_aside(shelf: Shelf, schema: int) -> None:
    shelf.filled()
    shelf.close()
    raw = sqlite.connect(str(shelf.path))
    raw.execute(f"PRAGMA user_version={schema}")
    raw.close()
    cache = shelf.cache()
    assert shelf.faults() == [Fault.OTHER_SCHEMA]
    assert len(shelf.aside()) == 1
    assert is_usable(cache)


def test_older_tables_under_our_number_are_set_aside(shelf: Shelf) -> None:
    raw = sqlite.connect(str(shelf.path))
    raw.execute("CREATE TABLE items (kind TEXT PRIMARY KEY)")
    raw.execute("PRAGMA user_version=1")
    raw.close()
    cache = shelf.cache()
    cache.begin(standing())
    cache.save([change(6, event())], 6, AT)
    assert shelf.faults() == [Fault.OTHER_SCHEMA]
    assert is_usable(cache)


def test_locked_file_is_left_to_its_holder_and_ours_is_in_memory(shelf: Shelf) -> None:
    shelf.filled()
    shelf.close()
    holder = sqlite.connect(str(shelf.path), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache = shelf.cache()
    assert shelf.faults() == [Fault.LOCKED]
    assert cache.is_in_memory
    assert is_usable(cache)
    holder.execute("ROLLBACK")
    holder.close()
    assert shelf.aside() == []
    shelf.close()
    assert shelf.cache().load(URL) is not None


def test_folder_that_cannot_be_written_is_memory_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = Shelf(tmp_path / "file")
    cache = shelf.cache()
    assert shelf.faults() == [Fault.UNREADABLE]
    assert cache.is_in_memory
    assert is_usable(cache)
    shelf.close()


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 2 MB, or skip to the quota where that is not permitted."""
    mount = tmp_path / "little"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount)], capture_output=True
    )
    if done.returncode:
        pytest.skip("no right to mount; the quota test covers it")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_full_disk_goes_on_in_memory(little_disk: Path) -> None:
    shelf = Shelf(little_disk)
    cache = shelf.filled()
    for index in range(200):
        cache.save([change(10 + index, event(f"e{index}"))], 10 + index, AT)
        cache.save_block(features(tuple(range(4_000)), layer=f"layer{index}"))
        if cache.is_in_memory:
            break
    assert shelf.faults() == [Fault.FULL]
    assert cache.is_in_memory
    assert is_usable(cache)
    shelf.close()
    assert shelf.cache().load(URL) is not None
    shelf.close()


def test_quota_goes_on_in_memory(shelf: Shelf) -> None:
    """RLIMIT_FSIZE stands in for a full disk where nothing can be mounted."""
    cache = shelf.filled()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (shelf.path.stat().st_size + 8_192, hard))
    try:
        cache.save_block(features(tuple(range(40_000)), layer="big"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)
    assert shelf.faults() == [Fault.FULL]
    assert is_usable(cache)


def test_check_stops_at_its_budget(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.filled()
    shelf.close()
    monkeypatch.setattr(disk, "CHECK_BUDGET_S", -1.0)
    monkeypatch.setattr(disk, "STEPS_PER_LOOK", 1)
    assert shelf.cache().load(URL) is not None
    assert shelf.found == []


def test_library_with_the_wal_fault_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version", "3.40.1")
    with pytest.raises(RuntimeError, match="WAL"):
        disk.assert_version()


def test_deleted_cache_loses_only_the_picture(shelf: Shelf) -> None:
    shelf.filled()
    shelf.close()
    shelf.path.unlink()
    cache = shelf.cache()
    assert cache.load(URL) is None
    assert shelf.found == []
    cache.clear()
    cache.drop_block("water")


def test_kill_in_the_middle_of_writing_leaves_a_sound_file(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.fakes import *;"
        "from tests.unit.backend_client.test_cache import *\n"
        "s = Shelf(Path(sys.argv[1])); c = s.filled(); print('go', flush=True)\n"
        "i = 8\n"
        "while True:\n"
        "    c.save([change(i, event(f'e{i}'))], i, AT); i += 1\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "go\n"
    clock = SystemClock()
    end_s = clock.steady_s() + 0.3
    while clock.steady_s() < end_s:
        pass
    child.kill()
    child.wait()
    child.stdout.close()
    shelf = Shelf(tmp_path)
    picture = shelf.cache().load(URL)
    assert shelf.found == []
    assert picture is not None
    assert max(one.n for one in picture.items) == picture.standing.n
    shelf.close()
    shutil.rmtree(tmp_path)


def test_the_picture_is_read_alike_without_the_cache(shelf: Shelf) -> None:
    cache = shelf.filled()
    kept, usual = read(shelf.path, URL, AT), cache.load(URL)
    assert kept is not None
    assert usual is not None
    assert (kept.standing, kept.age_s) == (usual.standing, usual.age_s)
    assert kept.items == usual.items
    assert len(kept.items) == 2
    [(block, age_s)] = kept.blocks
    assert (encode_features(block), age_s) == (encode_features(features()), 0.0)
    assert kept.fixes is not None
    assert kept.fixes[0].seq == 4
    assert read(shelf.path, "http://other", AT) is None


def test_a_file_nobody_can_read_is_left_to_the_cache(shelf: Shelf) -> None:
    with pytest.raises(sqlite.OperationalError):
        read(shelf.path, URL, AT)
    shelf.filled().close()
    with closing(sqlite.connect(str(shelf.path))) as file:
        file.execute("PRAGMA user_version=99")
    with pytest.raises(ValueError, match="cache"):
        read(shelf.path, URL, AT)
    shelf.path.write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite.DatabaseError):
        read(shelf.path, URL, AT)
