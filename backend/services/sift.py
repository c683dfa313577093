"""Which rows of a feed's batch are taken, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend_client.contract.feature import FeatureIn, Rejection

OWNERS: Final[Mapping[str, str]] = {"water": "D27", "hazmat": "D33", "requests": "D41"}
DEFAULT_OWNER: Final = "D41"
PROPERTIES_BYTES: Final = 16_384


def owner_of(layer: str) -> str:
    """Name the department that owns a layer's objects when the feed does not."""
    return OWNERS.get(layer, DEFAULT_OWNER)


def sift(
    rows: Sequence[tuple[int, FeatureIn]],
    layer: str,
    *,
    may: Callable[[str, str], bool],
    latest: datetime,
) -> tuple[list[FeatureIn], list[Rejection]]:
    """Part good rows from refused ones.

    Args:
        rows: each row with its place in the batch.
        layer: the layer they are for.
        may: whether the feed may write to a region and department.
        latest: the last instant an observation is believed.
    """
    good: list[FeatureIn] = []
    refused: list[Rejection] = []
    for index, row in rows:
        fault = next((one for one in _FAULTS if one.applies(row)), None)
        if row.observed_at > latest:
            fault = fault or _AHEAD
        if not may(row.region, row.department or owner_of(layer)):
            fault = _NOT_YOURS
        if fault is None:
            good.append(row)
        else:
            refused.append(fault.at(index))
    return good, refused


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why one row is refused."""

    where: str
    zh: str
    en: str
    applies: Callable[[FeatureIn], bool] = lambda _row: False

    def at(self, index: int) -> Rejection:
        return Rejection(index=index, where=self.where, zh=self.zh, en=self.en)


_NOT_YOURS = _Fault("region", "该地区或部门不归此数据源。", "Region or department is not yours.")
_AHEAD = _Fault("observed_at", "观测时间在未来。", "Observed in the future.")
_FAULTS = (
    _Fault(
        "lon",
        "经度和纬度须同时给出。",
        "Give both longitude and latitude, or neither.",
        lambda row: (row.lon is None) != (row.lat is None),
    ),
    _Fault(
        "observed_at",
        "观测时间早于 1970 年。",
        "Observed before 1970.",
        lambda row: row.observed_at.year < 1970,
    ),
    _Fault(
        "properties",
        "属性过大，至多 16 KB。",
        "Properties are over 16 KB.",
        lambda row: len(row.properties) > 0 and len(str(row.properties)) > PROPERTIES_BYTES,
    ),
)
