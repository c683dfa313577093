"""Where county names and chips of the plain map go when they would lie over each other."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from maps.chips import free_place

WANTED = QRectF(100, 100, 80, 60)


def test_a_free_place_is_the_wanted_one() -> None:
    assert free_place(WANTED, [QRectF(300, 300, 80, 60)], 20) == WANTED


def test_what_is_taken_is_left_alone_and_the_way_is_short() -> None:
    taken = [QRectF(100, 60, 80, 60)]
    found = free_place(WANTED, taken, 20)
    assert found is not None
    assert not any(found.intersects(one) for one in taken)
    assert found == WANTED.translated(0, 20)


def test_where_all_is_taken_there_is_no_place() -> None:
    assert free_place(WANTED, [QRectF(0, 0, 600, 600)], 20) is None
