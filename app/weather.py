"""The sky in one line: warnings in force by colour, the heaviest rain, the wind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend_client.contract.base import Text
from backend_client.contract.columns import FeatureBlock

LAYER: Final = "weather"
COLOURS: Final[Mapping[int, Text]] = {
    1: Text("红色预警", "red warning"),
    2: Text("橙色预警", "orange warning"),
    3: Text("黄色预警", "yellow warning"),
    4: Text("蓝色预警", "blue warning"),
}
"""The four colours of weather warnings in force in China; a colour is no response level."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What the weather layer says now; None where nothing was measured.

    Args:
        warnings: how many are in force, by colour, the gravest first.
        rain_mm_h: the heaviest rain anywhere.
        wind_ms: the mean of the stations.
        measured_s: when the newest value was, seconds since 1970 UTC.
    """

    warnings: Mapping[int, int] = field(default_factory=dict)
    rain_mm_h: float | None = None
    wind_ms: float | None = None
    measured_s: int = 0


def weather_of(block: FeatureBlock) -> Weather | None:
    """Read the weather off its layer; None when there is none."""
    if not block.oid.size:
        return None
    values = {
        kind: found[np.isfinite(found)]
        for number, kind in enumerate(block.kinds)
        for found in (block.value[block.kind == number],)
    }
    none = np.empty(0, np.float32)
    colours = np.rint(values.get("warning", none)).astype(int).tolist()
    rain, wind = values.get("echo", none), values.get("station", none)
    return Weather(
        warnings={one: colours.count(one) for one in COLOURS if one in colours},
        rain_mm_h=float(rain.max()) if rain.size else None,
        wind_ms=float(wind.mean()) if wind.size else None,
        measured_s=int(block.observed_s.max()),
    )
