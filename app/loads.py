"""How much the seats are asked to look at: asked of the service now and then, kept here."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from backend_client.contract.alarms import Loads, SeatLoad

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

    def forget(self) -> None:
        """Hold nothing: nobody is signed in."""
        self.put(None, "")
