"""A first look at a file: its kind, its columns, what they are taken for, its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from backend_client.errors import BadFileError
from backend_client.importing import words
from backend_client.importing.load import Opened, open_wish
from backend_client.importing.opening import open_file
from backend_client.importing.part import Part
from backend_client.importing.wish import Wish

ROWS: Final = 20
_CELL: Final = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of a file before it is imported.

    Args:
        wish: what was asked.
        about: its kind and what is special about it.
        crs: the coordinate system it names itself, empty for none.
        columns: its columns.
        found: ours → theirs.
        rows: its first rows as text.
        opened: what can be imported; None when something is missing.
        fault: what is missing.
    """

    wish: Wish
    about: str
    crs: str
    columns: tuple[str, ...]
    found: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    opened: Opened | None
    fault: BadFileError | None = None


def look(wish: Wish) -> Look:
    """Look at a file as a wish would have it.

    Raises:
        BadFileError: it cannot be read at all.
    """
    source = open_file(wish.path)
    parts = source.parts()
    first = next((part for part in islice(parts, 3) if part.count), None)
    rows = _rows(first, source.columns) if first else ()
    opened, fault = None, None
    try:
        opened = open_wish(wish)
    except BadFileError as error:
        fault = error
    found = opened.meaning.found if opened else words.guess(source.columns, wish.columns)
    about = " · ".join(part for part in (source.form, source.note) if part)
    return Look(wish, about, _short(source.crs), source.columns, found, rows, opened, fault)


def _short(crs: str) -> str:
    return crs if len(crs) <= 20 else ("CRS" if crs else "")


def _rows(part: Part, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    count = min(ROWS, part.count)
    cells = [
        [_said(cell) for cell in part.columns[name][:count].to_pylist()]
        if name in part.columns
        else [""] * count
        for name in columns
    ]
    return tuple(zip(*cells, strict=True))


def _said(cell: object) -> str:
    return "" if cell is None else str(cell)[:_CELL]
