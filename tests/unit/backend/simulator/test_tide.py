"""The tide model: right rhythm, right order of ranges, windows that are really low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.simulator.tide import Site, curve, level_m, observed_m, residual_m, site_for, windows

START = datetime(2026, 11, 1, tzinfo=UTC)
TSG = site_for("长江", 120.75, 32.03)
LUSI = site_for("黄海", 121.62, 32.08)
YANGKOU = site_for("黄海", 120.98, 32.60)


def _turns(site: Site, days: int = 15) -> tuple[list[float], int]:
    levels = [level_m(site, START + timedelta(minutes=5 * i)) for i in range(days * 288)]
    pairs = zip(levels, levels[1:], levels[2:], strict=False)
    return levels, sum(1 for a, b, c in pairs if a < b >= c)


@pytest.mark.parametrize("site", [TSG, LUSI, YANGKOU])
def test_tide_is_semi_diurnal(site: Site) -> None:
    _, highs = _turns(site)
    assert highs in {28, 29, 30}  # 15 d / 12.42 h = 29


def test_range_grows_from_the_river_to_yangkou() -> None:
    spans = [max(v) - min(v) for v in (_turns(s)[0] for s in (TSG, LUSI, YANGKOU))]
    assert spans == sorted(spans)
    assert 1.8 < spans[0] < 3.6
    assert 4.0 < spans[2] < 8.0


def test_levels_stay_plausible_over_a_year() -> None:
    for site, low, high in ((TSG, 0.5, 5.6), (LUSI, -1.5, 5.8), (YANGKOU, -2.0, 6.8)):
        year = [level_m(site, START + timedelta(hours=3 * i)) for i in range(2922)]
        assert low < min(year)
        assert max(year) < high


def test_inland_water_has_no_tide() -> None:
    site = site_for("somewhere", 120.47, 32.54)
    assert abs(level_m(site, START) - level_m(site, START + timedelta(hours=6))) < 0.01


def test_windows_lie_below_the_margin_and_between_them_the_tide_is_above() -> None:
    spans = windows(LUSI, 2.5, START, hours=26)
    assert 2 <= len(spans) <= 3
    for start, end in spans:
        middle = start + (end - start) / 2
        assert level_m(LUSI, middle) <= 2.4
    between = spans[0][1] + (spans[1][0] - spans[0][1]) / 2
    assert level_m(LUSI, between) > 2.4


def test_no_window_when_the_inner_water_is_too_low_and_one_when_always_above() -> None:
    assert windows(LUSI, -5.0, START) == ()
    ((start, end),) = windows(LUSI, 9.0, START, hours=2)
    assert (start, end) == (START, START + timedelta(hours=2, minutes=1))


def test_residual_is_seeded_and_small() -> None:
    assert residual_m(START, seed=7) == residual_m(START, seed=7)
    assert residual_m(START, seed=7) != residual_m(START, seed=8)
    for hour in range(500):
        assert abs(residual_m(START + timedelta(hours=hour), seed=7)) <= 0.15
    assert observed_m(TSG, START, seed=7) == pytest.approx(
        level_m(TSG, START) + residual_m(START, seed=7)
    )


def test_curve_is_what_level_says() -> None:
    points = curve(TSG, START, hours=1, step_min=10)
    assert len(points) == 7
    assert points[3] == (START + timedelta(minutes=30), round(level_m(TSG, points[3][0]), 3))
