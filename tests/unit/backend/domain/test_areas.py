"""An outline is judged by its numbers before any geometry is built."""

from __future__ import annotations

import pytest

from backend.domain import areas
from backend.domain.areas import BadAreaError, check_ring

GOOD = [(120.0, 32.0), (121.0, 32.0), (121.0, 33.0)]


def test_a_good_outline_passes_open_or_closed() -> None:
    check_ring(GOOD)
    check_ring([*GOOD, GOOD[0]])


def test_the_corner_at_fault_is_named() -> None:
    with pytest.raises(BadAreaError) as refused:
        check_ring([*GOOD, (200.0, 32.0)], where="area.ring")
    assert refused.value.where == "area.ring.3"


def test_swapped_places_are_recognised() -> None:
    with pytest.raises(BadAreaError, match="swapped"):
        check_ring([(lat, lon) for lon, lat in GOOD])


def test_a_province_is_too_wide() -> None:
    with pytest.raises(BadAreaError, match="spans"):
        check_ring([(100.0, 32.0), (121.0, 32.0), (121.0, 33.0)])


@pytest.mark.parametrize("made", [areas.crossing("121 32"), areas.empty(), areas.off_globe()])
def test_every_reason_is_said_in_both_languages(made: BadAreaError) -> None:
    assert made.text.zh
    assert str(made) == made.text.en
    assert made.where.startswith("area")
