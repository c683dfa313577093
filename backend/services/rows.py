"""Rows on their way into a layer: from every door the same columns, merged with what is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic_core import to_json

from backend.analytics import figures
from backend.domain.arrays import (
    F64,
    I64,
    Array,
    Bools,
    as_bytes,
    either,
    integers,
    missing,
    numbers,
    ragged,
    texts,
    unlike,
    words,
)
from backend.storage import features as table
from backend.storage.columns import Layer
from backend.storage.features import SHAPE, STORED, Chunk, Known, milliseconds
from backend.storage.unit import Unit
from backend_client.contract.feature import FeatureIn, Outline
from backend_client.contract.rows import TYPES
from backend_client.contract.shapes import AREA, LINE, encode

Columns = dict[str, Array]
May = Callable[[str, str], bool]

_DEFAULTS: Final[Mapping[str, object]] = {
    "name": "",
    "lon": None,
    "lat": None,
    "state": 0,
    "value": None,
    "properties": "{}",
    "feed": "",
}
_NONE_IS: Final = ("name", "state", "properties")
_FORMS: Final = {"line": LINE, "area": AREA}


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed told of one layer: checked rows, and the feed's id when it gave one."""

    batch: pa.RecordBatch
    feed: str = ""


@dataclass(frozen=True, eq=False)
class Merged:
    """Rows beside what is held of their objects, the newest row of each object only.

    `row` is each one's place in the batch; `older` are the rows with a newer neighbour.

    Shape: row, late and every column (n,); older (m,).
    """

    row: I64
    known: Known
    columns: Columns
    late: Bools
    older: I64

    @property
    def unknown(self) -> Bools:
        """Tell which objects are not there, or are there no more."""
        return np.asarray((self.known.oid == 0) | self.known.gone, np.bool_)

    @cached_property
    def fresh(self) -> Bools:
        """Tell which rows say something new about the present."""
        unknown = self.unknown
        if unknown.all():
            return ~self.late
        return ~self.late & (unknown | _differs(self.columns, self.known))

    @property
    def whole(self) -> Columns:
        """Give what there is to know of each object: as told, else as held."""
        return {**self.known.columns, **self.columns}


def batch_of(rows: Sequence[FeatureIn]) -> pa.RecordBatch:
    """Write objects of the contract as columns of the contract."""
    lists: dict[str, list[Any]] = {
        "id": [row.id for row in rows],
        "kind": [row.kind for row in rows],
        "name": [row.name for row in rows],
        "lon": [row.lon for row in rows],
        "lat": [row.lat for row in rows],
        "region": [row.region for row in rows],
        "department": [row.department for row in rows],
        "state": [row.state for row in rows],
        "value": [row.value for row in rows],
        "observed_ms": [milliseconds(row.observed_at) for row in rows],
        "properties": [to_json(row.properties).decode() for row in rows],
        "shape": [None if row.outline is None else shape_of(row.outline) for row in rows],
    }
    return pa.record_batch({name: pa.array(values, TYPES[name]) for name, values in lists.items()})


def shape_of(outline: Outline) -> npt.NDArray[np.int32]:
    """Write an outline in the contract's integers."""
    parts = [np.rint(np.array(part) * 1e7).astype(np.int32) for part in outline.parts]
    return encode(_FORMS[outline.form], parts)


def merge(unit: Unit, memory: Layer, told: Told, *, owner: str, also: Sequence[str] = ()) -> Merged:
    """Lay checked rows over what is held of their objects.

    Args:
        unit: open, so that nothing held changes meanwhile.
        memory: the layer's columns.
        told: rows that passed `sift`.
        owner: the department that owns what names none.
        also: columns to be read beside those that readings carry.
    """
    row, older = _newest(told.batch)
    given = _placed(told, row)
    names = list(dict.fromkeys([*(STORED if "kind" in given else ()), *given]))
    asked = list(dict.fromkeys([*names, *also]))
    known = table.known(unit.connection, memory.name, texts(given["id"]), asked)
    anchored = "shape" in given and "lon" not in told.batch.schema.names
    columns = {name: _merged(name, given, known, owner=owner) for name in names}
    if anchored:
        for name in ("lon", "lat"):
            columns[name] = either(given[name], known.columns[name])
    late = integers(columns["observed_ms"]) // 1000 < memory.observed_s(known.oid)
    return Merged(row, known, columns, late, older)


def barred(memory: Layer, oid: I64, may: May) -> Bools:
    """Tell which objects belong where the feed may not write; what is not there bars nobody."""
    scopes = memory.scopes(oid)
    allowed = {scope: scope is None or may(*scope) for scope in set(scopes)}
    return np.array([not allowed[scope] for scope in scopes], np.bool_)


def chunk_of(merged: Merged, oid: I64, rows: Bools) -> Chunk:
    """Give the chosen rows as they are to be kept; without outlines where there are none."""
    chosen, columns = np.flatnonzero(rows), dict(merged.columns)
    told, held = columns.get("shape"), merged.known.columns.get("shape")
    if told is not None and held is not None and told.null_count + held.null_count == 2 * len(told):
        del columns["shape"]
    if len(chosen) < len(rows):
        columns = {name: one.take(chosen) for name, one in columns.items()}
    return Chunk(oid[rows], columns)


def _newest(batch: pa.RecordBatch) -> tuple[I64, I64]:
    """Part the newest row of each object from older ones, both in the batch's order."""
    if batch.num_rows == 1:
        return np.zeros(1, np.int64), np.empty(0, np.int64)
    _, codes = words(batch.column("id"))
    order = np.lexsort((integers(batch.column("observed_ms")), codes))
    is_last = np.diff(codes[order], append=-1) != 0
    return np.sort(order[is_last]), np.sort(order[~is_last])


def _placed(told: Told, row: I64) -> Columns:
    """Take some rows' columns, outlines as bytes and with their anchor for a place."""
    taken = told.batch if len(row) == told.batch.num_rows else told.batch.take(row)
    given: Columns = {name: taken.column(name) for name in taken.schema.names}
    if told.feed:
        given["feed"] = pa.array([told.feed] * len(row), pa.string())
    if "shape" not in given:
        return given
    if given["shape"].null_count == len(row):
        given["shape"] = pa.nulls(len(row), SHAPE)
        for name in {"lon", "lat"} - given.keys():
            given[name] = pa.nulls(len(row), pa.float64())
        return given
    at, data = ragged(given["shape"])
    given["shape"] = as_bytes(at, data)
    bare = np.diff(at) > 0
    if "lon" in given:
        bare &= missing(given["lon"])
    spots = figures.anchors(figures.figures(at, data, np.flatnonzero(bare)))
    for place, name in enumerate(("lon", "lat")):
        degrees = np.full(len(row), np.nan)
        degrees[bare] = spots[:, place]
        anchors = pa.array(degrees, mask=~bare)
        given[name] = either(given[name], anchors) if name in given else anchors
    return given


def _merged(name: str, given: Columns, known: Known, *, owner: str) -> Array:
    """Give a column as it will be: what was told, else what is held, else what none means."""
    default = owner if name == "department" else _DEFAULTS.get(name)
    column = given.get(name)
    if column is None:
        column = known.columns[name]
        return column if default is None else _filled(column, default)
    return _filled(column, default) if name == "department" or name in _NONE_IS else column


def _filled(column: Array, default: object) -> Array:
    return column.fill_null(default) if column.null_count else column


def _differs(columns: Columns, known: Known) -> Bools:
    """Tell which rows say anything else than what is held."""
    differs = np.zeros(len(known.oid), np.bool_)
    for name, column in columns.items():
        differs |= unlike(column, known.columns[name])
    return differs


def values(told: Told, merged: Merged, oid: I64, keeps: Bools) -> tuple[I64, I64, F64]:
    """Give the values measured of some objects that are not held yet, older ones too.

    Args:
        told: the batch.
        merged: its newest rows.
        oid: the objects of those.
        keeps: which of the objects have their values kept.

    Returns:
        Object, milliseconds since 1970 and value of each.
    """
    _, code = words(told.batch.column("id"))
    object_of = np.zeros(int(code.max(initial=0)) + 1, np.int64)
    is_kept = np.zeros(len(object_of), np.bool_)
    object_of[code[merged.row]], is_kept[code[merged.row]] = oid, keeps
    value = numbers(told.batch.column("value"))
    wanted = is_kept[code] & ~np.isnan(value)
    wanted[merged.row] &= merged.fresh | merged.late
    rows = np.flatnonzero(wanted)
    return object_of[code[rows]], integers(told.batch.column("observed_ms"))[rows], value[rows]
