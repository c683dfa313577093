"""History of positions in Parquet by layer and day: each accepted fix once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from backend.storage.journal import FIX, Fixes, sync_folder

I64 = npt.NDArray[np.int64]

DAY_MS: Final = 86_400_000
SMALL_FILES: Final = 12
"""So many rolled segments of one day are merged into one file."""

_SOURCES = b"sources"
_SCHEMA = pa.schema([(name, pa.from_numpy_dtype(FIX[name])) for name in FIX.names or ()])
_EMPTY = np.empty(0, dtype=FIX)


class History:
    """Keep fixes under `layer=L/date=D/`; file names carry the journal segment they end with.

    `s-N` is segment N rolled: writing it again gives the same file. `m-N` is a merge and names
    its sources, so that a merge cut short by a crash is finished at the next start.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._settle()

    def newest(self) -> int:
        """Give the highest segment number any file carries, 0 when there is none."""
        return max(map(_number, self._folder.glob("layer=*/date=*/*.parquet")), default=0)

    def roll(self, number: int, frames: Callable[[], Iterable[tuple[str, Fixes]]]) -> None:
        """Write one segment's fixes; doing it again changes nothing.

        Args:
            number: the segment's.
            frames: reads it; asked once per layer, so that one layer at a time is in memory.
        """
        for layer in sorted({name for name, _ in frames()}):
            fixes = np.concatenate([rows for name, rows in frames() if name == layer])
            for day in np.unique(fixes["observed_ms"] // DAY_MS):
                part = fixes[fixes["observed_ms"] // DAY_MS == day]
                self._write(self._day(layer, int(day)) / f"s-{number:09d}.parquet", part)

    def merge(self) -> None:
        """Join the small files of every day that has many."""
        for folder in sorted(self._folder.glob("layer=*/date=*")):
            small = sorted(folder.glob("s-*.parquet"))
            if len(small) >= SMALL_FILES:
                self._join(folder, small)

    def thin(self, today: date, *, after_days: int, keep_s: int, drop_after_days: int) -> int:
        """Make old days smaller: one fix per object and span, very old days deleted.

        Returns:
            How many fixes were dropped.
        """
        dropped = 0
        for folder in sorted(self._folder.glob("layer=*/date=*")):
            age = today - date.fromisoformat(folder.name.partition("=")[2])
            files = sorted(folder.glob("*.parquet"))
            if age > timedelta(days=drop_after_days):
                dropped += sum(pq.read_metadata(path).num_rows for path in files)
                _delete(files)
            elif age > timedelta(days=after_days) and not _is_thin(files, keep_s):
                dropped += self._join(folder, files, keep_s=keep_s)
        return dropped

    def read(self, layer: str, since_ms: int, until_ms: int, *, oid: int | None = None) -> Fixes:
        """Read fixes observed in [since, until], each once, by object and time."""
        days = range(since_ms // DAY_MS, until_ms // DAY_MS + 1)
        parts = [
            part
            for day in days
            for part in _parts(self._day(layer, day), (since_ms, until_ms), oid)
        ]
        return once(np.concatenate(parts)) if parts else _EMPTY

    def newest_first(self, layer: str, since_ms: int, until_ms: int) -> Iterator[Fixes]:
        """Read whole files of the days touched, the youngest first; for building up `Latest`."""
        days = range(since_ms // DAY_MS, until_ms // DAY_MS + 1)
        paths = [path for day in days for path in self._day(layer, day).glob("*.parquet")]
        for path in sorted(paths, key=_number, reverse=True):
            yield _fixes(pq.read_table(path, schema=_SCHEMA, partitioning=None))

    def layers(self) -> list[str]:
        """Name the layers that have a history."""
        return sorted(path.name.partition("=")[2] for path in self._folder.glob("layer=*"))

    def _day(self, layer: str, day: int) -> Path:
        name = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
        return self._folder / f"layer={layer}" / f"date={name}"

    def _write(self, path: Path, fixes: Fixes, meta: dict[bytes, bytes] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table(
            {name: pa.array(np.ascontiguousarray(fixes[name])) for name in _SCHEMA.names},
            schema=_SCHEMA,
        ).replace_schema_metadata(meta)
        draft = path.with_suffix(".draft")
        pq.write_table(table, draft, compression="zstd", row_group_size=65_536)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
        sync_folder(path.parent)

    def _join(self, folder: Path, files: Sequence[Path], *, keep_s: int = 0) -> int:
        every = once(np.concatenate([_fixes(pq.read_table(path)) for path in files]))
        kept = _thinned(every, keep_s)
        target = folder / f"m-{max(map(_number, files)):09d}.parquet"
        sources = [path.name for path in files if path != target]
        self._write(
            target,
            kept,
            {_SOURCES: json.dumps(sources).encode(), b"keep_s": str(keep_s).encode()},
        )
        _delete([folder / name for name in sources])
        return len(every) - len(kept)

    def _settle(self) -> None:
        """Finish what a crash cut short: drop drafts, and sources of a finished merge."""
        _delete(self._folder.glob("layer=*/date=*/*.draft"))
        for merged in self._folder.glob("layer=*/date=*/m-*.parquet"):
            meta = pq.read_schema(merged).metadata or {}
            _delete(merged.parent / name for name in json.loads(meta.get(_SOURCES, b"[]")))


def once(fixes: Fixes) -> Fixes:
    """Sort fixes by object and time and keep each (object, instant) once."""
    ordered = fixes[np.lexsort((fixes["observed_ms"], fixes["oid"]))]
    same = (ordered["oid"][1:] == ordered["oid"][:-1]) & (
        ordered["observed_ms"][1:] == ordered["observed_ms"][:-1]
    )
    return ordered[np.concatenate([[True], ~same])] if len(ordered) else ordered


def _number(path: Path) -> int:
    return int(path.stem.partition("-")[2])


def _thinned(fixes: Fixes, keep_s: int) -> Fixes:
    if not keep_s or not len(fixes):
        return fixes
    span = fixes["observed_ms"] // (keep_s * 1000)
    first = (span[1:] != span[:-1]) | (fixes["oid"][1:] != fixes["oid"][:-1])
    kept: Fixes = fixes[np.concatenate([[True], first])]
    return kept


def _is_thin(files: Sequence[Path], keep_s: int) -> bool:
    if len(files) != 1:
        return not files
    meta = pq.read_schema(files[0]).metadata or {}
    return meta.get(b"keep_s") == str(keep_s).encode()


def _parts(folder: Path, span_ms: tuple[int, int], oid: int | None) -> Iterator[Fixes]:
    """Read a day's files; one merged away meanwhile is in the merge, which is read after it."""
    wanted = (pc.field("observed_ms") >= span_ms[0]) & (pc.field("observed_ms") <= span_ms[1])
    if oid is not None:
        wanted &= pc.field("oid") == oid
    left, done = sorted(folder.glob("*.parquet")), set[Path]()
    while left:
        for path in left:
            done.add(path)
            try:
                table = pq.read_table(path, filters=wanted, schema=_SCHEMA, partitioning=None)
            except FileNotFoundError:
                continue
            yield _fixes(table)
        left = sorted(set(folder.glob("*.parquet")) - done)


def _fixes(table: pa.Table) -> Fixes:
    fixes = np.empty(table.num_rows, dtype=FIX)
    for name in _SCHEMA.names:
        fixes[name] = table.column(name).to_numpy()
    return fixes


def _delete(paths: Iterator[Path] | Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
