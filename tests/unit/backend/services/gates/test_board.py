"""A leaf that leaves its place without a command is noticed; one that was told to is not."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.devices import Reading
from backend.services.gates.board import STILL_S, Strays
from tests.unit.backend.domain.test_gates import reading


def at(opening_m: float, *, seq: int = 5, running: str | None = None) -> Reading:
    return replace(reading(None, (opening_m, 0.0, 0.0), running=running), seq=seq)


def test_a_creeping_leaf_is_noticed_once_and_its_rest_too() -> None:
    strays = Strays()
    assert strays.look(at(0.0), 0) is None
    assert strays.look(at(0.01), 1) is None
    assert strays.look(at(0.02), 2) is True
    assert strays.look(at(0.05), 3) is None
    assert strays.look(at(0.05), 4) is None
    assert strays.look(at(0.05), 3 + STILL_S) is False
    assert strays.look(at(0.05), 4 + STILL_S) is None


def test_a_commanded_travel_and_its_last_stretch_are_no_stray() -> None:
    strays = Strays()
    assert strays.look(at(0.0), 0) is None
    assert strays.look(at(0.2, seq=7, running="cmd-1"), 1) is None
    assert strays.look(at(0.6, seq=7, running="cmd-1"), 2) is None
    assert strays.look(at(1.0, seq=9), 3) is None  # ended between two samples
    assert strays.look(at(1.0, seq=9), 4) is None


def test_a_hand_on_site_moves_the_sequence_on_and_is_no_stray() -> None:
    strays = Strays()
    strays.look(at(0.0), 0)
    assert strays.look(at(0.4, seq=6), 1) is None
