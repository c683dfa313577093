from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend.imports.ahead import KEPT, ahead, together


def test_items_come_in_order_and_are_made_ahead() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    got = ahead(source())
    assert next(got) == 0
    for _ in range(200):
        if len(made) > KEPT:
            break
        threading.Event().wait(0.01)
    assert KEPT < len(made) <= KEPT + 2
    assert list(got) == list(range(1, 20))


def test_what_the_source_raises_is_raised_here() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    got = ahead(source())
    assert next(got) == 1
    with pytest.raises(ValueError, match="broken"):
        next(got)


def test_leaving_early_ends_the_thread() -> None:
    got = ahead(iter(range(1_000_000)))
    next(got)
    got.close()  # type: ignore[attr-defined]  # it is a generator
    assert not [one for one in threading.enumerate() if one.name == "ahead"]


def test_two_are_worked_on_together_and_come_in_order() -> None:
    both = threading.Barrier(2, timeout=10)

    def work(number: int) -> int:
        both.wait()  # passes only when two are at work at once
        return number * 10

    assert list(together(work, iter(range(8)))) == [number * 10 for number in range(8)]


def test_what_breaks_is_raised_after_what_came_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    got = together(lambda number: number, source())
    assert [next(got), next(got)] == [1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(got)

    def work(number: int) -> int:
        if number == 1:
            raise KeyError(number)
        return number

    got = together(work, iter(range(5)))
    assert next(got) == 0
    with pytest.raises(KeyError):
        next(got)


def test_leaving_two_at_a_time_leaves_no_thread() -> None:
    got = together(lambda number: number, iter(range(1_000_000)))
    next(got)
    got.close()  # type: ignore[attr-defined]  # it is a generator
    left = [one.name for one in threading.enumerate()]
    assert not [name for name in left if name.startswith(("ahead", "together"))]
