from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from backend_client.errors import BadFileError
from backend_client.importing import text
from backend_client.importing.part import MOST_RAW
from tests.unit.backend_client.importing.files import bring, write

HEAD = "编号,名称,经度,纬度,备注\n"
GOOD = "A1,甲,120.86,32.01,x\nA2,乙,120.87,32.02,y\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_separator_and_line_end(
    tmp_path: Path, encoding: str, separator: str, newline: str
) -> None:
    told = (HEAD + GOOD).replace(",", separator).replace("\n", newline)
    brought = bring(write(tmp_path / "a.csv", told, encoding))
    assert [(row["id"], row["name"], row["lon"], row["lat"]) for row in brought.rows] == [
        ("A1", "甲", 120.86, 32.01),
        ("A2", "乙", 120.87, 32.02),
    ]
    assert [row["properties"] for row in brought.rows] == [{"备注": "x"}, {"备注": "y"}]


def test_chinese_after_a_long_stretch_of_plain_letters(tmp_path: Path) -> None:
    plain = "".join(f"B{n},b,120.9,32.1,z\n" for n in range(20_000))
    told = "id,name,lon,lat,note\n" + plain + "C1,丙,120.9,32.1,末\n"
    brought = bring(write(tmp_path / "a.csv", told, "gb18030"))
    assert brought.rejected == []
    assert brought.rows[-1]["name"] == "丙"


@pytest.mark.parametrize("told", ["", "\n\n", HEAD])
def test_nothing_to_read_is_said(tmp_path: Path, told: str) -> None:
    path = write(tmp_path / "a.csv", told)
    if told == HEAD:
        assert bring(path).last.read == 0
        return
    with pytest.raises(BadFileError, match="empty"):
        bring(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"PK\x03\x04\x00\x00\x00\x08")
    with pytest.raises(BadFileError, match="not a text file"):
        bring(path)


def test_wrong_columns_name_what_the_file_has(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="No columns for longitude") as caught:
        bring(write(tmp_path / "a.csv", "编号#名称#东#北\n1#a#120.9#32.0\n"))
    assert "编号#名称#东#北" in caught.value.todo.zh


def test_title_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    brought = bring(write(tmp_path / "a.csv", f"南通市住房清单,,,,\n\n{HEAD}{GOOD}bad\n"))
    assert len(brought.rows) == 2
    assert brought.reasons == {6: "Has 1 cells, the header has 5."}


def test_bad_lines_are_named_with_their_line_and_the_others_kept(tmp_path: Path) -> None:
    raw = (
        HEAD.encode()
        + "A1,甲,120.86,32.01,x\n".encode()
        + b"A2,short\n"
        + b"\n"
        + 'A3,乙,120.87,32.02,"two\nlines, quoted"\n'.encode()
        + "A4,丙,120.87,32.02,".encode()
        + "错".encode("gb18030")
        + b"\n"
        + "A5,丁,120.87,32.02,one,more\n".encode()
        + "A6,戊,120.88,32.03,z\n".encode()
    )
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    brought = bring(path)
    assert [row["id"] for row in brought.rows] == ["A1", "A3", "A6"]
    assert brought.rows[1]["properties"] == {"备注": "two\nlines, quoted"}
    assert sorted(brought.reasons) == [3, 7, 8]
    assert "Mixed encodings" in brought.reasons[7]


def test_a_quote_never_closed_costs_one_line(tmp_path: Path) -> None:
    lines = [f"A{n},n,120.9,32.1,x" for n in range(1_000)]
    lines[10] = 'A10,"n,120.9,32.1,x'
    brought = bring(write(tmp_path / "a.csv", HEAD + "\n".join(lines) + "\n"))
    assert len(brought.rows) == 999
    assert brought.reasons == {12: "A quotation mark is not closed."}


def test_a_line_without_end_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write((HEAD + GOOD).encode())
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write("\nA9,尾,120.9,32.1,z\n".encode())
    tracemalloc.start()
    brought = bring(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["id"] for row in brought.rows] == ["A1", "A2", "A9"]
    assert brought.reasons == {4: "Too long: at most 1 MB a line, 128 KB a cell."}
    assert peak < 6 * text.PIECE


def test_rows_across_pieces_keep_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "PIECE", 100)
    rows = [f"A{n},n,120.9,32.1,x" for n in range(200)]
    rows[150] = "A150,n,here,32.1,x"
    brought = bring(write(tmp_path / "a.csv", HEAD + "\n".join(rows)))
    assert len(brought.rows) == 199
    assert brought.reasons == {152: "Not a number."}
    assert brought.rejected[0]["列 column"] == "经度"
    assert brought.rejected[0]["值 value"] == "here"


def test_blank_lines_and_lines_in_quotes_do_not_shift_the_others(tmp_path: Path) -> None:
    told = HEAD + 'A1,甲,120.86,32.01,"a\nb"\n\nA2,乙,here,32.02,y\n'
    brought = bring(write(tmp_path / "a.csv", told))
    assert brought.reasons == {5: "Not a number."}


def test_a_row_nobody_can_split_is_told_whole_under_its_header(tmp_path: Path) -> None:
    raw = (
        f"{HEAD}A1,甲,120.86,32.01,x\nA2,乙,一,二,三,四\n".encode()
        + 'A3,"丙,120.9,32.0,y\n'.encode()
        + b"A4,"
        + "错".encode("gb18030")
        + b",120.9,32.0,z\n"
        + b"A5,"
        + b"y" * text.LONGEST_LINE
        + b",120.9,32.0,z\n"
    )
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    faults = [one for part in text.open_text(path).parts() for one in part.faults]
    header = HEAD.strip()
    rows = {one.line: one.raw for one in faults}
    assert rows[3] == f"{header}\nA2,乙,一,二,三,四"
    assert rows[4] == f'{header}\nA3,"丙,120.9,32.0,y'
    assert rows[5].startswith(f"{header}\nA4,")
    assert rows[5].endswith(",120.9,32.0,z")
    assert rows[6].startswith(f"{header}\n")
    assert len(rows[6]) <= MOST_RAW
