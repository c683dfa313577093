"""Everything that can go wrong between a caller and the service.

    ClientError
    ├── Refused            the service said no; `problem` says what, where, what to do
    │   └── SignedOut      401: no token, an expired one, or a sign-in that failed
    ├── Unreachable        no answer: network, time-out, a service that is not up
    │   ├── BadReply       an answer that is not of the contract (captive portal, too large)
    │   └── Untrusted      the certificate is out of its time or of an unknown issuer
    └── BadFileError       a file of the user's cannot be read at all (bad rows are no error)

A `Refused` is shown, an `Unreachable` becomes a state, anything else is a bug.
"""

from __future__ import annotations

from backend_client.contract.base import Language, Text
from backend_client.contract.problem import Problem


class ClientError(Exception):
    """Say in both languages what happened and what to do."""

    def __init__(self, what: Text, todo: Text) -> None:
        super().__init__(f"{what.en} {todo.en}")
        self.what = what
        self.todo = todo

    def say(self, language: Language) -> str:
        """Give the whole sentence in one language."""
        return f"{self.what.say(language)} {self.todo.say(language)}"


class Refused(ClientError):  # noqa: N818  # the word of the house
    """The service understood and said no."""

    def __init__(self, problem: Problem, *, retry_after_s: float | None = None) -> None:
        super().__init__(problem.what, problem.todo)
        self.problem = problem
        self.retry_after_s = retry_after_s


class SignedOut(Refused):
    """Nobody is signed in, or the sign-in is over."""


class Unreachable(ClientError):  # noqa: N818  # the word of the house
    """No answer came; what was asked may or may not have happened."""

    def __init__(
        self, what: Text, todo: Text | None = None, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(what, todo or WAIT)
        self.retry_after_s = retry_after_s


class BadReply(Unreachable):
    """Something answered, but not in the words of the contract."""


class Untrusted(Unreachable):
    """The service's certificate does not stand; nothing was sent."""


WAIT = Text(
    "程序会自动重连；若一直如此，请检查网络与服务。",
    "The program reconnects by itself; if this stays, check the network and the service.",
)


class BadFileError(ClientError):
    """A file of the user's is none we can read, or has nothing we can use."""
