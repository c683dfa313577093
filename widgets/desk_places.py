"""Where everything at the desk stands."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from app.wall import DESK_EVENT, DESK_FORM, Box, DeskLayout


class Placed(Protocol):
    """What has its place at the desk."""

    @property
    def header(self) -> QWidget:
        """The line above."""
        ...

    @property
    def strip(self) -> QWidget:
        """The alarms' strip."""
        ...

    @property
    def queue(self) -> QWidget:
        """What waits."""
        ...

    @property
    def keys(self) -> QWidget:
        """The line of keys."""
        ...

    @property
    def page(self) -> QWidget:
        """The event."""
        ...

    @property
    def under(self) -> QWidget:
        """The lists below the event."""
        ...

    @property
    def frame(self) -> QWidget:
        """The map."""
        ...

    @property
    def side(self) -> QWidget:
        """What is below the map."""
        ...


def put_in_place(desk: Placed, found: DeskLayout) -> None:
    """Put everything in its place."""
    _put(desk.header, found.header)
    _put(desk.strip, found.strip)
    _put(desk.queue, found.queue)
    _put(desk.keys, found.keys)
    form = found.side.height - 16 - DESK_FORM
    for box, upper, lower, least, most in (
        (found.middle, desk.page, desk.under, DESK_EVENT, found.middle.height),
        (found.side, desk.frame, desk.side, 0, max(form, found.side.height // 3)),
    ):
        half = min(max((box.height - 16) // 2, min(least, box.height // 2 + 80)), most)
        _put(upper, Box(box.x, box.y, box.width, half))
        _put(lower, Box(box.x, box.y + half + 16, box.width, box.height - half - 16))


def _put(widget: QWidget, box: Box) -> None:
    widget.setGeometry(box.x, box.y, box.width, box.height)
