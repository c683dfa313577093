"""One account's line to the service, signed in when needed; what fails is for the next turn."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.errors import BadFileError, SignedOut

T = TypeVar("T")
USUAL = "feed"


@dataclass(slots=True)
class Line:
    """Speak to one service as one account.

    Args:
        url: the service.
        credentials: the file of accounts.
        account: who speaks.
        usual: who instead, where a service knows no such account.
    """

    url: str
    credentials: Path
    account: str
    clock: Clock
    usual: str = ""
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.url, self.clock)

    def say(self, call: Callable[[Client], T]) -> T:
        """Ask, signing in first where that is needed.

        Raises:
            BadFileError: the file of accounts lacks the account.
            Refused: the service says no.
            Unreachable: it does not answer.
        """
        if self.client.person is None:
            self._sign_in()
        try:
            return call(self.client)
        except SignedOut:
            self._sign_in()
            return call(self.client)

    def stands_in(self) -> bool:
        """Tell whether the usual account speaks, for the file has none of the channel's own.

        Raises:
            BadFileError: the file of accounts cannot be read.
        """
        return bool(self.usual) and self.account not in self._passwords()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _sign_in(self) -> None:
        known = self._passwords()
        account = self.account if self.account in known else self.usual
        if account not in known:
            raise BadFileError(
                Text(
                    f"账号文件 {self.credentials} 中没有 {self.account}。",
                    f"The file of accounts {self.credentials} has no {self.account}.",
                ),
                Text(
                    "用 --credentials 指明账号文件，用 --account 指明账号。",
                    "Name the file with --credentials, the account with --account.",
                ),
            )
        self.client.sign_in(account, known[account])

    def _passwords(self) -> dict[str, str]:
        try:
            lines = json.loads(self.credentials.read_text(encoding="utf-8"))
            return {str(one["account"]): str(one["password"]) for one in lines}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFileError(
                Text(
                    f"读不了账号文件 {self.credentials}。",
                    f"The file of accounts {self.credentials} cannot be read.",
                ),
                Text("用 --credentials 指明它。", "Name it with --credentials."),
            ) from error
