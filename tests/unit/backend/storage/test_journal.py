"""A batch is in the journal whole before the reply, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from backend.storage.journal import FIX, Fixes, Journal, path_of, read_segment, segments


def fixes(*oids: int, at: int = 1_000) -> Fixes:
    """Make fixes of objects at one instant."""
    made = np.zeros(len(oids), dtype=FIX)
    made["oid"] = oids
    made["observed_ms"] = at
    return made


def held(journal: Journal) -> list[tuple[str, list[int]]]:
    """Read everything back."""
    return [(layer, rows["oid"].tolist()) for layer, rows in journal.read_all()]


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("hazmat", fixes(1, 2))
    journal.append("health", fixes(3))
    assert held(journal) == [("hazmat", [1, 2]), ("health", [3])]
    journal.sync()
    journal.close()


def test_a_tail_torn_anywhere_loses_only_the_torn_frame(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("hazmat", fixes(1, 2))
    whole = path_of(tmp_path, 1).stat().st_size
    journal.append("hazmat", fixes(3, 4, 5))
    journal.close()
    data = path_of(tmp_path, 1).read_bytes()
    torn = tmp_path / "torn"
    for end in range(len(data)):
        torn.write_bytes(data[:end])
        wanted = [] if end < whole else [[1, 2]]
        assert [rows["oid"].tolist() for _, rows in read_segment(torn)] == wanted, end


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("hazmat", fixes(1, 2))
    journal.close()
    data = path_of(tmp_path, 1).read_bytes()
    for place in range(len(data)):
        changed = tmp_path / "changed"
        changed.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert list(read_segment(changed)) == [], place


def test_a_restart_writes_to_a_segment_of_its_own(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.append("hazmat", fixes(1))
    first.close()
    with path_of(tmp_path, 1).open("ab") as file:
        file.write(b"NTF1 torn")
    second = Journal(tmp_path)
    second.append("hazmat", fixes(2))
    assert held(second) == [("hazmat", [1]), ("hazmat", [2])]
    assert second.closed() == (1,)
    second.close()


def test_numbers_are_never_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path, above=7)
    journal.append("hazmat", fixes(1))
    journal.rotate()
    assert journal.closed() == (8,)
    journal.drop(8)
    journal.rotate()
    assert segments(tmp_path) == [9]  # an empty segment is not rotated away
    journal.close()
    assert segments(tmp_path) == []


def test_a_full_disk_takes_nothing_of_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append("hazmat", fixes(1))
    whole = path_of(tmp_path, 1).stat().st_size
    real = os.write
    room = [20]

    def short(file: int, data: bytes) -> int:
        """Write a few bytes, then fail as a full disk does."""
        if room[0] == 0:
            raise OSError(28, "No space left on device")
        done = real(file, bytes(data)[: room[0]])
        room[0] -= done
        return done

    monkeypatch.setattr(os, "write", short)
    with pytest.raises(OSError, match="No space"):
        journal.append("hazmat", fixes(2, 3))
    monkeypatch.setattr(os, "write", real)
    assert path_of(tmp_path, 1).stat().st_size == whole
    assert held(journal) == [("hazmat", [1])]
    journal.append("hazmat", fixes(4))
    assert held(journal) == [("hazmat", [1]), ("hazmat", [4])]
    journal.close()
    journal.close()
