"""Small pyqtgraph charts as pictures: what was measured, the same period before, the target."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPen, QPixmap
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.theme import ChartPen, PenRole
from backend_client.contract.indicators import Moment, Past
from widgets.panel import Room

if TYPE_CHECKING:
    import pyqtgraph as pg

MOST_KEPT: Final = 128
LEAST_MOMENTS: Final = 2
_WEEK_S: Final = 7 * 86_400
_DASHES = {"solid": Qt.PenStyle.SolidLine, "dots": Qt.PenStyle.DotLine}
_Key = tuple[object, ...]


class Sparks(QWidget):
    """Draw charts on one hidden plot and keep the pictures; never on the screen itself.

    A worker reads pyqtgraph when the first chart is wanted: it takes half a second.
    """

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide()
        self._room = room
        self._plot: pg.PlotWidget | None = None
        self._pg: Any = None
        self._waiting: set[QWidget] | None = None
        self._made: OrderedDict[_Key, QPixmap] = OrderedDict()
        room.theme.changed.connect(self._made.clear)

    def picture(
        self, owner: QWidget, past: Past, target: float | None, box: QRectF
    ) -> QPixmap | None:
        """Give a chart's picture; where it is not made yet, make it in a turn of its own.

        Args:
            owner: repainted when the picture is there.
            past: what was recorded.
            target: what it should reach.
            box: the place, for its size.
        """
        if len(past.moments) < LEAST_MOMENTS:
            return None
        if self._pg is None:
            self._read_for(owner)
        if self._pg is None:
            return None
        size = QSize(max(int(box.width()), 8), max(int(box.height()), 8))
        newest = past.moments[-1]
        who = (past.indicator, past.region, newest.at, newest.value, len(past.moments))
        key: _Key = (*who, len(past.earlier), target, size.width(), size.height())
        if key not in self._made:
            easel = self._room.pulse.easel
            easel.soon(self, f"spark {key}", lambda: self._make(key, past, target, size, owner))
        return self._made.get(key)

    def _read_for(self, owner: QWidget) -> None:
        if self._waiting is not None:
            self._waiting.add(owner)
            return
        self._waiting = {owner}
        self._room.pulse.elsewhere(partial(importlib.import_module, "pyqtgraph"), self._on_read)

    def _on_read(self, read: object) -> None:
        self._pg = read
        for owner in self._waiting or ():
            self._show(owner)

    def _show(self, owner: QWidget) -> None:
        redraw = getattr(owner, "redraw", None)
        if self._room.pulse.easel.is_running and redraw is not None and isValid(owner):
            redraw()

    def _make(
        self, key: _Key, past: Past, target: float | None, size: QSize, owner: QWidget
    ) -> None:
        self._made[key] = self._draw(past, target, size)
        while len(self._made) > MOST_KEPT:
            self._made.popitem(last=False)
        self._show(owner)

    def _draw(self, past: Past, target: float | None, size: QSize) -> QPixmap:
        pg = self._pg
        plot = self._plot or self._new_plot()
        plot.clear()
        plot.setBackground(self._room.theme.color("panel"))
        earlier = [Moment(at=one.at, value=one.value) for one in past.earlier]
        self._line(plot, earlier, "earlier", shift_s=_WEEK_S)
        self._line(plot, past.moments, "measured")
        if target is not None:
            plot.addItem(pg.InfiniteLine(target, 0, pen=self._pen("target")), ignoreBounds=True)
        last = past.moments[-1]
        dot = pg.ScatterPlotItem(
            [last.at.timestamp()],
            [last.value],
            size=self._room.theme.size("s", self._room.seat) * 0.45,
            pen=pg.mkPen(None),
            brush=self._room.theme.color("t1"),
        )
        plot.addItem(dot, ignoreBounds=True)
        self._span(plot, past, target)
        plot.resize(size)
        made: QPixmap = plot.grab()
        return made

    def _new_plot(self) -> pg.PlotWidget:
        plot = self._pg.PlotWidget(self, enableMenu=False)
        plot.hide()
        plot.hideButtons()
        plot.hideAxis("left")
        plot.hideAxis("bottom")
        plot.disableAutoRange()
        self._plot = plot
        return plot

    def _span(self, plot: pg.PlotWidget, past: Past, target: float | None) -> None:
        values = [one.value for one in (*past.moments, *past.earlier)]
        values += [target] if target is not None else []
        low, high = min(values), max(values)
        room = (high - low) * 0.12 or 1.0
        plot.setYRange(low - room, high + room, padding=0)
        first = min(
            [past.moments[0].at.timestamp()]
            + [one.at.timestamp() + _WEEK_S for one in past.earlier[:1]]
        )
        last = past.moments[-1].at.timestamp()
        plot.setXRange(first, last + (last - first) * 0.04, padding=0)

    def _line(
        self, plot: pg.PlotWidget, moments: Sequence[Moment], role: PenRole, shift_s: float = 0.0
    ) -> None:
        curve = self._pg.PlotCurveItem(pen=self._pen(role), antialias=True)
        at = [one.at.timestamp() + shift_s for one in moments]
        curve.setData(at, [one.value for one in moments])
        plot.addItem(curve, ignoreBounds=True)

    def _pen(self, role: PenRole) -> QPen:
        chosen: ChartPen = self._room.theme.pen(role, self._room.seat)
        pen = QPen(QColor(chosen.color), chosen.width, _DASHES[chosen.dash])
        pen.setCosmetic(True)
        return pen
