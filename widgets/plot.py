"""The level chart's plot in pyqtgraph, half a second to read: `charts.py` has a worker do it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.i18n import CITY_ZONE, Words
from app.theme import ChartPen, PenRole, Seat, Theme
from widgets.levels import Levels
from widgets.paint import font

BACK_H = 8.0
AHEAD_H = 12.0
MAX_LINES = 4  # look README section 6: at most four grid lines
_DASHES = {
    "solid": Qt.PenStyle.SolidLine,
    "dots": Qt.PenStyle.DotLine,
    "dashes": Qt.PenStyle.DashLine,
}


class _Hours(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph carries no types
    """Write hours of the city's day under the chart."""

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        """Give every sixth hour."""
        step = 6 * 3600.0
        offset = 8 * 3600.0  # civil time of the city
        first = (int((low + offset) // step) + 1) * step - offset
        count = max(0, int((high - first) // step) + 1)
        return [(step, [first + index * step for index in range(count)])]

    def tickStrings(self, values: Sequence[float], _scale: float, _space: float) -> list[str]:
        """Write hours and minutes."""
        return [f"{datetime.fromtimestamp(value, CITY_ZONE):%H:%M}" for value in values]


class Plot:
    """The plot and its items, made once; never on the screen itself, only its picture."""

    def __init__(self, theme: Theme, seat: Seat, parent: QWidget) -> None:
        self._theme, self._seat = theme, seat
        axes = {"bottom": _Hours("bottom")}
        self._view = pg.PlotWidget(parent, axisItems=axes, enableMenu=False)
        self._view.hide()
        self._view.hideButtons()
        self._limit = pg.InfiniteLine(angle=0)
        self._inner = pg.InfiniteLine(angle=0)
        self._now = pg.InfiniteLine(angle=90)
        self._forecast, self._measured = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._dot = pg.ScatterPlotItem(pen=pg.mkPen(None))
        for item in (
            *(self._inner, self._limit, self._now),
            *(self._forecast, self._measured, self._dot),
        ):
            self._view.addItem(item, ignoreBounds=True)
        self._view.disableAutoRange()
        self._bands: list[_Band] = []
        self._laid: Levels | None = None
        self.dress()

    def picture(self, size: QSize) -> QPixmap:
        """Give the plot as it looks in a size."""
        self._view.resize(size)
        made: QPixmap = self._view.grab()
        return made

    def dress(self) -> None:
        """Put the palette's colours and the seat's sizes on."""
        self._laid = None
        self._view.setBackground(self._theme.color("panel"))
        small = self._theme.size("s", self._seat)
        for side in ("left", "bottom"):
            axis = self._view.getAxis(side)
            axis.setTickFont(font(small))
            axis.setTextPen(self._theme.color("t3"))
            axis.setPen(pg.mkPen(self._theme.color("line"), width=1))
            axis.setStyle(tickLength=0, autoExpandTextSpace=True)
        self._view.getAxis("bottom").setHeight(small * 1.5)
        self._view.getAxis("left").setWidth(small * 1.1)
        self._now.setPen(pg.mkPen(self._theme.color("t3"), width=1))
        self._limit.setPen(self._pen("limit"))
        self._inner.setPen(self._pen("inner"))
        self._forecast.setPen(self._pen("forecast"))
        self._measured.setPen(self._pen("measured"))
        for band in self._bands:
            band.dress(self._theme, small)

    def lay(self, levels: Levels) -> None:
        """Move the lines to where these levels are."""
        if levels == self._laid:
            return
        self._laid = levels
        low, high = _span(levels)
        now_s = levels.at.timestamp()
        self._view.setXRange(now_s - BACK_H * 3600, now_s + AHEAD_H * 3600, padding=0)
        self._view.setYRange(low, high, padding=0)
        self._view.getAxis("left").setTicks([_ticks(low, high)])
        self._now.setPos(now_s)
        for line, value in ((self._limit, levels.limit_m), (self._inner, levels.inner_m)):
            line.setVisible(value is not None)
            if value is not None:
                line.setPos(value)
        _lay(self._forecast, [one for one in levels.forecast if one[0] >= levels.at])
        _lay(self._measured, levels.measured)
        self._lay_bands(levels, low)
        self._lay_dot(levels)

    def _pen(self, role: PenRole) -> QPen:
        chosen: ChartPen = self._theme.pen(role, self._seat)
        pen = QPen(QColor(chosen.color), chosen.width, _DASHES[chosen.dash])
        pen.setCosmetic(True)
        if chosen.dash == "dots":
            pen.setDashPattern([0.1, 2.4])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        return pen

    def _lay_bands(self, levels: Levels, low: float) -> None:
        while len(self._bands) < len(levels.windows):
            band = _Band(self._view)
            band.dress(self._theme, self._theme.size("s", self._seat))
            self._bands.append(band)
        for number, band in enumerate(self._bands):
            shown = levels.windows[number] if number < len(levels.windows) else None
            band.lay(shown, low)

    def _lay_dot(self, levels: Levels) -> None:
        if not levels.measured:
            self._dot.setData([], [])
            return
        at, value = levels.measured[-1]
        color = self._theme.state_color(levels.level) if levels.level else self._theme.color("t1")
        size = self._theme.size("s", self._seat) * 0.6
        self._dot.setData([at.timestamp()], [value], size=size, brush=color)


class _Band:
    """A span in which gravity drains: a lighter ground with a foot."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._region = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
        self._region.setZValue(-10)
        self._foot = pg.PlotCurveItem()
        plot.addItem(self._region)
        plot.addItem(self._foot)

    def dress(self, theme: Theme, small: int) -> None:
        """Put the palette's colours on."""
        self._region.setBrush(QColor(theme.color("raise")))
        for line in self._region.lines:
            line.setPen(pg.mkPen(None))
        self._foot.setPen(pg.mkPen(theme.color("t2"), width=small / 4))

    def lay(self, window: tuple[datetime, datetime] | None, low: float) -> None:
        """Cover a span; None covers nothing."""
        self._region.setVisible(window is not None)
        self._foot.setVisible(window is not None)
        if window is not None:
            span = [at.timestamp() for at in window]
            self._region.setRegion(span)
            self._foot.setData(span, [low, low])


def _lay(curve: pg.PlotCurveItem, points: Sequence[tuple[datetime, float]]) -> None:
    curve.setData([at.timestamp() for at, _ in points], [value for _, value in points])


def _span(levels: Levels) -> tuple[float, float]:
    values = [value for _, value in levels.measured + levels.forecast]
    values += [one for one in (levels.limit_m, levels.inner_m) if one is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = max(0.25, (high - low) * 0.12)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    step = next(one for one in (0.5, 1.0, 2.0, 5.0, 10.0, 1e9) if (high - low) / one <= MAX_LINES)
    first = int(low // step) + 1
    places = [number * step for number in range(first, int(high // step) + 1)]
    decimals = 0 if step >= 1 else 1
    return [(value, Words.number(value, decimals)) for value in places]
