"""Columns as JSON objects, one text a row, without a Python object per cell."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from backend_client.importing.part import Column
from backend_client.importing.part import compute as pc

_NUMBER: Final = r"^-?(0|[1-9]\d{0,8})(\.\d{1,9})?$"  # ten digits and more are phones and codes
_HIDDEN: Final = r"[\x00-\x1f]"


def objects(columns: Mapping[str, Column], count: int) -> Column:
    """Give one JSON object a row; a cell without a value is left out.

    Args:
        columns: cells by key.
        count: how many rows there are.
    """
    parts = [
        pc.binary_join_element_wise(pa.scalar(json.dumps(key, ensure_ascii=False)), value, ":")
        for key, value in ((key, _values(column)) for key, column in columns.items())
    ]
    if not parts:
        return pa.array(["{}"] * count, pa.string())
    if len(parts) == 1:  # joining a single column drops its nulls' rows
        joined = parts[0].fill_null("")
    else:
        joined = pc.binary_join_element_wise(*parts, ",", null_handling="skip")
    return pc.binary_join_element_wise("{", joined, "}", "")


def _values(column: Column) -> Column:
    if isinstance(column, pa.DictionaryArray):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _texts(pc.cast(column, pa.string()))
    if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_floating(column.type):
        return pc.cast(pc.if_else(pc.is_finite(column), column, None), pa.string())
    if pa.types.is_temporal(column.type):
        return _texts(pc.cast(column, pa.string()))
    return pa.array([_spelled(cell) for cell in column.to_pylist()], pa.string())


def _texts(column: Column) -> Column:
    hidden = pc.any(pc.match_substring_regex(column, _HIDDEN)).as_py()
    if hidden:
        return pa.array([_spelled(cell) for cell in column.to_pylist()], pa.string())
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    quoted = pc.binary_join_element_wise('"', escaped, '"', "")
    return pc.if_else(pc.match_substring_regex(column, _NUMBER), column, quoted)


def _spelled(cell: object) -> str | None:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return json.dumps(cell, ensure_ascii=False, default=str, allow_nan=False)
