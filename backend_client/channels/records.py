"""Records of a channel's file, whatever form it has: JSON, JSON lines, CSV, XLSX."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing import values
from backend_client.importing.opening import open_file
from backend_client.importing.part import Fault, Part

LINES: Final = (".jsonl", ".ndjson")
TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
ENDINGS: Final = (".json", *LINES, *TABLES)
MOST_BYTES: Final = 200_000_000
"""Of one JSON file, which is read whole."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands in its file.

    Args:
        line: of a text file, row of a sheet, number in a list.
        fields: its words; `a.b` for what lies inside.
        raw: its text when it could not be read.
    """

    line: int
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    raw: str = ""


def read(path: Path, inside: str = "") -> Iterator[Record | Fault]:
    """Read a file's records in its order.

    Args:
        path: the file.
        inside: where in a JSON document the records are.

    Raises:
        BadFileError: it is none we read, empty or broken as a whole.
    """
    ending = path.suffix.lower()
    if ending in TABLES:
        for part in open_file(path).parts():
            yield from part.faults
            yield from _rows(part)
    elif ending in LINES:
        yield from _lines(_text(path))
    elif ending == ".json":
        yield from _document(path, inside)
    else:
        kinds = " ".join(ENDINGS)
        raise BadFileError(
            Text(f"不认识 {path.name}。", f"Unknown kind of file: {path.name}."),
            Text(f"可接收：{kinds}", f"Taken are: {kinds}"),
        )


def _rows(part: Part) -> Iterator[Record]:
    columns = {name: values.as_text(cells).to_pylist() for name, cells in part.columns.items()}
    for at, line in enumerate(part.line.tolist()):
        found = {name.strip(): cells[at] for name, cells in columns.items() if cells[at]}
        if found:
            yield Record(line, found)


def _lines(text: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), 1):  # U+2028 may stand in a citizen's words
        if line.strip():
            yield _record(number, line.removesuffix("\r"))


def _record(number: int, line: str) -> Record:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return Record(number, raw=line)
    return Record(number, dict(_flat(told)))


def _document(path: Path, inside: str) -> Iterator[Record]:
    try:
        told = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFileError(
            Text(f"{path.name} 不是有效的 JSON：{error}。", f"{path.name} is no JSON: {error}."),
            Text("改正后重新放入。", "Correct it and put it in again."),
        ) from error
    for step in filter(None, inside.split(".")):
        if isinstance(told, dict) and step in told:
            told = told[step]
    rows = told if isinstance(told, list) else [told]
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict):
            yield Record(number, dict(_flat(row)))
        else:
            yield Record(number, raw=json.dumps(row, ensure_ascii=False))


def _flat(told: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str | Names]]:
    """Give each word of a record by its way; numbers as they are written, nothing as nothing."""
    for key, value in told.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield name, tuple(map(_word, value))
        elif (word := _word(value)).strip():
            yield name, word


Names = tuple[str, ...]


def _word(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, dict):
        return _word(next((value[one] for one in _INSIDE if one in value), ""))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


_INSIDE: Sequence[str] = ("url", "path", "file", "content", "data")
"""Where a file's name or content is when a list of files holds objects."""


def _text(path: Path) -> str:
    """Read a text in the encoding it has; a system of old writes GBK."""
    if path.stat().st_size > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise BadFileError(
            Text(f"{path.name} 超过 {most} MB。", f"{path.name} is over {most} MB."),
            Text("分成几个文件。", "Part it into several files."),
        )
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFileError(
        Text(f"{path.name} 的编码混乱。", f"{path.name} is of no one encoding."),
        Text("存为 UTF-8 后重新放入。", "Save it as UTF-8 and put it in again."),
    )
