"""Cells count what brute force counts and stand where the ground says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from maps.cells import count_cells
from maps.ground import inside
from maps.growth import grow
from tests.unit.maps.flocks import COUNTIES, block, box, scatter

CITY = box(120.0, 31.5, 122.3, 32.9)
ALL = np.ones(256, np.bool_)


@pytest.mark.parametrize("metres", [256.0, 2048.0, 16384.0])
def test_cells_hold_what_lies_in_them(metres: float) -> None:
    flock = grow(None, scatter(4_000), COUNTIES)
    cells = count_cells(flock, CITY, metres, ALL)
    whole = flock.xy[inside(flock.xy, CITY)]
    keys = np.floor(whole / metres).astype(int)
    wanted = Counter(map(tuple, keys.tolist()))
    found = dict(zip(map(tuple, cells.key.tolist()), cells.count.tolist(), strict=True))
    for key, count in wanted.items():
        assert found[key] >= count  # at the window's edge a cell counts all it holds
    assert sum(found.values()) >= len(whole)
    grave = flock.state > 0
    assert cells.abnormal.sum() == grave[inside(flock.xy, CITY)].sum()
    for key, worst in zip(cells.key.tolist(), cells.worst.tolist(), strict=True):
        own = flock.state[(np.floor(flock.xy / metres).astype(int) == key).all(axis=1)]
        bad = own[own > 0]
        assert worst == (int(bad.min()) if bad.size else 0)


def test_a_cell_counts_the_same_from_every_window() -> None:
    flock = grow(None, scatter(4_000), COUNTIES)
    first = count_cells(flock, CITY, 4096.0, ALL)
    known = {
        tuple(k): (int(n), int(w))
        for k, n, w in zip(first.key.tolist(), first.count, first.worst, strict=True)
    }
    for east in np.linspace(0.0, 0.4, 9):
        part = count_cells(flock, box(120.7 + east, 31.9, 121.1 + east, 32.3), 4096.0, ALL)
        for key, count, worst in zip(part.key.tolist(), part.count, part.worst, strict=True):
            assert known[tuple(key)] == (int(count), int(worst))


def test_everyday_work_is_in_a_cell_but_not_its_abnormal_ones() -> None:
    made = block([(121.0 + 0.0001 * i, 32.1) for i in range(4)], state=[0, 4, 4, 2])
    cells = count_cells(grow(None, made, COUNTIES, {"hotline": (4,)}), CITY, 8192.0, ALL)
    assert (cells.count.sum(), cells.abnormal.sum(), cells.worst.max()) == (4, 1, 2)
    made = replace(made, version=4, state=np.array([0, 4, 0, 0], np.uint8))
    cells = count_cells(grow(None, made, COUNTIES, {"hotline": (4,)}), CITY, 8192.0, ALL)
    assert (cells.abnormal.sum(), cells.worst.max()) == (0, 0)


def test_only_the_wanted_kinds_are_counted() -> None:
    places = [(121.0 + 0.0001 * i, 32.1) for i in range(9)]
    made = block(places, kinds=("hotline", "web"), kind=[0, 1] * 4 + [0], state=[0, 2] * 4 + [0])
    flock = grow(None, made, COUNTIES)
    wanted = ALL.copy()
    wanted[1] = False
    cells = count_cells(flock, CITY, 8192.0, wanted)
    assert cells.count.sum() == 5
    assert cells.abnormal.sum() == 0


def test_an_object_alone_in_its_cell_is_named() -> None:
    made = block([(121.0, 32.1), (121.5, 32.1), (121.5001, 32.1)], state=[0, 0, 0])
    flock = grow(None, made, COUNTIES)
    cells = count_cells(flock, CITY, 4096.0, ALL)
    alone = cells.alone[cells.alone >= 0]
    assert flock.oid[alone].tolist() == [1]
    assert sorted(cells.count.tolist()) == [1, 2]


def test_the_middle_lies_among_its_objects() -> None:
    flock = grow(None, scatter(3_000), COUNTIES)
    cells = count_cells(flock, CITY, 8192.0, ALL)
    corner = cells.key * cells.metres
    assert (cells.middle >= corner - 1).all()
    assert (cells.middle <= corner + cells.metres + 1).all()
