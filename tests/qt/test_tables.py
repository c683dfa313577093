"""Painted tables give their columns the room their words need."""

from __future__ import annotations

from widgets.tables import fitted


def test_a_column_that_would_cut_takes_what_others_can_spare() -> None:
    assert fitted([100, 100, 100], [50, 90, 80]) == [100, 100, 100]
    assert fitted([100, 100, 100], [140, 60, 100]) == [140, 60, 100]
    assert fitted([100, 100], [160, 70]) == [130, 70]  # too little for all: what there is
    assert sum(fitted([90, 60, 30], [150, 20, 10])) == 180
