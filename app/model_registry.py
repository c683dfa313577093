"""Asks the service about learned models through the console's own client and threads."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.send import ask, once
from app.models import Failed
from app.reach import Reach
from backend_client.contract.models import ModelLine, ModelList, RollBack


class ReachRegistry:
    """Ask the service through the console's own client and threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def read(self, told: Callable[[ModelList], None], failed: Failed) -> None:
        """Read every model; nobody signed in reads nothing."""
        if self._reach.client.person is not None:
            ask(self._reach, self._reach.client.models, told, failed)

    def learn(self, name: str, told: Callable[[ModelLine], None], failed: Failed) -> None:
        """Have one learn soon; a read-only seat asks for nothing."""
        once(self._reach, lambda: self._reach.client.teach_model(name), told, failed)

    def roll_back(
        self, name: str, reason: str, told: Callable[[ModelLine], None], failed: Failed
    ) -> None:
        """Go back to what was in use before; a read-only seat does not."""
        body = RollBack(reason=reason)
        once(self._reach, lambda: self._reach.client.roll_back_model(name, body), told, failed)
