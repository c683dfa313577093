"""Something the service is asked again and again while somebody is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

from app.tasks import Runner
from backend_client.client import Client
from backend_client.errors import ClientError

T = TypeVar("T")
RETRY_MS: Final = 60_000
"""After so long, at the latest, what was not told is asked again."""


class Round(QObject, Generic[T]):
    """Ask at once when somebody signs in, then every so often until they leave."""

    def __init__(
        self,
        client: Client,
        tasks: Runner,
        ask: Callable[[], T],
        told: Callable[[T, str], None],
        *,
        every_ms: int,
        left: Callable[[], None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Prepare it.

        Args:
            client: knows who is signed in.
            tasks: asks off the main thread.
            ask: the question.
            told: hears each answer, and the id of the person it was given to.
            every_ms: how long to wait after an answer.
            left: hears that nobody is signed in any more.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._client, self._tasks = client, tasks
        self._ask, self._told, self._left = ask, told, left
        self._every_ms = every_ms
        self._timer = QTimer(self, interval=every_ms)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Begin to ask."""
        self._timer.start(self._every_ms)
        self.ask()

    def stop(self) -> None:
        """Ask no more; an answer still under way is not heard."""
        self._timer.stop()
        if self._left is not None:
            self._left()

    def ask(self) -> None:
        """Ask now."""
        person = self._client.person
        if person is None:
            return

        def told(answer: T) -> None:
            now = self._client.person
            if now is None or now.person_id != person.person_id:
                return
            self._wait(self._every_ms)
            self._told(answer, person.person_id)

        self._tasks.run(self._ask, told, self._missed)

    def _missed(self, error: Exception) -> None:
        """Keep what was told last: the link's own banner says that the service is away."""
        if not isinstance(error, ClientError):
            raise error
        self._wait(min(self._every_ms, RETRY_MS))

    def _wait(self, ms: int) -> None:
        if self._timer.isActive() and self._timer.interval() != ms:
            self._timer.start(ms)
