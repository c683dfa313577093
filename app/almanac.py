"""Tell the desk when the coming year's public holidays are unknown to the service."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from app.notices import Notices
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.service import Health

ASK_MS: Final = 3_600_000
KEY: Final = "calendar"
_KNOWN: Final = Text("节假日安排已齐。", "The public holidays are known now.")
_MEANING: Final = Text(
    "工单时限按周一至周五计，节假日会算成工作日。",
    "Deadlines count Monday to Friday; holidays count as worked.",
)
_TODO: Final = Text(
    "请运维将国务院放假安排写入服务的 deadlines.toml（off、on）并重启服务。",
    "Have a maintainer write the State's list into the service's deadlines.toml (off, on).",
)


class Almanac(QObject):
    """Ask the service once an hour while somebody is signed in."""

    def __init__(
        self, client: Client, tasks: Tasks, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._tasks, self._notices = client, tasks, notices
        self._timer = QTimer(self, interval=ASK_MS)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Begin to ask."""
        self._timer.start()
        self.ask()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def ask(self) -> None:
        """Ask now; a service that is away is told of elsewhere."""
        self._tasks.run(self._client.health, self._on_health, lambda _error: None)

    def _on_health(self, health: Health) -> None:
        year = health.calendar_unknown
        if year is None:
            self._notices.recover(KEY, _KNOWN)
            return
        text = Text(f"{year} 年的节假日安排未知。", f"The public holidays of {year} are unknown.")
        self._notices.lose(KEY, text, meaning=_MEANING, todo=_TODO)
