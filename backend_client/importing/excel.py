"""Read a sheet of a workbook row by row; formulas, merged cells and dates are said as they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.dialect import header_of, unique
from backend_client.importing.part import MOST_RAW, Fault, Part, Source, text_column

ROWS: Final = 10_000
MOST_BYTES: Final = 1 << 30
MOST_WORDS: Final = 200 << 20
MOST_RATIO: Final = 200
_HEAD: Final = 20
_READ: Final = 1 << 20
_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"')
_ROWS: Final = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')
_FORMULA: Final = Text(
    "公式没有存下结果：用 Excel 打开并保存一次。",
    "A formula without a stored result: open and save it in Excel once.",
)
_Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a sheet's own text says of it, read once without building it."""

    has_formulas: bool = False
    rows: int = 0
    merged: Sequence[_Box] = field(default=())


def open_excel(path: Path) -> Source:
    """Look at the first sheet of a workbook.

    Raises:
        BadFileError: it is no workbook, is locked, is far larger than it looks, or is empty.
    """
    sheet = _scan(path)
    head = [
        (number, [_said(cell) or "" for cell in cells])
        for number, cells in enumerate(_rows(path, formulas=False, last=_HEAD), start=1)
        if any(cell is not None for cell in cells)
    ]
    if not head:
        raise BadFileError(
            Text("工作表是空的。", "The sheet is empty."),
            Text("数据须在第一个工作表。", "The data must be on the first sheet."),
        )
    number, cells = header_of(head)
    while cells and not cells[-1].strip():
        cells.pop()
    columns = unique(cells)
    return Source("XLSX", columns, partial(_parts, path, sheet, columns, number))


def _scan(path: Path) -> _Sheet:
    """Refuse what unpacks into far more than it is, then read the first sheet's marks."""
    try:
        with zipfile.ZipFile(path) as file:
            _check_size(path, file.infolist())
            names = [one for one in file.namelist() if one.startswith("xl/worksheets/sheet")]
            return _marks(file, names[0]) if names else _Sheet()
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError) as error:
        raise _no_workbook(path, error) from error


def _check_size(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    size = sum(one.file_size for one in members)
    words = sum(one.file_size for one in members if one.filename.endswith("sharedStrings.xml"))
    ratio = size / max(1, path.stat().st_size)
    if size > MOST_BYTES or words > MOST_WORDS or (ratio > MOST_RATIO and size > _READ * 20):
        raise BadFileError(
            Text(
                f"{path.name} 解压后有 {size >> 20} MB，不予打开。",
                f"{path.name} unpacks to {size >> 20} MB and is not opened.",
            ),
            Text("另存为 CSV 后导入。", "Save it as CSV and import that."),
        )


def _marks(file: zipfile.ZipFile, name: str) -> _Sheet:
    formulas, rows, merged, tail = False, 0, list[_Box](), b""
    with file.open(name) as sheet:
        while raw := sheet.read(_READ):
            text = tail + raw
            formulas = formulas or b"<f>" in text or b"<f " in text
            rows = rows or next((int(hit[1]) for hit in _ROWS.finditer(text)), 0)
            merged += [_box(hit[1]) for hit in _MERGED.finditer(text)]
            tail = text[-64:].rpartition(b">")[2]
    return _Sheet(formulas, rows, tuple(merged))


def _box(ref: bytes) -> _Box:
    left, top, right, bottom = range_boundaries(ref.decode())
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def _rows(path: Path, *, formulas: bool, last: int | None = None) -> Iterator[Sequence[object]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise _no_workbook(path, error) from error
    try:
        if not book.worksheets:
            return
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_row=last, values_only=True)
    finally:
        book.close()


def _parts(path: Path, sheet: _Sheet, columns: tuple[str, ...], header: int) -> Iterator[Part]:
    told: list[list[str | None]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    fill = _Merged(sheet.merged)
    asked = _rows(path, formulas=True) if sheet.has_formulas else None
    for number, cells in enumerate(_rows(path, formulas=False), start=1):
        spelled = next(asked, ()) if asked else ()
        row = fill.row(number, cells, len(columns))
        if number <= header or not any(row):
            continue
        fault = _unsaved(number, columns, row, spelled)
        if fault:
            faults.append(fault)
            continue
        told.append(row)
        lines.append(number)
        if len(told) == ROWS:
            yield _part(columns, told, lines, faults, number / max(sheet.rows, number))
            told, lines, faults = [], [], []
    yield _part(columns, told, lines, faults, 1.0)


def _part(
    columns: tuple[str, ...],
    told: list[list[str | None]],
    lines: list[int],
    faults: list[Fault],
    done: float,
) -> Part:
    made = {name: text_column([row[at] for row in told]) for at, name in enumerate(columns)}
    return Part(made, np.array(lines, np.int64), faults=tuple(faults), done=done)


class _Merged:
    """Give every cell of a merged box what stands in its first one."""

    def __init__(self, boxes: Sequence[_Box]) -> None:
        self._boxes = sorted(boxes, key=lambda box: box[1])
        self._open: list[tuple[_Box, str | None]] = []

    def row(self, number: int, cells: Sequence[object], width: int) -> list[str | None]:
        row = [_said(cell) for cell in cells[:width]]
        row += [None] * (width - len(row))
        self._open = [one for one in self._open if one[0][3] >= number]
        while self._boxes and self._boxes[0][1] <= number:
            box = self._boxes.pop(0)
            if box[0] <= width:
                self._open.append((box, row[box[0] - 1]))
        for (left, _top, right, _bottom), value in self._open:
            for at in range(left - 1, min(right, width)):
                row[at] = row[at] or value
        return row


def _unsaved(
    number: int, columns: tuple[str, ...], row: Sequence[str | None], spelled: Sequence[object]
) -> Fault | None:
    for name, value, formula in zip(columns, row, spelled, strict=False):
        if value is None and isinstance(formula, str) and formula.startswith("="):
            said = [value or formula or "" for value, formula in zip(row, spelled, strict=False)]
            raw = "\n".join([",".join(columns), ",".join(map(str, said))])
            return Fault(number, name, formula[:80], _FORMULA, raw[:MOST_RAW])
    return None


def _said(cell: object) -> str | None:
    """Spell a cell; an error such as #N/A counts as empty."""
    if cell is None or (isinstance(cell, str) and cell.startswith("#") and cell[-1:] in "!?A0"):
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) or None


def _no_workbook(path: Path, error: Exception) -> BadFileError:
    return BadFileError(
        Text(f"{path.name} 不是可读的工作簿：{error}", f"{path.name} is no readable book: {error}"),
        Text("去掉密码，另存为 .xlsx 或 CSV。", "Take off its password; save as .xlsx or CSV."),
    )
