"""Search as one types: asked off the main thread after a short pause, the newest words count."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.tasks import Runner
from backend_client.contract.base import Text
from backend_client.contract.search import Hit, Hits
from backend_client.errors import Refused, Unreachable

PAUSE_MS: Final = 180
MOST_HITS: Final = 40
MOST_LETTERS: Final = 100
UNREACHED: Final = Text(
    "搜不到：与后台断开。恢复后再输入一次。",
    "No search: the service is lost. Type again once it is back.",
)


class Finder(Protocol):
    """The part of the client this needs."""

    def search(self, words: str, *, limit: int = 20) -> Hits:
        """Look for objects, events and places."""
        ...


class Search(QObject):
    """Hold what was asked last and what came of it.

    Signals:
        changed: a question went out, an answer or a fault came.
    """

    changed = Signal()

    def __init__(self, finder: Finder, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._finder, self._runner = finder, runner
        self.query = ""
        self.answer: Hits | None = None
        self.fault: Text | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._send)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Give what was found for the words asked last, or before while the answer is out."""
        return self.answer.hits if self.answer else ()

    @property
    def is_waiting(self) -> bool:
        """Tell whether the answer to the words asked last is still to come."""
        answered = self.answer is not None and self.answer.query == self.query
        return bool(self.query) and not answered and self.fault is None

    def ask(self, words: str) -> None:
        """Ask for these words after a short pause; no words ask for nothing."""
        query = " ".join(words.split())[:MOST_LETTERS]
        if query == self.query and self.fault is None:
            return
        self.query, self.fault = query, None
        if query:
            self._timer.start()
        else:
            self._timer.stop()
            self.answer = None
        self.changed.emit()

    def _send(self) -> None:
        query = self.query
        self._runner.run(
            lambda: self._finder.search(query, limit=MOST_HITS),
            lambda hits: self._take(query, hits),
            lambda error: self._fail(query, error),
        )

    def _take(self, query: str, hits: Hits) -> None:
        if query == self.query:
            self.answer = hits.model_copy(update={"query": query})
            self.changed.emit()

    def _fail(self, query: str, error: Exception) -> None:
        if query != self.query:
            return
        if isinstance(error, Refused):
            self.fault = error.what
        elif isinstance(error, Unreachable):
            self.fault = UNREACHED
        else:
            raise error
        self.answer = None
        self.changed.emit()
