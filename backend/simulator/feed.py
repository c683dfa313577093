"""Hand the city to the service as any feed would: signed in, in small batches, try again later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from backend_client.client import Client
from backend_client.contract.clock import Clock
from backend_client.contract.events import Intake
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.errors import Refused, SignedOut, Unreachable

T = TypeVar("T")

ACCOUNT = "feed"
ROWS = 1_000
_LOG = structlog.get_logger("city")


class Feed:
    """Send rows, fixes and events; a method tells whether the service took them."""

    def __init__(self, url: str, credentials: Path, clock: Clock) -> None:
        self._client = Client(url, clock)
        self._credentials = credentials
        self._up: bool | None = None

    def rows(self, layer: str, rows: Sequence[FeatureIn]) -> bool:
        """Put rows of a layer in batches."""
        return all(self._try(partial(self._put, layer, part)) for part in cut(rows, ROWS))

    def fixes(self, layer: str, fixes: Sequence[PositionIn]) -> bool:
        """Post fixes in batches."""
        return all(self._try(partial(self._post, layer, part)) for part in cut(fixes, ROWS))

    def event(self, intake: Intake) -> bool:
        """Hand one event in; the same one again is the same event."""
        return self._try(lambda: self._client.intake(intake))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _put(self, layer: str, rows: Sequence[FeatureIn]) -> None:
        made = self._client.upsert(layer, Upsert(features=tuple(rows)))
        for no in made.rejected:
            _LOG.warning("row refused", layer=layer, id=rows[no.index].id, why=no.en)

    def _post(self, layer: str, fixes: Sequence[PositionIn]) -> None:
        made = self._client.send_positions(Fixes(layer=layer, fixes=tuple(fixes)))
        for no in made.rejected:
            _LOG.warning("fix refused", layer=layer, id=fixes[no.index].id, why=no.en)

    def _try(self, send: Callable[[], object]) -> bool:
        """Send once; sign in first where needed. What was not taken is drawn again later."""
        try:
            if self._client.person is None:
                self._sign_in()
            try:
                send()
            except SignedOut:
                self._sign_in()
                send()
        except Unreachable as error:
            self._say(up=False, why=str(error))
            return False
        except Refused as error:
            _LOG.warning("refused", why=str(error), where=error.problem.where)
            return error.problem.status < 500 and not isinstance(error, SignedOut)
        self._say(up=True, why="")
        return True

    def _sign_in(self) -> None:
        known = json.loads(self._credentials.read_text(encoding="utf-8"))
        password = next(one["password"] for one in known if one["account"] == ACCOUNT)
        self._client.sign_in(ACCOUNT, password)

    def _say(self, *, up: bool, why: str) -> None:
        if up != self._up:
            self._up = up
            _LOG.info("service answers" if up else "service does not answer", why=why)


def cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut rows into batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
