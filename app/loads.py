"""How much the seats are asked to look at: asked of the service now and then, kept here."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.alarms import Loads, SeatLoad
from backend_client.errors import ClientError

ASK_MS: Final = 10_000
# What one person can take. Source: EEMUA 191 by way of domain rule 12.
MOST_PER_10_MIN: Final = 1
MOST_PER_HOUR: Final = 5
MOST_PER_DAY: Final = 120
PEAK_10_MIN: Final = 10
PEAK_MINUTE: Final = 2


class SeatLoads(QObject):
    """Hold the loads last told, and whose of them is one's own.

    Signals:
        changed: new figures, or none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loads: Loads | None = None
        self.person_id = ""

    @property
    def own(self) -> SeatLoad | None:
        """Give one's own seat's load; None before it was told, or for who has no seat."""
        seats = self.loads.seats if self.loads is not None else ()
        return next((one for one in seats if one.person.person_id == self.person_id), None)

    def put(self, loads: Loads | None, person_id: str) -> None:
        """Take new figures in."""
        self.loads, self.person_id = loads, person_id
        self.changed.emit()


class LoadWatch(QObject):
    """Ask for the loads every ten seconds while somebody is signed in."""

    def __init__(
        self, client: Client, tasks: Tasks, kept: SeatLoads, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._tasks, self._kept = client, tasks, kept
        self._timer = QTimer(self, interval=ASK_MS)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Begin to ask."""
        self._timer.start()
        self.ask()

    def stop(self) -> None:
        """Ask no more and forget."""
        self._timer.stop()
        self._kept.put(None, "")

    def ask(self) -> None:
        """Ask once, off the main thread."""
        person = self._client.person
        if person is None:
            return

        def told(loads: Loads) -> None:
            if (
                self._client.person is not None
                and self._client.person.person_id == person.person_id
            ):
                self._kept.put(loads, person.person_id)

        self._tasks.run(self._client.alarm_loads, told, _missed)


def _missed(error: Exception) -> None:
    """Keep what was told last: the link's own banner says that the service is away."""
    if not isinstance(error, ClientError):
        raise error
