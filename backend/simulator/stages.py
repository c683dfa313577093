"""What goes through stages: an object that has come to the next one is described anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from backend.simulator.feed import Feed
from backend.simulator.kinds import LayerTable, Stock, World
from backend.simulator.sources import feeds_of
from backend.simulator.stock import make, run_of
from backend.simulator.table import whole, words_of
from backend_client.contract.rows import Rows

EVERY_S: Final = 60.0
_BACK_S: Final = 86_400.0
"""A city begun anew says again what moved on so lately: nobody said it while it was down."""


class Stages:
    """Watch the kinds whose objects move on, and tell those that did."""

    def __init__(self, world: World, feed: Feed, tables: Sequence[LayerTable]) -> None:
        self._feed = feed
        self._stocks = [
            make(table.layer, kind, world)
            for table in tables
            for kind in table.kinds
            if kind.words is not None
        ]
        self._told_s: float | None = None

    def step(self, at_s: float) -> None:
        """Tell once a minute what moved on since; all of it again when it was not taken."""
        since_s = at_s - _BACK_S if self._told_s is None else self._told_s
        if self._told_s is not None and at_s - since_s < EVERY_S:
            return
        if all(self._tell(stock, since_s, at_s) for stock in self._stocks):
            self._told_s = at_s

    def _tell(self, stock: Stock, since_s: float, at_s: float) -> bool:
        rows = np.flatnonzero(words_of(stock, at_s)[1] != words_of(stock, since_s)[1]).tolist()
        if not rows:
            return True
        table = pa.Table.from_batches([whole(run_of(stock, row, row + 1), at_s) for row in rows])
        batch = table.combine_chunks().to_batches()[0]
        return self._feed.wide(stock.layer, Rows(batch, feeds_of(stock)[0]))
