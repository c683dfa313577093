"""The sky in one line, read off the weather layer's own columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from app.weather import weather_of
from backend_client.contract.columns import FeatureBlock, empty_features

NAN = float("nan")


def sky(*rows: tuple[str, float], at_s: int = 1_000) -> FeatureBlock:
    kinds = ("echo", "station", "warning")
    count = len(rows)
    zeros: dict[str, Any] = {
        name: np.zeros(count, getattr(empty_features("weather"), name).dtype)
        for name in ("lon_e7", "lat_e7", "state", "region")
    }
    return replace(
        empty_features("weather"),
        version=3,
        kinds=kinds,
        regions=("3206",),
        oid=np.arange(1, count + 1, dtype=np.uint32),
        kind=np.array([kinds.index(kind) for kind, _ in rows], np.uint8),
        value=np.array([value for _, value in rows], np.float32),
        observed_s=np.arange(at_s, at_s + count, dtype=np.uint32),
        **zeros,
    )


def test_warnings_in_force_come_by_colour_the_gravest_first() -> None:
    found = weather_of(sky(("warning", 4.0), ("warning", NAN), ("warning", 2.0), ("warning", 4.0)))
    assert found is not None
    assert list(found.warnings.items()) == [(2, 1), (4, 2)]
    assert found.rain_mm_h is None
    assert found.measured_s == 1_003


def test_the_heaviest_rain_and_the_mean_wind() -> None:
    found = weather_of(sky(("echo", 0.0), ("echo", 12.5), ("station", 4.0), ("station", 6.0)))
    assert found is not None
    assert (found.rain_mm_h, found.wind_ms) == (12.5, 5.0)
    assert not found.warnings


def test_no_layer_no_weather() -> None:
    assert weather_of(empty_features("weather")) is None
