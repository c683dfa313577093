"""Bring the shift log's lines when a page has grown, and what it would hand on while looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.stores import Link, Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.shifts import LinesPage, OpenItems
from backend_client.errors import BadReply, Unreachable

OPEN_EVERY_MS = 5_000
LOOKED_ROUNDS = 2  # rounds a look lasts


class ShiftSync(QObject):
    """Pull what is missing of the pages people look at: one pull per page at a time."""

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        stores: Stores,
        *,
        failed: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client, self._tasks, self._stores = client, tasks, stores
        self._failed = failed
        self._pulling: set[str] = set()
        self._looked: dict[str, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(OPEN_EVERY_MS)
        self._timer.timeout.connect(self._on_time)
        self._timer.start()
        stores.shift_pages.changed.connect(self._on_pages)
        stores.log.wanted.connect(self._on_wanted)

    def _on_pages(self, ids: tuple[str, ...]) -> None:
        for page_id in ids:
            if page_id in self._looked:
                self._pull(page_id)

    def _on_wanted(self, page_id: str) -> None:
        is_new = page_id not in self._looked
        self._looked[page_id] = LOOKED_ROUNDS
        if is_new:
            self._pull(page_id)
            self._ask_open(page_id)

    def _on_time(self) -> None:
        self._looked = {page_id: left - 1 for page_id, left in self._looked.items() if left}
        for page_id in self._looked:
            self._pull(page_id)
            self._ask_open(page_id)

    def _pull(self, page_id: str) -> None:
        page, after = self._stores.shift_pages.get(page_id), self._stores.log.last(page_id)
        if page is None or after >= page.lines or page_id in self._pulling or not self._is_up():
            return
        self._pulling.add(page_id)

        def came(found: LinesPage) -> None:
            self._pulling.discard(page_id)
            self._stores.log.put(page_id, found.rows)
            if found.rows:
                self._pull(page_id)

        def missed(error: Exception) -> None:
            self._pulling.discard(page_id)
            self._on_failed(error)

        self._tasks.run(lambda: self._client.shift_lines(page_id, after=after), came, missed)

    def _ask_open(self, page_id: str) -> None:
        page = self._stores.shift_pages.get(page_id)
        if page is None or page.state != "open" or not self._is_up():
            return
        self._tasks.run(lambda: self._client.shift_open(page_id), self._on_open, self._on_failed)

    def _on_open(self, found: OpenItems) -> None:
        self._stores.log.put_open(found)

    def _is_up(self) -> bool:
        return self._client.person is not None and self._stores.link is Link.ONLINE

    def _on_failed(self, error: Exception) -> None:
        """Tell what is not simply the link; the next round asks again."""
        if not isinstance(error, Unreachable) or isinstance(error, BadReply):
            self._failed(error)
