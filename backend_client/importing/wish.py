"""What a person asks of an import and hears of it; the readers are loaded when a file comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from backend_client.contract.base import Text

ENDINGS: Final = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".geojson",
    ".json",
    ".gpkg",
    ".shp",
    ".parquet",
    ".geoparquet",
    ".pq",
)
"""The files we read; `opening.READERS` says how."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for.

    Args:
        layer: where the rows go.
        path: the file.
        crs: datum or system of its coordinates, empty for its own.
        columns: ours → theirs, beside those found by name.
        scale: what coordinates are multiplied by, e.g. 1e-6.
        kind: of rows without one; empty takes the layer's id.
        region: of rows without one; empty finds it by place.
        department: of rows without one.
        feed: the feed it belongs to.
    """

    layer: str
    path: Path
    crs: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1.0
    kind: str = ""
    region: str = ""
    department: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; the last one tells how it ended.

    Args:
        read: rows looked at.
        accepted: rows the service took.
        rejected: rows left out.
        batches: batches sent.
        changed: batches that changed something.
        done: share of the file, negative when unknown.
        report: the report file, once there is a rejected row.
        notes: what people should know at the end.
        ended: whether this is the last one.
    """

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    batches: int = 0
    changed: int = 0
    done: float = 0.0
    report: Path | None = None
    notes: tuple[Text, ...] = ()
    ended: bool = False
