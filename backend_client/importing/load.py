"""Bring a file into a layer: read, shape, send, count; the same file again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from backend_client.contract.base import Text
from backend_client.contract.feature import Upserted
from backend_client.contract.rows import MOST_BYTES, MOST_ROWS, Rows
from backend_client.errors import BadFileError
from backend_client.importing import words
from backend_client.importing.notes import told
from backend_client.importing.opening import open_file
from backend_client.importing.part import Fault, Source
from backend_client.importing.places import to_wgs84
from backend_client.importing.regions import Regions
from backend_client.importing.report import Report
from backend_client.importing.rows import Meaning, Shaped, Shaper
from backend_client.importing.wish import Progress, Wish

Put = Callable[[str, Rows], Upserted]
Ahead = Callable[[Iterator[tuple[Shaped, float]]], Iterator[tuple[Shaped, float]]]

LAYER: Final = re.compile(r"^[a-z][a-z0-9_]{1,31}$")
REPORT: Final = ".rejected.csv"
_STEM: Final = re.compile(r"[\x00-\x20/?#]")
_DOOR: Final = Text("服务拒收：{}", "The service refused it: {}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be imported, and what its columns were taken for."""

    wish: Wish
    source: Source
    meaning: Meaning


def open_wish(wish: Wish) -> Opened:
    """Open a file and find what its columns mean.

    Raises:
        BadFileError: the file or the wish cannot be used.
    """
    source = open_file(wish.path)
    found = words.match(source.columns, wish.columns, placed=source.has_geometry)
    _check_layer(wish.layer)
    stem = _STEM.sub("_", wish.path.stem)[:40] or "row"
    meaning = Meaning(
        found=found,
        keys=words.property_keys(source.columns, found),
        stem=stem,
        to_wgs84=to_wgs84(wish.crs, source.crs),
        default_ms=int(wish.path.stat().st_mtime) * 1000,
        scale=wish.scale,
        kind=wish.kind or wish.layer,
        region=wish.region,
        department=wish.department,
    )
    return Opened(wish, source, meaning)


def _check_layer(layer: str) -> None:
    if not layer:
        raise BadFileError(
            Text("还没有选图层。", "No layer is chosen yet."),
            Text("选择数据进入的图层。", "Choose the layer the rows go into."),
        )
    if not LAYER.match(layer):
        raise BadFileError(
            Text(f"图层名 {layer!r} 不对。", f"{layer!r} is no name of a layer."),
            Text("小写字母开头，如 water。", "Small letters, e.g. water."),
        )


def load(
    opened: Opened,
    put: Put,
    *,
    report: Path,
    stopped: Callable[[], bool] = lambda: False,
    version: int = -1,
    ahead: Ahead = iter,
) -> Iterator[Progress]:
    """Bring the file in, telling of each batch.

    Args:
        opened: the file and its meaning.
        put: hands one batch to the service.
        report: where rejected rows are written down.
        stopped: whether the person wants no more.
        version: the layer's version before.
        ahead: iterates over batches, perhaps making the next while one is sent.

    Raises:
        BadFileError: the file breaks before its first row.
        Refused: the service takes no such rows; what was taken stays.
        Unreachable: the service went away; running again goes on.
    """
    now, shaper, book = Progress(), Shaper(opened.meaning, Regions()), Report(report)
    try:
        for piece, done in ahead(_shaped(opened.source, shaper)):
            if stopped():
                break
            now, version = _send(opened, put, piece, book, now, version)
            now = replace(
                now,
                read=now.accepted + book.count,
                rejected=book.count,
                done=done,
                report=book.path if book.count else None,
            )
            yield now
    finally:
        book.close()
    notes = told(shaper.tally, opened.meaning, opened.source, stopped=stopped())
    yield replace(now, notes=notes, ended=True)


def _shaped(source: Source, shaper: Shaper) -> Iterator[tuple[Shaped, float]]:
    for part in source.parts():
        for piece in pieces(shaper.shape(part)):
            yield piece, part.done


def _send(
    opened: Opened, put: Put, piece: Shaped, book: Report, now: Progress, version: int
) -> tuple[Progress, int]:
    book.add(piece.faults)
    if piece.batch.num_rows == 0:
        return now, version
    made = put(opened.wish.layer, Rows(piece.batch, opened.wish.feed))
    book.add(_refused(piece, made))
    moved = made.version != version
    return (
        replace(
            now,
            accepted=now.accepted + made.accepted,
            batches=now.batches + 1,
            changed=now.changed + moved,
        ),
        made.version,
    )


def _refused(piece: Shaped, made: Upserted) -> Iterator[Fault]:
    for no in made.rejected:
        why = Text(_DOOR.zh.format(no.zh), _DOOR.en.format(no.en))
        yield Fault(int(piece.line[no.index]), no.where, "", why)


def pieces(shaped: Shaped) -> Iterator[Shaped]:
    """Cut a batch so that the door takes each."""
    batch = shaped.batch
    share = max(1, -(-batch.nbytes // (MOST_BYTES // 2)))
    step = max(1, min(MOST_ROWS, batch.num_rows // share))
    faults = shaped.faults
    for start in range(0, max(1, batch.num_rows), step):
        yield Shaped(batch.slice(start, step), shaped.line[start : start + step], faults)
        faults = ()
