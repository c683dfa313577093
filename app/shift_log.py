"""The lines of the shift log as far as they came, and what the open page would hand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from backend_client.contract.shifts import OpenItems, ShiftLine, ShiftPage, Sight

HALL = "D41"
PAGES_KEPT = 6


class Pages(Protocol):
    """The store of pages, as far as this needs it."""

    def get(self, item_id: str) -> ShiftPage | None:
        """Give one page, None when it is not in sight."""
        ...

    def all(self) -> tuple[ShiftPage, ...]:
        """Give every page in sight."""
        ...


class ShiftLog(QObject):
    """Hold lines by page; `ShiftSync` brings them when a page has grown.

    Signals:
        changed(str): the page whose lines or open items are newly known.
        wanted(str): somebody looks at a page.
        reopened(Sight): what was on the screen when a line was written is asked for again.
    """

    changed = Signal(str)
    wanted = Signal(str)
    reopened = Signal(object)

    def __init__(self, pages: Pages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages = pages
        self._lines: dict[str, tuple[ShiftLine, ...]] = {}
        self._open: dict[str, OpenItems] = {}
        self._group = ""

    def open_pages(self) -> tuple[ShiftPage, ...]:
        """Give the open page of every group in sight, the hall's first."""
        found = (page for page in self._pages.all() if page.state == "open")
        return tuple(sorted(found, key=_nearness))

    def page(self) -> ShiftPage | None:
        """Give the page this seat writes on; None while there is none in sight."""
        pages = self.open_pages()
        own = [page for page in pages if page.group == self._group]
        return next(iter(own or pages), None)

    def before(self, page: ShiftPage) -> ShiftPage | None:
        """Give the page before one, None when there is none in sight."""
        return self._pages.get(page.previous_id) if page.previous_id else None

    def turn(self) -> None:
        """Show the next group's page; a group may have two open, one that nobody signed."""
        present = self.page()
        if present is None:
            return
        groups = list(dict.fromkeys(page.group for page in self.open_pages()))
        self._group = groups[(groups.index(present.group) + 1) % len(groups)]
        shown = self.page()
        self.changed.emit(shown.item_id if shown else "")

    def lines(self, page_id: str) -> tuple[ShiftLine, ...]:
        """Give a page's lines as far as they came, oldest first."""
        return self._lines.get(page_id, ())

    def last(self, page_id: str) -> int:
        """Give the number of the last line that came, 0 before the first."""
        lines = self._lines.get(page_id)
        return lines[-1].no if lines else 0

    def look(self, page_id: str) -> None:
        """Say that somebody looks at a page, so that it is kept up to date."""
        self.wanted.emit(page_id)

    def put(self, page_id: str, rows: Sequence[ShiftLine]) -> None:
        """Take further lines in."""
        last = self.last(page_id)
        new = tuple(row for row in rows if row.no > last)
        if new:
            self._lines[page_id] = self._lines.pop(page_id, ()) + new
            while len(self._lines) > PAGES_KEPT:
                self._lines.pop(next(iter(self._lines)))
            self.changed.emit(page_id)

    def open_items(self, page_id: str) -> OpenItems | None:
        """Give what a page would hand on, as last told."""
        return self._open.get(page_id)

    def put_open(self, items: OpenItems) -> None:
        """Take in what a page would hand on."""
        if self._open.get(items.page_id) != items:
            self._open[items.page_id] = items
            self.changed.emit(items.page_id)

    def reopen(self, sight: Sight) -> None:
        """Ask for the scene, the place and the instant of a line."""
        self.reopened.emit(sight)

    def clear(self) -> None:
        """Forget everything: another person signs in."""
        self._lines.clear()
        self._open.clear()
        self._group = ""


def _nearness(page: ShiftPage) -> tuple[int, bool, str]:
    return len(page.region), page.department != HALL, page.group
