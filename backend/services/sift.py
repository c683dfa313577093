"""Which rows of a feed's batch are taken, and why the others are not; whole columns at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pydantic_core import from_json

from backend.analytics import figures
from backend.domain.arrays import (
    I64,
    Array,
    Bools,
    is_like,
    lengths,
    missing,
    numbers,
    pairs,
    texts,
)
from backend.storage.features import milliseconds
from backend_client.contract.feature import Rejection

May = Callable[[str, str], bool]

OWNERS: Final[Mapping[str, str]] = {
    "party": "D03",
    "economy": "D12",
    "grid": "D06",
    "requests": "D41",
    "housing": "D23",
    "services": "D42",
    "health": "D31",
    "police": "D16",
    "emergency": "D33",
    "hazmat": "D33",
    "fire": "D54",
    "transport": "D26",
    "urban": "D25",
    "water": "D27",
    "environment": "D22",
    "utilities": "D23",
}
"""The leading department of each layer, as the layer files of the console name it."""
DEFAULT_OWNER: Final = "D41"
PROPERTIES_BYTES: Final = 16_384
PROPERTIES: Final = 64
_ID: Final = r"^[^\x00-\x1f/?#]{1,64}$"
_NAME: Final = r"^[^\x00]{0,200}$"  # no database of ours but one keeps a zero character
_SCOPE: Final = {"region": r"^[0-9A-Z]{4,12}$", "department": r"^D[0-9]{2}$"}
_parse = partial(from_json, allow_inf_nan=False)


def owner_of(layer: str) -> str:
    """Name the department that owns a layer's objects when the feed does not."""
    return OWNERS.get(layer, DEFAULT_OWNER)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused, and how to see it in the column of that name."""

    where: str
    zh: str
    en: str
    in_column: Callable[[Array], Bools] = lambda column: np.zeros(len(column), np.bool_)

    def at(self, index: int) -> Rejection:
        """Say it of one row."""
        return Rejection(index=index, where=self.where, zh=self.zh, en=self.en)


def sift(
    batch: pa.RecordBatch, layer: str, *, may: May, latest: datetime
) -> tuple[I64, list[Rejection]]:
    """Part good rows from refused ones.

    Args:
        batch: columns of `contract.rows`.
        layer: the layer they are for.
        may: whether the feed may write to a region and department.
        latest: the last instant an observation is believed.

    Returns:
        The good rows, and why each other one is refused.
    """
    columns: dict[str, Array] = {name: batch.column(name) for name in batch.schema.names}
    faults = [fault for fault in _FAULTS if fault.where in columns]
    masks = [fault.in_column(columns[fault.where]) for fault in faults]
    observed_ms = numbers(columns["observed_ms"])
    faults += [HALF_PLACE, AHEAD]
    masks += [_half_placed(columns, batch.num_rows), observed_ms > milliseconds(latest)]
    if "region" in columns:
        faults.insert(0, NOT_YOURS)
        masks.insert(0, _foreign(columns, owner_of(layer), may))
    return name_faults(faults, masks, batch.num_rows)


def name_faults(
    faults: Sequence[Fault], masks: Sequence[Bools], count: int
) -> tuple[I64, list[Rejection]]:
    """Give the rows without a fault, and of each other row the first fault of the table."""
    found = np.full(count, -1)
    for place in range(len(faults) - 1, -1, -1):
        found[masks[place]] = place
    bad = np.flatnonzero(found >= 0)
    rejected = [
        faults[place].at(index)
        for index, place in zip(bad.tolist(), found[bad].tolist(), strict=True)
    ]
    return np.flatnonzero(found < 0), rejected


def _unlike(pattern: str, column: Array) -> Bools:
    return ~is_like(column, pattern)


def _unlike_if_given(pattern: str, column: Array) -> Bools:
    return ~is_like(column, pattern) & ~missing(column)


def _beyond(limit: float, column: Array) -> Bools:
    """Mark what is given and no number within ± limit; NaN is none."""
    return ~(np.abs(numbers(column)) <= limit) & ~missing(column)


def _longer(letters: int, column: Array) -> Bools:
    return ~(lengths(column) <= letters)


def _over_state(column: Array) -> Bools:
    return numbers(column) > 4


def _before_1970(column: Array) -> Bools:
    return ~(numbers(column) >= 0)


def _too_many_bytes(column: Array) -> Bools:
    return lengths(column, in_bytes=True) > PROPERTIES_BYTES


def _not_fields(column: Array) -> Bools:
    """Mark what is not one JSON object of at most 64 well-named fields.

    All rows are parsed at one stroke; only when one of them is bad are they looked at singly.
    """
    rows = texts(column.fill_null("{}"))
    try:
        parsed = list(map(_parse, rows))
        names = set().union(*parsed) if set(map(type, parsed)) <= {dict} else {""}
    except (ValueError, TypeError):
        names = {""}
    if _are_ids(names) and (not parsed or max(map(len, parsed)) <= PROPERTIES):
        return np.zeros(len(rows), np.bool_)
    return np.array([not _are_fields(text) for text in rows], np.bool_)


def _are_fields(text: str) -> bool:
    try:
        fields = _parse(text)
    except ValueError:
        return False
    return isinstance(fields, dict) and len(fields) <= PROPERTIES and _are_ids(set(fields))


def _are_ids(names: set[str]) -> bool:
    return not names or not _unlike(_ID, pa.array(sorted(names), pa.string())).any()


def _half_placed(columns: Mapping[str, Array], count: int) -> Bools:
    if "lon" not in columns:
        return np.zeros(count, np.bool_)
    return missing(columns["lon"]) ^ missing(columns["lat"])


def _foreign(columns: Mapping[str, Array], owner: str, may: May) -> Bools:
    """Mark the rows whose region and department the feed may not write to."""
    region = columns["region"].fill_null("")
    department = columns.get("department", pa.nulls(len(region), pa.string())).fill_null(owner)
    well_named = is_like(region, _SCOPE["region"]) & is_like(department, _SCOPE["department"])
    words, codes = pairs(region, department)
    barred = np.zeros(max(len(words), 1), np.bool_)
    for code in np.unique(codes[well_named]).tolist():
        barred[code] = not may(*words[code])
    return np.asarray(barred[codes], np.bool_)


NOT_YOURS: Final = Fault(
    "region", "该地区或部门不归此数据源。", "Region or department is not yours."
)
UNKNOWN: Final = Fault("id", "图层中没有该编号的对象。", "The layer has no object of this id.")
AHEAD: Final = Fault("observed_at", "观测时间在未来。", "Observed in the future.")
HALF_PLACE: Final = Fault(
    "lon", "经度和纬度须同时给出。", "Give both longitude and latitude, or neither."
)
_FAULTS: Final = (
    Fault(
        "id",
        "编号缺失、过长或含非法字符。",
        "The id is missing, over 64 letters, or holds one of / ? # or a control character.",
        partial(_unlike, _ID),
    ),
    Fault(
        "kind",
        "类别缺失、过长或含非法字符。",
        "The kind is missing, over 64 letters, or holds one of / ? # or a control character.",
        partial(_unlike, _ID),
    ),
    Fault(
        "name",
        "名称缺失、超过 200 字或含空字符。",
        "No name, over 200 letters, or a zero character.",
        partial(_unlike, _NAME),
    ),
    Fault("lon", "经度不在 ±180 度内。", "Longitude is not -180 to 180.", partial(_beyond, 180)),
    Fault("lat", "纬度不在 ±90 度内。", "Latitude is not -90 to 90.", partial(_beyond, 90)),
    Fault(
        "region",
        "地区编码应为 4 至 12 位数字或大写字母。",
        "A region code has 4 to 12 digits or capitals.",
        partial(_unlike, _SCOPE["region"]),
    ),
    Fault(
        "department",
        "部门编号应为 D 加两位数字。",
        "A department is D and two digits.",
        partial(_unlike_if_given, _SCOPE["department"]),
    ),
    Fault("state", "状态应为 0 至 4。", "A state is 0 to 4.", _over_state),
    Fault("value", "数值不是有限的数。", "The value is not finite.", partial(_beyond, 1e300)),
    Fault("observed_ms", "观测时间缺失或早于 1970 年。", "Not observed since 1970.", _before_1970),
    Fault("properties", "属性过大，至多 16 KB。", "Properties are over 16 KB.", _too_many_bytes),
    Fault(
        "properties",
        "属性不是 JSON 对象，或多于 64 项。",
        "Properties are not one JSON object of at most 64 fields.",
        _not_fields,
    ),
    Fault(
        "shape",
        "图形不完整、超出范围或没有面积。",
        "The shape is not whole, off the globe, or encloses nothing.",
        figures.faulty,
    ),
)
