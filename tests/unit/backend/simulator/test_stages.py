"""Leads go through their stages one after the other, and in all the stages keep their shares."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from backend.simulator.stock import make
from backend.simulator.table import whole, words_of
from tests.town import kind, world

NOON_S = datetime(2026, 7, 20, 4, tzinfo=UTC).timestamp()
DAY_S = 86_400.0
WORDS = ("lead_new", "lead_visited", "lead_confirmed", "lead_rectified")


@pytest.mark.parametrize("word", WORDS)
def test_a_lead_comes_to_the_next_stage_and_to_no_other(word: str) -> None:
    stock = make("housing", kind("housing", word), world())
    before = words_of(stock, NOON_S)[1]
    seen = [before]
    for day in range(1, 46):
        now = words_of(stock, NOON_S + day * DAY_S)[1]
        assert set(((now - before) % 4).tolist()) <= {0, 1}
        before = now
        seen.append(now)
    assert all(set(column.tolist()) == {0, 1, 2, 3} for column in np.array(seen).T)
    assert np.array_equal(seen[-1], seen[0])


def test_the_stages_keep_their_shares() -> None:
    stocks = [make("housing", kind("housing", word), world()) for word in WORDS]
    for day in (0, 3, 11, 29):
        told = [words_of(stock, NOON_S + day * DAY_S)[1] for stock in stocks]
        found = np.bincount(np.concatenate(told), minlength=4)
        wanted = np.array([len(stock.ids) for stock in stocks])
        assert np.abs(found - wanted).max() < 0.2 * wanted.min()


def test_a_description_names_the_stage_of_its_moment() -> None:
    stock = make("housing", kind("housing", "lead_new"), world())
    for at_s in (NOON_S, NOON_S + 20 * DAY_S):
        words, stage = words_of(stock, at_s)
        assert whole(stock, at_s).column("kind").to_pylist() == [words[one] for one in stage]
