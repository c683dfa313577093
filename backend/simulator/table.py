"""From stocks to batches of the wide door: whole rows once, readings of what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Final

import numpy as np
import pyarrow as pa

from backend.simulator.ground import F64, I64
from backend.simulator.kinds import U8, Column, Stock
from backend.simulator.people import phones
from backend.simulator.stock import owners_of
from backend_client.contract.rows import TYPES

_DEMO: Final = "（演示）"
_PLAIN: Final = {int, float, bool, type(None)}
_json: Final = json.JSONEncoder(ensure_ascii=False).encode


def values(stock: Stock, at_s: float) -> tuple[F64, U8]:
    """Give every object's value, NaN where there is none, and its state."""
    kind = stock.kind
    value = kind.value(stock, at_s) if kind.value else np.full(stock.size, np.nan)
    state = kind.state(stock, value, at_s) if kind.state else np.zeros(stock.size, np.uint8)
    return value, state


def words_of(stock: Stock, at_s: float) -> tuple[Sequence[str], I64]:
    """Give the words there are, and which of them each object is told as."""
    if stock.kind.words is not None:
        return stock.kind.words(stock, at_s)
    return (stock.kind.word,), np.zeros(stock.size, np.int64)


def whole(stock: Stock, at_s: float) -> pa.RecordBatch:
    """Describe all objects of a stock, places and properties included."""
    value, state = values(stock, at_s)
    words, stage = words_of(stock, at_s)
    placed, moving = stock.placed, np.full(stock.size, stock.kind.fleet is not None)
    regions = [town.region for town in stock.world.ground.towns]
    departments = [department for _region, department in owners_of(stock.kind, stock.world)]
    columns: dict[str, pa.Array[pa.Scalar[pa.DataType]]] = {
        "id": stock.ids,
        "kind": _words(words, stage),
        "name": pa.array(_names(stock), pa.string()),
        "lon": pa.array(placed.lon, mask=moving),
        "lat": pa.array(placed.lat, mask=moving),
        "region": _words(regions, placed.town),
        "department": _words(departments, stock.owner),
        **_told(value, state, at_s),
        "properties": pa.array(_properties(stock), pa.string()),
    }
    if not placed.shapes.is_none:
        at = pa.array(placed.shapes.at.astype(np.int32), pa.int32())
        columns["shape"] = pa.ListArray.from_arrays(at, pa.array(placed.shapes.data, pa.int32()))
    return pa.record_batch(list(columns.values()), names=list(columns))


def readings(stock: Stock, rows: I64, value: F64, state: U8, *, at_s: float) -> pa.RecordBatch:
    """Tell the values and states of objects the layer knows."""
    columns = {"id": stock.ids.take(rows), **_told(value[rows], state[rows], at_s)}
    return pa.record_batch(list(columns.values()), names=list(columns))


def _told(value: F64, state: U8, at_s: float) -> dict[str, pa.Array[pa.Scalar[pa.DataType]]]:
    return {
        "state": pa.array(state, TYPES["state"]),
        "value": pa.array(value, TYPES["value"], mask=~np.isfinite(value)),
        "observed_ms": pa.array(np.full(value.size, round(at_s * 1000)), TYPES["observed_ms"]),
    }


def _words(words: Sequence[str], at: I64) -> pa.StringArray:
    return pa.array(words, pa.string()).take(at)


def _names(stock: Stock) -> list[str]:
    kind = stock.kind
    if kind.names is not None:
        return kind.names(stock)
    end = _DEMO if kind.official else ""
    towns, numbers = stock.towns("name"), stock.number.tolist()
    return [f"{town}{kind.name}{n + 1}{end}" for town, n in zip(towns, numbers, strict=True)]


def _properties(stock: Stock) -> list[str]:
    kind = stock.kind
    own: Mapping[str, Column] = kind.fields(stock) if kind.fields else {}
    columns: dict[str, Column] = {
        "generated": True,
        "name_en": [f"{kind.name_en} {number + 1}" for number in stock.number.tolist()],
        "contact": [f"{town}值班" for town in stock.towns("name")],
        "phone": phones(stock),
        **own,
    }
    return spell({key: _plain(column) for key, column in columns.items()}, stock.size)


def _plain(column: Column) -> Column:
    """Give Python values; whole numbers without a point."""
    if not isinstance(column, np.ndarray):
        return column
    if column.dtype.kind == "f" and np.array_equal(column, np.round(column)):
        return column.astype(np.int64).tolist()  # type: ignore[no-any-return]
    return column.tolist()  # type: ignore[no-any-return]


def spell(columns: Mapping[str, Column], count: int) -> list[str]:
    """Write JSON objects column by column, many times faster than one by one."""
    parts: list[list[str]] = []
    pattern: list[str] = []
    for key, column in columns.items():
        if isinstance(column, str | float | int | bool):
            pattern.append(f'"{key}":{_json(column)}'.replace("%", "%%"))
        else:
            pattern.append(f'"{key}":%s')
            parts.append(_each(list(column)))
    line = "{" + ",".join(pattern) + "}"
    if not parts:
        return [line.replace("%%", "%")] * count
    return [line % row for row in zip(*parts, strict=True)]


def _each(column: list[object]) -> list[str]:
    """Write each value as JSON: numbers in one go, anything else one by one."""
    if {type(value) for value in column} <= _PLAIN:
        return _json(column)[1:-1].split(", ")
    return [encode_basestring(v) if isinstance(v, str) else _json(v) for v in column]
