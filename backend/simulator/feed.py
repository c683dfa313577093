"""Hand the city to the service as any feed would: in small batches, again when not taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

import structlog

from backend.simulator.link import Link
from backend_client.contract.events import Intake
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.item import Head
from backend_client.contract.positions import Fixes, PositionIn

T = TypeVar("T")

ROWS = 1_000
_LOG = structlog.get_logger("city")


class Feed:
    """Send rows, fixes and events over a line; each method tells whether they were taken."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def rows(self, layer: str, rows: Sequence[FeatureIn]) -> bool:
        """Put rows of a layer in batches."""
        return all(self._link.send(partial(self._put, layer, part)) for part in cut(rows, ROWS))

    def fixes(self, layer: str, fixes: Sequence[PositionIn]) -> bool:
        """Post fixes in batches."""
        return all(self._link.send(partial(self._post, layer, part)) for part in cut(fixes, ROWS))

    def event(self, intake: Intake) -> Head | None:
        """Hand one event in; the same one again is the same event."""
        return self._link.send(partial(self._link.client.intake, intake))

    def _put(self, layer: str, rows: Sequence[FeatureIn]) -> bool:
        made = self._link.client.upsert(layer, Upsert(features=tuple(rows)))
        for no in made.rejected:
            _LOG.warning("row refused", layer=layer, id=rows[no.index].id, why=no.en)
        return True

    def _post(self, layer: str, fixes: Sequence[PositionIn]) -> bool:
        made = self._link.client.send_positions(Fixes(layer=layer, fixes=tuple(fixes)))
        for no in made.rejected:
            _LOG.warning("fix refused", layer=layer, id=fixes[no.index].id, why=no.en)
        return True


def cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut rows into batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
