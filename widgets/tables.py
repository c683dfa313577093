"""Tables: painted ones for the walls, and a model over rows that never reorders under a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from backend_client.contract.base import Text
from widgets.paint import FAINT, Align, Board, Ink

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its words, its share of the width, how its cells stand."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, its tone, and the state shape before it (0 for none)."""

    text: str
    tone: str = "t1"
    bold: bool = False
    level: int = 0
    elide: bool = False


ROW: Final = 38  # drawn height of a row, and of the head
SHAPE: Final = 26 + 8  # drawn width of a state shape and the room after it


def rows_that_fit(board: Board, area: QRectF, row: float = ROW) -> int:
    """Give how many rows a table with a head has room for."""
    return max(1, int((area.height() + 2) // board.u(row)) - 1)


def draw_table(
    board: Board,
    area: QRectF,
    *,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    row: float = ROW,
) -> int:
    """Paint a head and as many rows as fit; give how many did.

    A column that would cut its words takes room from those that have more than they need.
    """
    high = board.u(row)
    spots = _columns(board, area, heads, rows[: int((area.height() + 2) // high)])
    y = area.y()
    if any(head.title for head in heads):
        for head, (x, wide) in zip(heads, spots, strict=True):
            ink = Ink(tone="t3", align=head.align)
            board.text(QRectF(x, y, wide, high), head.title, ink)
        board.rule(area.x(), y + high - 1, area.width())
        y += high
    shown = 0
    for cells in rows:
        if y + high > area.bottom() + 2:
            break
        for head, cell, (x, wide) in zip(heads, cells, spots, strict=True):
            _draw_cell(board, QRectF(x, y, wide, high), cell, head.align)
        if y + 2 * high <= area.bottom() + 2:
            board.rule(area.x(), y + high - 1, area.width())
        y += high
        shown += 1
    return shown


def _columns(
    board: Board, area: QRectF, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]
) -> list[tuple[float, float]]:
    gap = board.u(14)
    total = sum(head.share for head in heads)
    room = area.width() - gap * (len(heads) - 1)
    shares = [room * head.share / total for head in heads]
    needs = [_needed(board, at, head, rows) for at, head in enumerate(heads)]
    spots, x = [], area.x()
    for wide in fitted(shares, needs):
        spots.append((x, wide))
        x += wide + gap
    return spots


def fitted(shares: Sequence[float], needs: Sequence[float]) -> list[float]:
    """Give each column its share, those that need more what others can spare; the sum stays."""
    short = [max(need - share, 0.0) for share, need in zip(shares, needs, strict=True)]
    spare = [max(share - need, 0.0) for share, need in zip(shares, needs, strict=True)]
    moved = min(sum(short), sum(spare))
    if not moved:
        return list(shares)
    gain, loss = moved / sum(short), moved / sum(spare)
    every = zip(shares, short, spare, strict=True)
    return [share + lack * gain - left * loss for share, lack, left in every]


def _needed(board: Board, at: int, head: Head, rows: Sequence[Sequence[Cell]]) -> float:
    cells = (row[at] for row in rows)
    told = (
        board.width(cell.text, Ink(bold=cell.bold)) + (board.u(SHAPE) if cell.level else 0.0)
        for cell in cells
    )
    return max((board.width(head.title), *told), default=0.0)


def _draw_cell(board: Board, box: QRectF, cell: Cell, align: Align) -> None:
    left = 0.0
    if cell.level:
        size, shape = board.u(26), board.u(SHAPE)
        x = box.x()
        if align == "right":
            x = box.right() - board.width(cell.text, Ink(bold=cell.bold)) - shape
        board.state(QPointF(x, box.center().y() - size / 2), cell.level, size)
        left = shape if align == "left" else 0.0
    ink = Ink(tone=cell.tone, bold=cell.bold, align=align, elide=cell.elide)
    board.text(box.adjusted(left, 0, 0, 0), cell.text, ink)


def more_note(board: Board, area: QRectF, text: str) -> None:
    """Write at the foot how much is not shown."""
    high = board.u(34)
    board.text(QRectF(area.x(), area.bottom() - high, area.width(), high), text, FAINT)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column of a live table: its words and how a row's value is written."""

    title: Text
    value: Callable[[T], str]
    align: Align = "left"
    width: int = 0


class RowsModel(QAbstractTableModel, Generic[T]):
    """Show rows in the order given; an update of known rows keeps their places."""

    def __init__(
        self,
        columns: Sequence[Column[T]],
        key: Callable[[T], str],
        *,
        say: Callable[[Text], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._key = key
        self._say = say
        self._rows: list[T] = []

    @property
    def rows(self) -> tuple[T, ...]:
        """Give the rows as shown."""
        return tuple(self._rows)

    def show(self, rows: Sequence[T]) -> None:
        """Take rows in: known ones stay where they are, new ones follow, gone ones leave."""
        fresh = {self._key(row): row for row in rows}
        kept = [self._key(row) for row in self._rows if self._key(row) in fresh]
        order = kept + [key for key in fresh if key not in set(kept)]
        if order == [self._key(row) for row in self._rows]:
            self._rows = [fresh[key] for key in order]
            last = self.index(max(len(order) - 1, 0), len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.reset([fresh[key] for key in order])

    def reset(self, rows: Sequence[T]) -> None:
        """Replace all rows, order included: another question was asked."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def retitle(self) -> None:
        """Say the heads again after a change of language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        self.show(self._rows)

    def rowCount(self, parent: Index | None = None) -> int:
        """Give the number of rows."""
        return 0 if parent and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Give the number of columns."""
        return 0 if parent and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a cell's words or its alignment."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.value(self._rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column.align)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Give a column's words."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._say(self._columns[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self._columns[section].align)
        return None


def _side(align: Align) -> int:
    side = Qt.AlignmentFlag.AlignRight if align == "right" else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def live_table(model: RowsModel[T], columns: Sequence[Column[T]], parent: QWidget) -> QTableView:
    """Make a table view: whole rows, no grid, widths from the columns."""
    view = QTableView(parent)
    view.setModel(model)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)  # Tab leaves the table, the arrows move in it
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(32)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    for number, column in enumerate(columns):
        if column.width:
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Fixed)
            view.setColumnWidth(number, column.width)
        else:
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
    return view
