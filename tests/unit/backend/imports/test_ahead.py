from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend.imports.ahead import KEPT, ahead


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
