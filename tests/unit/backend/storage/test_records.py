"""Records of what was read: kept over a restart, begun anew where they no longer fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.storage.records import Record, Records

ONE, TWO = Record(b"m1", b"one"), Record(b"m2", b"two")


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "matching.db"
    made = Records(path, "stamp")
    made.put({"a": ONE, "b": TWO}, [])
    made.put({"a": TWO}, ["b", "c"])
    made.close()
    again = Records(path, "stamp")
    assert again.get(["a", "b"]) == {"a": TWO}
    assert (again.only(["z"]), len(again)) == (1, 0)
    again.close()


def test_another_stamp_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "matching.db"
    made = Records(path, "one")
    made.put({"a": ONE}, [])
    made.close()
    again = Records(path, "two")
    assert len(again) == 0
    again.put({"a": TWO}, [])
    again.close()


@pytest.mark.parametrize("broken", [b"", b"no database", b"SQLite format 3\x00" + b"\x01" * 4_000])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "matching.db"
    path.write_bytes(broken)
    made = Records(path, "stamp")
    made.put({"a": ONE}, [])
    assert made.get(["a"]) == {"a": ONE}
    made.close()


def test_a_page_damaged_by_a_power_cut_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "matching.db"
    made = Records(path, "stamp")
    made.put({str(number): Record(b"m", b"x" * 2_000) for number in range(500)}, [])
    made.close()
    whole = path.read_bytes()
    page = 4_096
    path.write_bytes(whole[: 4 * page] + b"\xff" * (len(whole) - 4 * page))
    again = Records(path, "stamp")
    assert again.get([str(number) for number in range(500)]) == {}
    again.put({"a": ONE}, ["1"])
    assert again.get(["a", "1"]) == {"a": ONE}
    again.close()
