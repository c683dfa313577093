"""Hand the city to the service as any feed would: in small batches, again when not taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

import structlog

from backend.simulator.link import Link
from backend_client.contract.events import Intake
from backend_client.contract.feature import FeatureIn, Rejection, Upsert
from backend_client.contract.feeds import FeedIn, FeedList
from backend_client.contract.item import Head
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.contract.rows import FixRows, Rows

T = TypeVar("T")

ROWS = 1_000
FIXES = 5_000
_LOG = structlog.get_logger("city")


class Feed:
    """Send rows, fixes and events over a line; each method tells whether they were taken."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def register(self, feeds: dict[str, FeedIn]) -> bool:
        """Say which feeds there are and who brings them."""
        told = FeedList(feeds=feeds)
        return self._link.send(partial(self._link.client.register_feeds, told)) is not None

    def counts(self) -> dict[str, int] | None:
        """Ask how many objects the service has of each layer."""
        found = self._link.send(self._link.client.layers)
        return {one.layer: one.count for one in found.layers} if found else None

    def rows(self, layer: str, rows: Sequence[FeatureIn], feed: str = "") -> bool:
        """Put rows of a layer in batches."""
        return all(
            self._link.send(partial(self._put, layer, part, feed)) for part in cut(rows, ROWS)
        )

    def wide(self, layer: str, rows: Rows) -> bool:
        """Put a wide batch."""
        return bool(self._link.send(partial(self._put_wide, layer, rows)))

    def remove(self, layer: str, ids: Sequence[str]) -> bool:
        """Take objects out of a layer."""
        gone = Upsert(remove=tuple(ids))
        return bool(self._link.send(partial(self._link.client.upsert, layer, gone)))

    def fixes(self, layer: str, fixes: Sequence[PositionIn], feed: str = "") -> bool:
        """Post fixes in batches."""
        return all(
            self._link.send(partial(self._post, layer, part, feed)) for part in cut(fixes, FIXES)
        )

    def wide_fixes(self, fixes: FixRows) -> bool:
        """Post a wide batch of fixes."""
        return bool(self._link.send(partial(self._post_wide, fixes)))

    def event(self, intake: Intake) -> Head | None:
        """Hand one event in; the same one again is the same event."""
        return self._link.send(partial(self._link.client.intake, intake))

    def _put(self, layer: str, rows: Sequence[FeatureIn], feed: str) -> bool:
        made = self._link.client.upsert(layer, Upsert(features=tuple(rows), feed=feed))
        _say_refused(layer, feed, made.rejected)
        return True

    def _put_wide(self, layer: str, rows: Rows) -> bool:
        made = self._link.client.put_rows(layer, rows)
        _say_refused(layer, rows.feed, made.rejected)
        return True

    def _post_wide(self, fixes: FixRows) -> bool:
        made = self._link.client.send_fix_rows(fixes)
        _say_refused(fixes.layer, fixes.feed, made.rejected)
        return True

    def _post(self, layer: str, fixes: Sequence[PositionIn], feed: str) -> bool:
        told = Fixes.model_construct(layer=layer, feed=feed, fixes=tuple(fixes))
        made = self._link.client.send_positions(told)
        _say_refused(layer, feed, made.rejected)
        return True


def _say_refused(layer: str, feed: str, rejected: Sequence[Rejection]) -> None:
    if rejected:
        why = rejected[0].en
        _LOG.warning("rows refused", layer=layer, feed=feed, count=len(rejected), why=why)


def cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut rows into batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
