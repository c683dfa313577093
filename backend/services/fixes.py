"""Fixes as columns: from every door the same, checked at one stroke, put together for readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from backend.domain.arrays import F64, I64, Array, Bools, integers, missing, numbers, texts
from backend.services.sift import Fault, name_faults
from backend.storage.columns import Layer
from backend.storage.features import milliseconds
from backend.storage.journal import FIX, Fixes
from backend.storage.views import Sight
from backend_client.contract.columns import E7, FixBlock
from backend_client.contract.feature import Rejection
from backend_client.contract.positions import PositionIn
from backend_client.contract.rows import FIX_TYPES

AHEAD_MS: Final = 60_000
BEHIND_MS: Final = 24 * 3_600_000
TOP_KMH: Final = 400
_UNKNOWN: Final = Fault("id", "未登记的移动对象。", "No such moving object is registered.")
_NOT_YOURS: Final = Fault("id", "该对象不归此数据源。", "The object is not yours.")
_NO_TIME: Final = Fault("observed_ms", "缺少观测时间。", "The time of observation is missing.")
_AHEAD: Final = Fault("observed_at", "观测时间在未来。", "Observed over 60 s in the future.")
_BEHIND: Final = Fault("observed_at", "观测时间早于 24 小时前。", "Observed over 24 h ago.")
_LON: Final = Fault("lon", "经度不在 ±180 度内。", "Longitude is not -180 to 180.")
_LAT: Final = Fault("lat", "纬度不在 ±90 度内。", "Latitude is not -90 to 90.")
_SPEED: Final = Fault("speed_kmh", "速度应为 0 至 400 km/h。", "Speed is not 0 to 400 km/h.")
_HEADING: Final = Fault("heading_deg", "方向应为 0 至 360 度。", "Heading is not 0 to 360.")
_STATE: Final = Fault("state", "状态应为 0 至 4。", "A state is 0 to 4.")


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """Good fixes in their order, and why the others are refused.

    Shape: fixes (n,); `observed_ms` of every row that came, those refused included.
    """

    fixes: Fixes
    rejected: list[Rejection]
    observed_ms: I64


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """One layer's part of an answer: what moved, and what left the reader's sight."""

    layer: str
    fixes: Fixes
    sight: Sight
    removed: npt.NDArray[np.uint32]


def batch_of_fixes(fixes: Sequence[PositionIn]) -> pa.RecordBatch:
    """Write fixes of the contract as columns of the contract."""
    lists: dict[str, list[Any]] = {
        "id": [fix.id for fix in fixes],
        "lon": [fix.lon for fix in fixes],
        "lat": [fix.lat for fix in fixes],
        "speed_kmh": [fix.speed_kmh for fix in fixes],
        "heading_deg": [fix.heading_deg for fix in fixes],
        "state": [fix.state for fix in fixes],
        "observed_ms": [milliseconds(fix.observed_at) for fix in fixes],
    }
    return pa.record_batch(
        {name: pa.array(values, FIX_TYPES[name]) for name, values in lists.items()}
    )


def sift_fixes(
    batch: pa.RecordBatch, memory: Layer | None, *, may: Callable[[str, str], bool], now_ms: int
) -> Sifted:
    """Part good fixes from refused ones.

    Args:
        batch: columns of `contract.rows.FIX_TYPES`.
        memory: the layer's columns, None when it has none.
        may: whether the feed may report objects of a region and department.
        now_ms: the service's time.
    """
    ids = texts(batch.column("id").fill_null(""))
    oid = memory.moving(ids) if memory else np.zeros(len(ids), np.int64)
    observed_ms = integers(batch.column("observed_ms").fill_null(0))
    lon, lat = (numbers(batch.column(name)) for name in ("lon", "lat"))
    speed, heading, state = (_given(batch, name) for name in ("speed_kmh", "heading_deg", "state"))
    checks = (
        (_UNKNOWN, oid == 0),
        (_NOT_YOURS, _foreign(memory, oid, may)),
        (_NO_TIME, missing(batch.column("observed_ms"))),
        (_AHEAD, observed_ms - now_ms > AHEAD_MS),
        (_BEHIND, observed_ms - now_ms < -BEHIND_MS),
        (_LON, ~(np.abs(lon) <= 180)),
        (_LAT, ~(np.abs(lat) <= 90)),
        (_SPEED, ~((speed >= 0) & (speed <= TOP_KMH))),
        (_HEADING, ~((heading >= 0) & (heading < 360))),
        (_STATE, ~(state <= 4)),
    )
    faults, masks = zip(*checks, strict=True)
    good, rejected = name_faults(faults, masks, len(ids))
    fixes = np.empty(len(good), dtype=FIX)
    columns = {"oid": oid, "speed_kmh": speed, "heading_deg": heading, "state": state}
    columns |= {"lon_e7": np.rint(lon * E7), "lat_e7": np.rint(lat * E7)}
    for name, column in columns.items():
        fixes[name] = column[good]
    fixes["observed_ms"], fixes["received_ms"] = observed_ms[good], now_ms
    return Sifted(fixes, rejected, observed_ms)


def without_doubles(fixes: Fixes) -> Fixes:
    """Keep the first of equal (object, instant), in the order they came."""
    order = np.lexsort((fixes["observed_ms"], fixes["oid"]))
    ordered = fixes[order]
    again = np.zeros(len(fixes), np.bool_)
    again[1:] = (ordered["oid"][1:] == ordered["oid"][:-1]) & (
        ordered["observed_ms"][1:] == ordered["observed_ms"][:-1]
    )
    kept: Fixes = fixes[np.sort(order[~again])]
    return kept


def block_of(parts: Sequence[Moved], seq: int, epoch: str) -> FixBlock:
    """Put the layers' parts of an answer into one block; each part is sorted by object."""
    kinds, kind = _recoded([(part.sight.kinds, part.sight.kind) for part in parts])
    regions, region = _recoded([(part.sight.regions, part.sight.region) for part in parts])
    fixes = np.concatenate([np.empty(0, dtype=FIX), *(part.fixes for part in parts)])
    none = np.empty(0, np.uint32)
    layers = np.arange(len(parts), dtype=np.uint8)
    names = ("oid", "lon_e7", "lat_e7", "state", "speed_kmh", "heading_deg", "observed_ms")
    return FixBlock(
        seq=seq,
        epoch=epoch,
        layers=tuple(part.layer for part in parts),
        kinds=kinds,
        regions=regions,
        layer=np.repeat(layers, [len(part.fixes) for part in parts]),
        kind=kind.astype(np.uint8),
        region=region.astype(np.uint16),
        removed=np.concatenate([none, *(part.removed for part in parts)]),
        removed_layer=np.repeat(layers, [len(part.removed) for part in parts]),
        **{name: np.ascontiguousarray(fixes[name]) for name in names},
    )


def _recoded(
    parts: Sequence[tuple[tuple[str, ...], npt.NDArray[np.integer[Any]]]],
) -> tuple[tuple[str, ...], I64]:
    """Number the words of several parts anew, only those that occur."""
    used = [[words[code] for code in np.unique(codes).tolist()] for words, codes in parts]
    words = tuple(dict.fromkeys(word for part in used for word in part))
    place = {word: index for index, word in enumerate(words)}
    tables = [np.array([place.get(word, 0) for word in own] or [0]) for own, _ in parts]
    coded = [table[codes] for table, (_, codes) in zip(tables, parts, strict=True)]
    return words, np.concatenate([np.empty(0, np.int64), *coded])


def _given(batch: pa.RecordBatch, name: str) -> F64:
    """Give a column that may be absent or hold nulls; both mean 0."""
    if name not in batch.schema.names:
        return np.zeros(batch.num_rows)
    column: Array = batch.column(name)
    return numbers(column.fill_null(0))


def _foreign(memory: Layer | None, oid: I64, may: Callable[[str, str], bool]) -> Bools:
    if memory is None:
        return np.zeros(len(oid), np.bool_)
    scopes = memory.scopes(oid)
    allowed = {scope: scope is not None and may(*scope) for scope in set(scopes)}
    return np.array([not allowed[scope] for scope in scopes], np.bool_)
