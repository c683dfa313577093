"""The learned models as the service last told of them, and what a supervisor asks of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.models import ModelLine, ModelList
from backend_client.errors import ClientError, Refused

FRESH_S: Final = 15.0
_FORBIDDEN: Final = 403
Done = Callable[[], None]
Failed = Callable[[Exception], None]


class Registry(Protocol):
    """Whoever can ask the service about models."""

    def read(self, told: Callable[[ModelList], None], failed: Failed) -> None:
        """Read every model."""
        ...

    def learn(self, name: str, told: Callable[[ModelLine], None], failed: Failed) -> None:
        """Have one learn soon."""
        ...

    def roll_back(
        self, name: str, reason: str, told: Callable[[ModelLine], None], failed: Failed
    ) -> None:
        """Go back to what was in use before."""
        ...


class ModelLines(QObject):
    """Hold the models last told; asked for while somebody looks.

    Signals:
        changed: other figures, or another answer to a wish.
    """

    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._registry: Registry | None = None
        self._asked_s = float("-inf")
        self._told_s = float("-inf")
        self._turn = 0  # of the person who is here
        self.lines: tuple[ModelLine, ...] = ()
        self.is_refused = False
        self.fault: Text | None = None
        """Why the service told nothing this time; the lines last told stay."""

    def age_s(self) -> float:
        """Give the seconds since the service told; infinite when it never did."""
        return self._clock.steady_s() - self._told_s

    def serve(self, registry: Registry) -> None:
        """Ask this registry from now on."""
        self._registry = registry

    def forget(self) -> None:
        """Forget what was told: somebody else signs in."""
        self.lines, self.is_refused, self.fault = (), False, None
        self._asked_s = self._told_s = float("-inf")
        self._turn += 1  # an answer still under way is not for whoever comes
        self.changed.emit()

    def want(self) -> None:
        """Read the models anew if what was told is some seconds old."""
        now_s = self._clock.steady_s()
        if self._registry is None or now_s - self._asked_s < FRESH_S:
            return
        self._asked_s = now_s
        told, missed = partial(self._on_told, self._turn), partial(self._on_missed, self._turn)
        self._registry.read(told, missed)

    def learn(self, name: str, done: Done, failed: Failed) -> None:
        """Have a model learn soon."""
        if self._registry is not None:
            self._registry.learn(name, partial(self._on_line, self._turn, done), failed)

    def roll_back(self, name: str, reason: str, done: Done, failed: Failed) -> None:
        """Go back to what was in use before, in one step."""
        if self._registry is not None:
            told = partial(self._on_line, self._turn, done)
            self._registry.roll_back(name, reason, told, failed)

    def _on_told(self, turn: int, told: ModelList) -> None:
        if turn != self._turn:
            return
        self.lines, self.is_refused, self.fault = told.models, False, None
        self._told_s = self._clock.steady_s()
        self.changed.emit()

    def _on_missed(self, turn: int, error: Exception) -> None:
        """Keep what was told last; the link's own banner says that the service is away."""
        if not isinstance(error, ClientError):
            raise error
        if turn != self._turn or not isinstance(error, Refused):
            return
        if error.problem.status == _FORBIDDEN:
            self.lines, self.is_refused = (), True
        self.fault = error.what
        self.changed.emit()

    def _on_line(self, turn: int, done: Done, line: ModelLine) -> None:
        if turn != self._turn:
            return
        self.lines = tuple(line if one.name == line.name else one for one in self.lines)
        done()
        self.changed.emit()
