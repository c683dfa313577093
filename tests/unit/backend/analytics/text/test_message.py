"""Tables of reports are read whole or packed; a bad row is refused alone, in both languages."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from backend.analytics.text.message import TableError, message, messages, seconds

HEAD = "id,user,time,title,text,lon,lat,channel\n"
GOOD = "1,u,2026-01-31T08:30:00,路灯不亮,人民路的路灯不亮,120.86,31.98,hotline\n"


def _file(tmp_path: Path, text: str, name: str = "m.csv") -> Path:
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["m.csv", "m.csv.gz"])
def test_reads_a_table_packed_or_not(tmp_path: Path, name: str) -> None:
    taken, refused = messages(_file(tmp_path, HEAD + GOOD, name))
    assert [one.id for one in taken] == ["1"]
    assert not refused
    assert (taken[0].lon, taken[0].lat, taken[0].channel) == (120.86, 31.98, "hotline")


def test_takes_a_table_without_places(tmp_path: Path) -> None:
    text = "\ufeffid,user,time,title,text\n7,u,2026/01/31 08:30:00,停水,三天没有水了\n"
    taken, refused = messages(_file(tmp_path, text))
    assert (taken[0].lon, taken[0].lat, refused) == (None, None, [])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2,u,yesterday,停水,没有水,,,\n", "time"),
        ("2,u,2026-01-31T08:30:00,停水,没有水,x,31,\n", "decimal degrees"),
        ("2,u,2026-01-31T08:30:00,停水,没有水,999,31,\n", "decimal degrees"),
        ("2,u,2026-01-31T08:30:00,,,,,\n", "neither title nor text"),
        (",u,2026-01-31T08:30:00,停水,没有水,,,\n", "no id"),
        ("1,u,2026-01-31T08:30:00,停水,没有水,,,\n", "twice"),
    ],
)
def test_refuses_a_bad_row_alone(tmp_path: Path, row: str, why: str) -> None:
    last = "3,u,2026-01-31T08:31:00,停水,没有水,,,\n"
    taken, refused = messages(_file(tmp_path, HEAD + GOOD + row + last))
    assert [one.id for one in taken] == ["1", "3"]
    assert [one.line for one in refused] == [3]
    assert why in refused[0].why
    assert "第 3 行" in refused[0].why


def test_says_which_column_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="缺少列 time"):
        messages(_file(tmp_path, "id,title,text\n1,a,b\n"))


def test_says_that_a_file_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        messages(tmp_path / "none.csv")
    broken = tmp_path / "b.csv"
    broken.write_bytes("id,标题".encode("gb18030"))
    with pytest.raises(TableError, match="缺少列"):
        messages(broken)


def test_reads_instants_with_and_without_a_zone() -> None:
    assert seconds("2026-01-31T08:30:00+08:00") == seconds("2026-01-31 00:30:00")


def test_a_row_needs_no_more_than_id_time_title_and_text() -> None:
    made = message({"id": "1", "time": "2026-01-31", "title": "停水", "text": ""})
    assert (made.user, made.channel) == ("", "")


def test_a_row_in_another_encoding_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    other = "2,u,2026-01-31T08:31:00,停水,三天没有水了,,,web\n".encode("gb18030")
    path.write_bytes((HEAD + GOOD).encode() + other + GOOD.replace("1,u", "3,u").encode())
    taken, refused = messages(path)
    assert [one.id for one in taken] == ["1", "3"]
    assert [(one.line, "UTF-8" in one.why) for one in refused] == [(3, True)]


@pytest.mark.parametrize("written", ["2026/3/1 9:05:30", "2026-3-1 9:05:30", "2026.03.01 09:05:30"])
def test_dates_as_office_tables_have_them_are_read(written: str) -> None:
    assert seconds(written) == seconds("2026-03-01T09:05:30")
