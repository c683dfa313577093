"""The last picture: its values, and reading them without SQLAlchemy, which takes half a second.

`cache.py` keeps and checks the file; what cannot be read here is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pysqlite3 import dbapi2 as sqlite

from backend_client.contract.change import ITEM, Change
from backend_client.contract.columns import FeatureBlock, FixBlock, decode_features, decode_fixes

SCHEMA: Final = 1
B = TypeVar("B")
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose picture it is and where it stands."""

    server: str
    person_id: str
    epoch: str
    n: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the cache holds; ages in seconds when it was read."""

    standing: Standing
    age_s: float
    items: tuple[Change, ...]
    blocks: tuple[tuple[FeatureBlock, float], ...]
    fixes: tuple[FixBlock, float] | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The file's rows: items as n, id, body; blocks and fixes as the instant kept, data."""

    meta: Mapping[str, str]
    items: Rows
    blocks: Rows
    fixes: Rows


def read(path: Path, server: str, now: datetime) -> Picture | None:
    """Read the picture of a service; None when there is none of it.

    Raises:
        sqlite.Error: there is no file, or none that can be read.
        ValueError: another program's schema.
    """
    with closing(sqlite.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        file.execute("BEGIN")  # one state of the file for all four
        if file.execute("PRAGMA user_version").fetchone() != (SCHEMA,):
            raise ValueError(path)
        kept = Kept(
            dict(file.execute("SELECT key, value FROM meta")),
            file.execute("SELECT n, item_id, body FROM items").fetchall(),
            file.execute("SELECT saved_at, data FROM blocks").fetchall(),
            file.execute("SELECT saved_at, data FROM fixes").fetchall(),
        )
    return assemble(kept, server, now)


def assemble(kept: Kept, server: str, now: datetime) -> Picture | None:
    """Make the picture of a service out of rows; a damaged row is left out."""
    standing = standing_of(kept.meta)
    if standing is None or standing.server != server:
        return None
    items = (_change(*row) for row in kept.items)
    blocks = (_aged(decode_features, *row, now=now) for row in kept.blocks)
    fixes = (_aged(decode_fixes, *row, now=now) for row in kept.fixes)
    return Picture(
        standing=standing,
        age_s=_age_s(standing.seen_at, now),
        items=tuple(item for item in items if item is not None),
        blocks=tuple(block for block in blocks if block is not None),
        fixes=next((block for block in fixes if block is not None), None),
    )


def standing_of(meta: Mapping[str, str]) -> Standing | None:
    """Tell whose picture it is; None when the file does not say."""
    try:
        return Standing(
            server=meta["server"],
            person_id=meta["person_id"],
            epoch=meta["epoch"],
            n=int(meta["n"]),
            seen_at=_instant(meta["seen_at"]),
        )
    except (KeyError, ValueError):
        return None


def _instant(text: str) -> datetime:
    """Read an instant; one without a zone says nothing of when it was.

    Raises:
        ValueError: it is none.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def _age_s(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())


def _aged(
    decode: Callable[[bytes], B], saved_at: str, data: bytes, *, now: datetime
) -> tuple[B, float] | None:
    try:
        return decode(data), _age_s(_instant(saved_at), now)
    except ValueError:  # of the block or of the instant
        return None


def _change(n: int, item_id: str, body: bytes) -> Change | None:
    """Read an item back; one an older program wrote in other words is left out."""
    try:
        item = ITEM.validate_json(body)
    except ValidationError:
        return None
    return Change(n=n, kind=item.kind, item_id=item_id, item=item)
