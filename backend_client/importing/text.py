"""Read CSV of any usual separator and encoding in pieces; a bad line is named and left out."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.dialect import HEAD, UTF8, Dialect, decodes, encoding_of, look
from backend_client.importing.part import (
    MOST_RAW,
    Column,
    Fault,
    Part,
    Source,
    numbered,
    text_column,
)

PIECE: Final = 4 << 20
LONGEST_LINE: Final = 1 << 20
LINES_PER_RECORD: Final = 100  # more between two quotes: the first one is a slip

_CODING: Final = Text(
    "编码不一致：此行无法按文件的编码读出。",
    "Mixed encodings: this line is not in the encoding of the file.",
)
_QUOTE: Final = Text("引号没有配对。", "A quotation mark is not closed.")
_LONG: Final = Text(
    "此行过长，上限 1 MB，一格 128 KB。", "Too long: at most 1 MB a line, 128 KB a cell."
)


def open_text(path: Path) -> Source:
    """Look at the beginning of a CSV file.

    Raises:
        BadFileError: it is empty, has no header, or is no text.
    """
    with path.open("rb") as file:
        dialect = look(file.read(HEAD))
    names = {"\t": "Tab"}
    note = f"{dialect.encoding.upper()} {names.get(dialect.separator, repr(dialect.separator))}"
    return Source("CSV", dialect.columns, partial(_parts, path, dialect), note=note)


def _parts(path: Path, dialect: Dialect) -> Iterator[Part]:
    size = max(1, path.stat().st_size)
    with path.open("rb") as file:
        read = Reader(dialect)
        for raw, line in _pieces(file, dialect):
            yield replace(read.part(raw, line), done=min(1.0, file.tell() / size))


def _pieces(file: BinaryIO, dialect: Dialect) -> Iterator[tuple[bytes, int]]:
    """Cut a file into whole lines; what is longer than a line may be comes as one short piece."""
    take = _transcoder(file, dialect.encoding)
    rest, line, started = b"", 1, False
    while raw := take():
        rest += raw
        if not started:
            rest, started = rest.removeprefix(codecs.BOM_UTF8), True
            if b"\n" not in rest[:HEAD] and b"\r" in rest[:HEAD]:
                take, rest = _old_lines(take), rest.replace(b"\r", b"\n")
        while len(rest) > LONGEST_LINE and b"\n" not in rest:  # bounded memory for a line of 1 GB
            rest = _skip_line(take)
            yield b"\x00\n", line
            line += 1
        cut = _cut(rest)
        piece, rest = rest[:cut], rest[cut:]
        if piece:
            yield piece, line
            line += piece.count(b"\n")
    if rest:
        yield rest, line


def _skip_line(take: Callable[[], bytes]) -> bytes:
    while raw := take():
        _gone, newline, after = raw.partition(b"\n")
        if newline:
            return after
    return b""


def _transcoder(file: BinaryIO, encoding: str) -> Callable[[], bytes]:
    """Give the file in pieces of UTF-8 or as it is; only wide encodings are recoded here."""
    if not encoding.startswith("utf-16"):
        return lambda: file.read(PIECE)
    decoder = codecs.getincrementaldecoder(encoding)("replace")

    def take() -> bytes:
        raw = file.read(PIECE)
        return decoder.decode(raw, final=not raw).encode(UTF8)

    return take


def _old_lines(take: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: take().replace(b"\r", b"\n")


def _cut(piece: bytes) -> int:
    """Find the end of the last whole row: a line end outside quotes where there is one."""
    if b'"' not in piece:
        return piece.rfind(b"\n") + 1
    signs = np.frombuffer(piece, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    quotes = np.flatnonzero(signs == ord('"'))
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    chosen = outside if outside.size else ends
    return int(chosen[-1]) + 1 if chosen.size else 0


class Reader:
    """Turn pieces into parts: pyarrow where a piece is clean, line by line where it is not."""

    def __init__(self, dialect: Dialect) -> None:
        self._columns = dialect.columns
        self._separator = dialect.separator
        self._header = dialect.separator.join(dialect.columns)
        self._encoding = UTF8 if dialect.encoding.startswith("utf-16") else dialect.encoding
        self._is_settled = False
        self._skipped = dialect.skipped
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(self._columns, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        )
        self._parse = pacsv.ParseOptions(delimiter=self._separator, newlines_in_values=True)

    def part(self, raw: bytes, line: int) -> Part:
        """Read whole lines that begin at a line of the file."""
        if line <= self._skipped:
            keep = self._skipped + 1 - line
            after = _after_lines(raw, keep)
            return self.part(after, line + keep) if after else _nothing(line)
        table = self._fast(raw)
        if table is None:
            return self._slow(raw, line)
        columns: dict[str, Column] = {
            name: column.combine_chunks()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
        return Part(columns, numbered(line, table.num_rows))

    def _fast(self, raw: bytes) -> pa.Table | None:
        """Read a piece whose rows are its lines; None when one of them is not."""
        text = self._in_utf8(raw)
        if text is None:
            return None
        options = pacsv.ReadOptions(
            column_names=list(self._columns), block_size=len(text) + 1, use_threads=False
        )
        try:
            table = pacsv.read_csv(
                io.BytesIO(text), options, self._parse, convert_options=self._convert
            )
        except pa.ArrowInvalid:
            return None
        lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
        return table if table.num_rows == lines else None

    def _in_utf8(self, raw: bytes) -> bytes | None:
        """Give the piece in UTF-8; a file of plain letters so far may turn out to be Chinese."""
        if raw.isascii():
            return None if b"\x00" in raw else raw
        if not self._is_settled and not decodes(raw, self._encoding):
            self._encoding = encoding_of(raw)
        self._is_settled = True
        try:
            text = raw.decode(self._encoding)
        except UnicodeDecodeError:
            return None
        return raw if self._encoding == UTF8 else text.encode(UTF8)

    def _slow(self, raw: bytes, line: int) -> Part:
        rows: list[list[str]] = []
        lines: list[int] = []
        faults: list[Fault] = []
        for first, record, is_closed in _records(raw, line):
            cells = self._cells(first, record) if is_closed else self._bad(first, record, _QUOTE)
            if isinstance(cells, Fault):
                faults.append(cells)
            elif cells:
                rows.append(cells)
                lines.append(first)
        columns = {
            name: text_column([row[place] or None for row in rows])
            for place, name in enumerate(self._columns)
        }
        return Part(columns, np.array(lines, np.int64), faults=tuple(faults))

    def _cells(self, line: int, record: bytes) -> list[str] | Fault:
        """Read one record: its cells, nothing for an empty line, or what is wrong with it."""
        if record.rstrip(b"\r\n") == b"\x00" or len(record) > LONGEST_LINE:
            return self._bad(line, record, _LONG)
        try:
            text = record.decode(self._encoding)
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=self._separator), [])
        except (UnicodeDecodeError, csv.Error) as error:
            why = _LONG if isinstance(error, csv.Error) else _CODING
            return self._bad(line, record, why, record[:40].decode(self._encoding, "replace"))
        if not any(cells) or len(cells) == len(self._columns):
            return cells if any(cells) else []
        why = _count(len(cells), len(self._columns))
        return self._bad(line, record, why, text.strip()[:80])

    def _bad(self, line: int, record: bytes, why: Text, said: str = "") -> Fault:
        row = record[:MOST_RAW].decode(self._encoding, "replace").replace("\x00", "").strip()
        return Fault(line, "", said, why, f"{self._header}\n{row}"[:MOST_RAW])


def _count(has: int, wants: int) -> Text:
    return Text(f"有 {has} 列，表头有 {wants} 列。", f"Has {has} cells, the header has {wants}.")


def _records(raw: bytes, line: int) -> Iterator[tuple[int, bytes, bool]]:
    """Give records with their first lines; False for a line whose quote is never closed."""
    lines = raw.splitlines(keepends=True) if b"\r" not in raw else _split(raw)
    at = 0
    while at < len(lines):
        end, quotes = at + 1, lines[at].count(b'"')
        while quotes % 2 and end < min(len(lines), at + LINES_PER_RECORD):
            quotes += lines[end].count(b'"')
            end += 1
        if quotes % 2:
            yield line + at, lines[at], False
            end = at + 1
        else:
            yield line + at, b"".join(lines[at:end]), True
        at = end


def _split(raw: bytes) -> list[bytes]:
    """Split at line feeds only, as lines are counted everywhere here."""
    lines = [one + b"\n" for one in raw.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _after_lines(raw: bytes, count: int) -> bytes:
    at = 0
    for _ in range(count):
        at = raw.find(b"\n", at) + 1
        if at == 0:
            return b""
    return raw[at:]


def _nothing(line: int) -> Part:
    return Part({}, numbered(line, 0))


def size_of(path: Path) -> int:
    """Give a file's size.

    Raises:
        BadFileError: there is no such file, or it may not be read.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from error
    if not os.access(path, os.R_OK) or not path.is_file():
        raise unreadable(path, PermissionError("not a file one may read"))
    return size


def unreadable(path: Path, error: Exception) -> BadFileError:
    """Say that a file cannot be read."""
    return BadFileError(
        Text(f"无法读取 {path.name}：{error}", f"{path.name} cannot be read: {error}"),
        Text("核对路径和文件后再试。", "Check path and file, then try again."),
    )
