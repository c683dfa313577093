"""Who drives moves smoothly, as fast as it says, on land, and only in its shift."""

from __future__ import annotations

import numpy as np
import pytest

from backend.simulator import layers, movers
from backend.simulator.ground import KM_LAT, KM_LON
from backend.simulator.kinds import Stock
from backend.simulator.stock import make
from tests.town import ground, kind, world

NOON_S = 1_784_520_000.0  # 2026-07-20 12:00 in Nantong
NIGHT_S = NOON_S + 14 * 3600
FLEETS = [
    (table.layer, one.word)
    for table in layers.load()
    for one in table.kinds
    if one.fleet is not None
]


def stock_of(layer: str, word: str) -> Stock:
    """Make a small fleet."""
    return make(layer, kind(layer, word), world(0.02))


@pytest.mark.parametrize(("layer", "word"), FLEETS)
def test_tracks_have_no_jumps(layer: str, word: str) -> None:
    stock = stock_of(layer, word)
    fleet = stock.kind.fleet
    assert fleet is not None
    found = movers.due(stock, NOON_S, NOON_S + 600)
    assert found.row.size
    assert (np.diff(found.at_ms) >= 0).all()
    order = np.lexsort((found.at_ms, found.row))
    same = np.diff(found.row[order]) == 0
    span_s = np.diff(found.at_ms[order]) / 1000
    far_m = 1000 * np.hypot(np.diff(found.lon[order]) * KM_LON, np.diff(found.lat[order]) * KM_LAT)
    assert np.allclose(span_s[same] % fleet.fix_s, 0, atol=0.11) or fleet.fix_s < 1
    assert (far_m[same] <= fleet.kmh * 1.35 / 3.6 * span_s[same] + 20).all()
    assert found.speed_kmh.max() <= fleet.kmh * 1.4
    assert ((found.heading_deg >= 0) & (found.heading_deg < 360)).all()


def test_headings_point_where_the_track_goes() -> None:
    stock = stock_of("transport", "bus")
    found = movers.due(stock, NOON_S, NOON_S + 300)
    order = np.lexsort((found.at_ms, found.row))
    row, speed = found.row[order], found.speed_kmh[order]
    east = np.diff(found.lon[order]) * KM_LON
    north = np.diff(found.lat[order]) * KM_LAT
    steady = (np.diff(row) == 0) & (speed[1:] > 5) & (speed[:-1] > 5)
    straight = steady & (np.abs(np.diff(found.heading_deg[order])) < 1)
    off = (np.degrees(np.arctan2(east, north)) - found.heading_deg[order][1:] + 180) % 360 - 180
    assert straight.sum() > 50
    assert (np.abs(off[straight]) < 25).mean() > 0.95


@pytest.mark.parametrize(("layer", "word"), [row for row in FLEETS if row[1] != "patrol_boat"])
def test_vehicles_stay_on_land(layer: str, word: str) -> None:
    found = movers.due(stock_of(layer, word), NOON_S, NOON_S + 60)
    share = (ground().town_at(found.lon, found.lat) >= 0).mean()
    # Named roads are drawn by hand and pass bridges and the city's edge: some fixes lie outside.
    assert share > (0.85 if stock_of(layer, word).kind.fleet.steps == 0 else 0.99)  # type: ignore[union-attr]


def test_fixes_do_not_depend_on_how_time_is_cut() -> None:
    stock = stock_of("police", "patrol_car")
    whole = movers.due(stock, NOON_S, NOON_S + 60)
    parts = [movers.due(stock, NOON_S + s, NOON_S + min(s + 7, 60)) for s in range(0, 60, 7)]
    for name in ("row", "at_ms", "lon", "lat", "speed_kmh", "heading_deg"):
        cut = np.concatenate([getattr(part, name) for part in parts])
        assert (np.sort(cut) == np.sort(getattr(whole, name))).all()
    keys = list(zip(whole.row.tolist(), whole.at_ms.tolist(), strict=True))
    assert len(set(keys)) == len(keys)


def test_who_is_off_duty_stands_still_and_says_little() -> None:
    stock = stock_of("grid", "grid_worker")
    assert movers.on_duty(stock, NOON_S).mean() > 0.95
    assert movers.on_duty(stock, NIGHT_S).mean() < 0.05
    day, night = (movers.due(stock, at_s, at_s + 300) for at_s in (NOON_S, NIGHT_S))
    assert night.row.size < day.row.size / 10
    assert (night.speed_kmh == 0).all()


def test_the_next_shift_begins_where_the_last_one_ended() -> None:
    stock = stock_of("grid", "grid_worker")
    evening = movers.due(stock, NIGHT_S, NIGHT_S + 1_500)
    morning = movers.due(stock, NIGHT_S + 3 * 3600, NIGHT_S + 3 * 3600 + 1_500)
    for row in np.intersect1d(evening.row, morning.row)[:20]:
        a, b = np.flatnonzero(evening.row == row)[0], np.flatnonzero(morning.row == row)[0]
        assert abs(evening.lon[a] - morning.lon[b]) < 1e-4
        assert abs(evening.lat[a] - morning.lat[b]) < 1e-4
