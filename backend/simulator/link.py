"""One account's line to the service: signed in when needed, tried once, never in a hurry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from backend_client.client import Client
from backend_client.contract.clock import Clock
from backend_client.errors import Refused, SignedOut, Unreachable

T = TypeVar("T")

_WAIT_S = 60.0
_LOG = structlog.get_logger("city")


class Link:
    """Send as one account; what was not taken is the caller's to send again.

    Args:
        account: whose name all is done in.
        before: whose instead, with a service set up before that account was one of the first.
    """

    def __init__(
        self, url: str, credentials: Path, clock: Clock, *, account: str, before: str = ""
    ) -> None:
        self.client = Client(url, clock)
        self._credentials, self._clock = credentials, clock
        self._account, self._before = account, before
        self._up: bool | None = None
        self._again_s = 0.0

    def send(self, call: Callable[[], T]) -> T | None:
        """Send once; None when the service is away or refuses.

        A refused sign-in is not repeated for a minute: others use the service too, and so many
        failures would lock the account.
        """
        try:
            return self._signed(call)
        except Unreachable as error:
            self._say(up=False, why=str(error))
        except Refused as error:
            _LOG.warning("refused", account=self._account, why=str(error))
        return None

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _signed(self, call: Callable[[], T]) -> T | None:
        if self.client.person is None and not self._sign_in():
            return None
        try:
            made = call()
        except SignedOut:
            if not self._sign_in():
                return None
            made = call()
        self._say(up=True, why="")
        return made

    def _sign_in(self) -> bool:
        if self._clock.steady_s() < self._again_s:
            return False
        known = self._passwords()
        if self._account not in known and self._before in known:
            self._account = self._before
        try:
            self.client.sign_in(self._account, known[self._account])
        except Refused:
            self._again_s = self._clock.steady_s() + _WAIT_S
            raise
        return True

    def _passwords(self) -> dict[str, str]:
        lines = json.loads(self._credentials.read_text(encoding="utf-8"))
        return {str(one["account"]): str(one["password"]) for one in lines}

    def _say(self, *, up: bool, why: str) -> None:
        if up != self._up:
            self._up = up
            said = "service answers" if up else "service does not answer"
            _LOG.info(said, account=self._account, why=why)
