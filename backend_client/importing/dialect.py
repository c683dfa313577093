"""How a text file is written: its encoding, its separator, where its header stands."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from typing import Final

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.words import NAMES, REPORT_NAMES, plain

HEAD: Final = 1 << 18
UTF8: Final = "utf-8"
_CHINESE: Final = "gb18030"
_WIDE: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_LINE: Final = 1 << 16
_HEADER_WITHIN: Final = 20
_SEPARATORS: Final = ",;\t|"
_KNOWN: Final = frozenset(
    name for known in (NAMES, REPORT_NAMES) for names in known.values() for name in names
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written; `skipped` lines stand above the first row."""

    encoding: str
    separator: str
    columns: tuple[str, ...]
    skipped: int


def look(head: bytes) -> Dialect:
    """Find encoding, separator and header in the beginning of a file.

    Raises:
        BadFileError: it is empty or no text.
    """
    if b"\x00" in head and head[:2] not in _WIDE:
        raise BadFileError(
            Text("这不是文本文件。", "This is not a text file."),
            Text("另存为 CSV（UTF-8）。", "Save it as CSV (UTF-8)."),
        )
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[: _HEADER_WITHIN * 2]
    full = [(number, line[:_LINE]) for number, line in enumerate(lines) if line.strip()]
    if not full:
        raise BadFileError(
            Text("文件是空的。", "The file is empty."),
            Text("核对导出步骤后再导入。", "Check how it was exported, then import again."),
        )
    separator = max(_SEPARATORS, key=lambda sign: _spread([line for _, line in full], sign))
    number, cells = header_of(
        [(number, _cells(line, separator)) for number, line in full[:_HEADER_WITHIN]]
    )
    return Dialect(encoding, separator, unique(cells), number + 1)


def encoding_of(head: bytes) -> str:
    """Tell UTF-8 from Chinese by most lines, so that one bad line does not turn the whole file."""
    for mark, encoding in _WIDE.items():
        if head.startswith(mark):
            return encoding
    told = [line for line in head.split(b"\n")[:-1] or [head] if not line.isascii()]
    good = sum(decodes(line, UTF8) for line in told)
    return UTF8 if 2 * good >= len(told) else _CHINESE


def decodes(raw: bytes, encoding: str) -> bool:
    """Tell whether bytes are text in an encoding."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _spread(lines: list[str], sign: str) -> tuple[int, int]:
    """Tell how often a sign stands in most lines: the separator stands equally often in all."""
    counts = [line.count(sign) for line in lines]
    common = max(set(counts), key=counts.count)
    return (counts.count(common) if common else 0, common)


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def header_of(rows: list[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Find the header among the first rows: the one with most known names, else the first."""
    return max(rows, key=lambda row: (sum(plain(cell) in _KNOWN for cell in row[1]), -row[0]))


def unique(cells: list[str]) -> tuple[str, ...]:
    """Give every column a name of its own."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {place}"
        count = 2
        base = name
        while name in names:
            name, count = f"{base} {count}", count + 1
        names.append(name)
    return tuple(names)
