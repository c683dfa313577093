"""The daily brief: one A4 page of what the cockpit says, written by Qt from the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.answers import NowOf, UnitsOf
from app.cockpit import (
    GROUPS,
    NO_SOURCE,
    NOTHING_TO_DECIDE,
    Cockpit,
    cockpit_of,
    decisions,
    held_first,
    unit_cells,
    unit_heads,
    unit_name,
)
from backend_client.contract.base import Text
from backend_client.contract.indicators import Group
from widgets.paint import font
from widgets.panel import Room
from widgets.panels.cockpit import KeyedPage
from widgets.shell import DEMO, Standing

DPI: Final = 144
TITLE: Final = Text("每日简报", "Daily brief")
_UNITS: Final = 8
_DECIDING: Final = 5
"""The numbers that decide a rank; a page has no room for those behind it."""
_WIDE, _HIGH = 1_190.0, 1_684.0  # A4 at 144 dpi
_MARGIN: Final = 84.0
_INK, _GREY = "#17212B", "#5A6773"
_COLUMNS: Final = (
    (Group.TODAY, Group.CHANNELS, Group.SAFETY),
    (Group.ACCOUNTABILITY, Group.WATER, Group.CITY, Group.ECONOMY, Group.DATA),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; the first cell stands left, the others right."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the page says, ready to be set."""

    title: str
    head: str
    decisions: tuple[tuple[str, str], ...]
    columns: tuple[tuple[Table, ...], ...]
    units: Table
    foot: tuple[str, ...]

    def texts(self) -> tuple[str, ...]:
        """Give every text on the page."""
        told = [self.title, self.head, *(part for pair in self.decisions for part in pair)]
        for table in (*(one for column in self.columns for one in column), self.units):
            told += [table.title, *(cell for row in table.rows for cell in row)]
        return tuple(text for text in (*told, *self.foot) if text)


def brief_of(room: Room, facts: Standing) -> Brief | None:
    """Say what the cockpit says now; None before its first board."""
    answers, words = room.stores.answers, room.words
    board = answers.get(NowOf())
    if board is None:
        return None
    shown = cockpit_of(board, words)
    region = words.say(room.names.region(board.region))
    at = words.join(words.date(board.at), words.as_of(board.at))
    mark = words.say(DEMO) if facts.simulated else ""
    waiting = decisions(room.alarms, room.stores, words, shown.tiles.get("overdue"))
    matters = tuple((one.title, words.join(one.facts, one.action)) for one in waiting)
    held = held_first(answers.get(UnitsOf()))[:_UNITS]
    rows = tuple(
        (words.say(unit_name(one.unit, room.names)), *unit_cells(one, words)[:_DECIDING])
        for one in held
    )
    units = Table(
        words.pick("单位（差者在前）", "Units, worst first"),
        ((words.pick("单位", "Unit"), *unit_heads(words)[:_DECIDING]), *rows) if rows else (),
    )
    return Brief(
        title=f"{words.say(facts.centre)}  {words.say(TITLE)}",
        head=words.join(region, at, mark),
        decisions=matters or ((words.say(NOTHING_TO_DECIDE), ""),),
        columns=tuple(tuple(_table(shown, group, room) for group in column) for column in _COLUMNS),
        units=units,
        foot=_foot(shown, room),
    )


def _table(shown: Cockpit, group: Group, room: Room) -> Table:
    """Give a group's numbers; what has no source is named once at the foot."""
    rows = [
        (tile.name, f"{tile.value} {tile.unit}".strip(), tile.note)
        for tile in shown.of(group)
        if tile.value
    ]
    return Table(room.words.say(GROUPS[group]), tuple(rows))


def _foot(shown: Cockpit, room: Room) -> tuple[str, ...]:
    words = room.words
    none = [tile.name for tile in shown.tiles.values() if tile.note == words.say(NO_SOURCE)]
    missing = f"{words.say(NO_SOURCE)}: " + words.pick("、", ", ").join(none)
    source = words.pick(
        "数字与驾驶舱屏幕同一时刻、同一来源；定义见指标表。",
        "Same instant and sources as the cockpit on screen; definitions are in its table.",
    )
    return (missing if none else "", source)


def write_brief(brief: Brief, path: Path) -> Path:
    """Write the page; made for a worker.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = QPdfWriter(str(path))
    writer.setResolution(DPI)
    writer.setTitle(brief.title)
    page = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(str(path))
    _Sheet(painter).draw(brief)
    painter.end()
    return path


class _Sheet:
    """Set a brief on one page; what finds no room is left out, letters never shrink."""

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter

    def draw(self, brief: Brief) -> None:
        """Set the whole page from its top."""
        wide = _WIDE - 2 * _MARGIN
        y = self._line(_MARGIN, _MARGIN, wide, brief.title, px=34, bold=True)
        y = self._line(_MARGIN, y, wide, brief.head, px=20, grey=True) + 14
        for title, facts in brief.decisions:
            y = self._line(_MARGIN, y, wide, title, px=24, bold=True)
            y = self._line(_MARGIN, y, wide, facts, px=19, grey=True) + 4 if facts else y
        y += 10
        half, ends = (wide - 44) / 2, []
        for at, column in enumerate(brief.columns):
            x, below = _MARGIN + at * (half + 44), y
            for table in column:
                below = self._table(x, below, half, table, (0.46, 0.24, 0.30)) + 12
            ends.append(below)
        shares = (0.4, 0.12, 0.12, 0.12, 0.12, 0.12)
        end = self._table(_MARGIN, max(ends), wide, brief.units, shares)
        foot = max(end + 12, _HIGH - _MARGIN - 84)
        for text in brief.foot:
            foot = self._paragraph(_MARGIN, foot, wide, text)

    def _table(
        self, x: float, y: float, wide: float, table: Table, shares: Sequence[float]
    ) -> float:
        if not table.rows or y > _HIGH - _MARGIN - 130:
            return y
        y = self._line(x, y, wide, table.title, px=20, bold=True)
        self._painter.fillRect(QRectF(x, y, wide, 1), QColor(_GREY))
        y += 3
        for row in table.rows:
            if y > _HIGH - _MARGIN - 110:
                return y
            left, high = x, 0.0
            for at, (cell, share) in enumerate(zip(row, shares, strict=True)):
                room = wide * share
                is_note = at == 2 and len(shares) == 3
                last = self._line(left, y, room - 8, cell, px=18, right=bool(at), grey=is_note)
                left, high = left + room, max(high, last - y)
            y += high
        return y

    def _line(
        self,
        x: float,
        y: float,
        wide: float,
        text: str,
        *,
        px: int,
        bold: bool = False,
        grey: bool = False,
        right: bool = False,
    ) -> float:
        """Set one line; give where the next begins."""
        made = font(px, bold=bold)
        metrics = QFontMetricsF(made, self._painter.device())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, wide)
        self._painter.setFont(made)
        self._painter.setPen(QColor(_GREY if grey else _INK))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flags = int(side | Qt.AlignmentFlag.AlignVCenter)
        self._painter.drawText(QRectF(x, y, wide, px * 1.4), flags, shown)
        return y + px * 1.4

    def _paragraph(self, x: float, y: float, wide: float, text: str) -> float:
        if not text:
            return y
        self._painter.setFont(font(16))
        self._painter.setPen(QColor(_GREY))
        flags = int(Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignLeft)
        box = QRectF(x, y, wide, max(_HIGH - 30 - y, 1))
        taken = self._painter.boundingRect(box, flags, text)
        self._painter.drawText(box, flags, text)
        return y + taken.height() + 4


def save_brief(page: KeyedPage, facts: Standing, exports: Path) -> None:
    """Write the brief into the exports folder and say on the page where it lies."""
    room = page.room
    brief = brief_of(room, facts)
    if brief is None:
        page.tell(Text("尚无数据，未写简报", "No data yet, no brief written"))
        return
    stamp = room.words.local(room.stores.server_now()).strftime("%Y%m%d-%H%M%S")
    path = exports / f"brief-{stamp}-{room.words.language}.pdf"

    def done(written: Path) -> None:
        page.tell(Text(f"简报已存 {written}", f"Brief saved {written}"))

    def failed(error: Exception) -> None:
        page.tell(Text(f"简报未写成：{error}", f"The brief was not written: {error}"))
        if not isinstance(error, OSError):
            raise error

    runner = room.pulse.runner
    if runner is None:
        done(write_brief(brief, path))
    else:
        runner.run(lambda: write_brief(brief, path), done, failed)
