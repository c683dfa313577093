"""Single cells as the contract has them: instants, levels, names of regions and departments."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

import numpy as np
import pyarrow as pa

from backend_client.importing.part import I64, Column, Mask
from backend_client.importing.part import compute as pc

CHINA: Final = timezone(timedelta(hours=8))
_DATE: Final = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?(?:\.\d+)?秒?)?$"
)
_COMPACT: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$")  # police systems
_EPOCH: Final = re.compile(r"^\d{9,10}(\.\d+)?$|^\d{12,13}$")
LEVELS: Final[Mapping[str, int]] = {
    **{str(level): level for level in range(5)},
    "正常": 0,
    "normal": 0,
    "无": 0,
    "I": 1,
    "Ⅰ": 1,
    "Ⅰ级": 1,
    "一级": 1,
    "红": 1,
    "红色": 1,
    "red": 1,
    "II": 2,
    "Ⅱ": 2,
    "Ⅱ级": 2,
    "二级": 2,
    "橙": 2,
    "橙色": 2,
    "orange": 2,
    "III": 3,
    "Ⅲ": 3,
    "Ⅲ级": 3,
    "三级": 3,
    "黄": 3,
    "黄色": 3,
    "yellow": 3,
    "IV": 4,
    "Ⅳ": 4,
    "Ⅳ级": 4,
    "四级": 4,
    "蓝": 4,
    "蓝色": 4,
    "blue": 4,
}


def as_text(column: Column) -> Column:
    """Give a column as trimmed text; blank and absent are the same."""
    if isinstance(column, pa.DictionaryArray):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        whole = pc.equal(column, pc.floor(column))
        ints = pc.cast(pc.if_else(whole, column, None), pa.int64(), safe=False)
        column = pc.coalesce(pc.cast(ints, pa.string()), pc.cast(column, pa.string()))
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def by_unique(column: Column, read: Callable[[str], str | int | None]) -> tuple[list[object], Mask]:
    """Read each different text once.

    Returns:
        The value of each row, None where the cell is empty, and which cells could not be read.
    """
    coded = column.dictionary_encode()
    words = [str(word) for word in coded.dictionary.to_pylist()]
    made: list[object] = [read(word) for word in words]
    index = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    bad = np.array([*(value is None for value in made), False])
    made.append(None)
    return [made[place] for place in index.tolist()], bad[index]


def instants(column: Column, default_ms: int) -> tuple[I64, Mask]:
    """Read instants; a time without a zone is China's, an empty cell the default.

    Returns:
        Milliseconds since 1970 UTC, and which cells are no instant.
    """
    if pa.types.is_timestamp(column.type):
        return _stamps(column, default_ms)
    read, bad = by_unique(as_text(column), instant)
    return np.array([default_ms if one is None else one for one in read], np.int64), bad


def _stamps(column: Column, default_ms: int) -> tuple[I64, Mask]:
    offset_ms = 0 if column.type.tz else int(timedelta(hours=8).total_seconds() * 1000)
    stamps = pc.cast(pc.cast(column, pa.timestamp("ms"), safe=False), pa.int64())
    made = np.asarray(stamps.fill_null(default_ms + offset_ms).to_numpy(), np.int64) - offset_ms
    return made, np.zeros(made.size, np.bool_)


def instant(text: str, zone: tzinfo = CHINA) -> int | None:
    """Read one instant; a time without a zone is of the zone given.

    Returns:
        Milliseconds since 1970 UTC, None when it is no instant.
    """
    if found := _COMPACT.match(text):
        text = "{}-{}-{}T{}:{}:{}".format(*found.groups())
    if _EPOCH.match(text):
        number = float(text)
        return round(number if number > 1e11 else number * 1000)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        found = _DATE.match(text)
        if found is None:
            return None
        try:
            at = datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]  # six numbers
        except ValueError:
            return None
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    return round((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def level(text: str) -> int | None:
    """Read a state: 0 normal, 1 to 4 as level I to IV."""
    return LEVELS.get(text, LEVELS.get(text.lower()))


def numbers(column: Column) -> tuple[Column, Mask]:
    """Read numbers.

    Returns:
        Numbers with null where a cell is empty, and which cells are no finite number.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        made = pc.cast(column, pa.float64())
    else:
        text = as_text(column)
        try:
            made = pc.cast(text, pa.float64())
        except pa.ArrowInvalid:
            made = pa.array([_number(cell) for cell in text.to_pylist()], pa.float64())
    bad = pc.invert(pc.is_finite(made)).fill_null(False)
    return made, np.asarray(bad.to_numpy(zero_copy_only=False), np.bool_)


def _number(cell: str | None) -> float | None:
    if cell is None:
        return None
    try:
        return float(cell)
    except ValueError:
        return math.nan
