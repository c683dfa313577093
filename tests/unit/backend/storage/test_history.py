"""Each accepted fix is in the history once, whatever is interrupted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from backend.storage.history import DAY_MS, SMALL_FILES, History, once
from backend.storage.journal import FIX, Fixes

DAY = int(datetime(2026, 7, 20, tzinfo=UTC).timestamp() * 1000)


def fixes(*pairs: tuple[int, int]) -> Fixes:
    """Make fixes of (object, milliseconds of the day)."""
    made = np.zeros(len(pairs), dtype=FIX)
    made["oid"] = [oid for oid, _ in pairs]
    made["observed_ms"] = [DAY + at for _, at in pairs]
    return made


def read(history: History, oid: int | None = None) -> list[tuple[int, int]]:
    """Read two days back as pairs."""
    rows = history.read("hazmat", DAY - DAY_MS, DAY + 2 * DAY_MS, oid=oid)
    return [(int(row["oid"]), int(row["observed_ms"]) - DAY) for row in rows]


def raw_rows(folder: Path) -> int:
    """Count the rows of every file as an outsider would."""
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("layer=*/date=*/*.parquet"))


def rolled(number: int) -> list[tuple[str, Fixes]]:
    """Give a segment of one fix."""
    return [("hazmat", fixes((1, number)))]


def test_rolling_twice_is_rolling_once(tmp_path: Path) -> None:
    history = History(tmp_path)
    frames = [("hazmat", fixes((2, 5), (1, 5))), ("hazmat", fixes((1, DAY_MS + 1)))]
    history.roll(3, lambda: frames)
    history.roll(3, lambda: frames)
    assert read(history) == [(1, 5), (1, DAY_MS + 1), (2, 5)]
    assert read(history, oid=2) == [(2, 5)]
    assert raw_rows(tmp_path) == 3
    assert history.newest() == 3
    assert history.layers() == ["hazmat"]


def test_a_span_is_read_to_the_millisecond(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.roll(1, lambda: [("hazmat", fixes((1, 10), (1, 20), (1, 30)))])
    rows = history.read("hazmat", DAY + 11, DAY + 30)
    assert (rows["observed_ms"] - DAY).tolist() == [20, 30]
    assert len(history.read("health", DAY, DAY + 30)) == 0


def test_many_small_files_become_one(tmp_path: Path) -> None:
    history = History(tmp_path)
    for number in range(SMALL_FILES):
        history.roll(number + 1, partial(rolled, number))
    before = read(history)
    history.merge()
    assert len(list(tmp_path.glob("layer=*/date=*/*.parquet"))) == 1
    assert read(history) == before
    assert history.newest() == SMALL_FILES


def test_a_merge_cut_short_is_finished_at_the_next_start(tmp_path: Path) -> None:
    history = History(tmp_path)
    for number in range(SMALL_FILES):
        history.roll(number + 1, partial(rolled, number))
    kept = {path: path.read_bytes() for path in tmp_path.glob("layer=*/date=*/s-*.parquet")}
    history.merge()
    for path, data in kept.items():  # the crash came before the sources were deleted
        path.write_bytes(data)
    (next(iter(kept)).parent / "m-000000099.draft").write_bytes(b"half")
    assert len(read(history)) == SMALL_FILES  # a reader never sees a fix twice
    assert len(read(History(tmp_path))) == SMALL_FILES
    assert raw_rows(tmp_path) == SMALL_FILES
    assert not list(tmp_path.glob("layer=*/date=*/*.draft"))


def test_old_days_are_thinned_once_and_very_old_ones_deleted(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.roll(
        1, lambda: [("hazmat", fixes(*((1, second * 1000) for second in range(0, 300, 10))))]
    )
    history.roll(
        2, lambda: [("hazmat", fixes(*((2, second * 1000) for second in range(0, 120, 10))))]
    )

    def thin(today: date) -> int:
        return history.thin(today, after_days=7, keep_s=60, drop_after_days=90)

    assert thin(date(2026, 7, 27)) == 0
    assert thin(date(2026, 7, 28)) == 42 - 7
    assert thin(date(2026, 7, 29)) == 0
    assert read(history, oid=2) == [(2, 0), (2, 60_000)]
    assert history.newest() == 2
    assert thin(date(2026, 12, 1)) == 7
    assert read(history) == []


@pytest.mark.parametrize("count", [0, 1, 5])
def test_once_keeps_each_object_and_instant_once(count: int) -> None:
    twice = np.concatenate([fixes(*((1, at) for at in range(count)))] * 2)
    assert len(once(twice)) == count
