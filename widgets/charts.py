"""The level chart: what was measured, what is foretold, the limit, the inner water, the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import CITY_ZONE, Words
from app.theme import ChartPen, PenRole, Seat, Theme
from widgets.paint import font

Points = tuple[tuple[datetime, float], ...]
BACK_H = 8.0
AHEAD_H = 12.0
MAX_LINES = 4  # look README section 6: at most four grid lines
_DASHES = {
    "solid": Qt.PenStyle.SolidLine,
    "dots": Qt.PenStyle.DotLine,
    "dashes": Qt.PenStyle.DashLine,
}


@dataclass(frozen=True, slots=True)
class Levels:
    """What one chart shows, metres over its datum.

    Args:
        measured: oldest first.
        forecast: astronomical prediction by the source, oldest first.
        limit_m: warning level, None where nobody configured one.
        inner_m: present level of the inner water beside it.
        windows: spans in which gravity drains.
        at: the present instant.
        level: state I to IV of the present value, 0 for normal.
    """

    measured: Points
    forecast: Points
    limit_m: float | None
    inner_m: float | None
    windows: tuple[tuple[datetime, datetime], ...]
    at: datetime
    level: int = 0


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


class LevelChart(QWidget):
    """Draw one station's level against its limit and the inner water."""

    def __init__(self, theme: Theme, seat: Seat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._seat = theme, seat
        self._shown: Levels | None = None
        self._plot = pg.PlotWidget(self, axisItems={"bottom": _Hours("bottom")})
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._plot)
        self._waits = False
        theme.changed.connect(self._redraw)

    def show_levels(self, levels: Levels) -> None:
        """Draw these levels; equal ones are left alone."""
        if levels != self._shown:
            self._shown = levels
            self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while nobody could see it."""
        super().showEvent(event)
        if self._waits:
            self._redraw()

    def _redraw(self) -> None:
        self._waits = not self.isVisible()
        if self._waits:
            return
        levels, plot = self._shown, self._plot
        plot.setBackground(self._theme.color("panel"))
        plot.clear()
        self._dress_axes()
        if levels is None:
            return
        low, high = _span(levels)
        now_s = levels.at.timestamp()
        plot.setXRange(now_s - BACK_H * 3600, now_s + AHEAD_H * 3600, padding=0)
        plot.setYRange(low, high, padding=0)
        plot.getAxis("left").setTicks([_ticks(low, high)])
        for start_at, end_at in levels.windows:
            self._band(start_at, end_at, low)
        if levels.inner_m is not None:
            self._level_line(levels.inner_m, "inner")
        if levels.limit_m is not None:
            self._level_line(levels.limit_m, "limit")
        now = pg.InfiniteLine(now_s, angle=90, pen=pg.mkPen(self._theme.color("t3"), width=1))
        plot.addItem(now)
        self._curve([one for one in levels.forecast if one[0] >= levels.at], "forecast")
        self._curve(levels.measured, "measured")
        self._dot(levels)

    def _dress_axes(self) -> None:
        small = font(self._theme.size("s", self._seat))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setTickFont(small)
            axis.setTextPen(self._theme.color("t3"))
            axis.setPen(pg.mkPen(self._theme.color("line"), width=1))
            axis.setStyle(tickLength=0, autoExpandTextSpace=True)
        self._plot.getAxis("bottom").setHeight(self._theme.size("s", self._seat) * 1.5)
        self._plot.getAxis("left").setWidth(self._theme.size("s", self._seat) * 1.1)

    def _pen(self, role: PenRole) -> QPen:
        chosen: ChartPen = self._theme.pen(role, self._seat)
        pen = QPen(QColor(chosen.color), chosen.width, _DASHES[chosen.dash])
        pen.setCosmetic(True)
        if chosen.dash == "dots":
            pen.setDashPattern([0.1, 2.4])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        return pen

    def _curve(self, points: Sequence[tuple[datetime, float]], role: PenRole) -> None:
        if points:
            x = [at.timestamp() for at, _ in points]
            self._plot.plot(x, [value for _, value in points], pen=self._pen(role))

    def _level_line(self, value: float, role: PenRole) -> None:
        self._plot.addItem(pg.InfiniteLine(value, angle=0, pen=self._pen(role)))

    def _band(self, start_at: datetime, end_at: datetime, low: float) -> None:
        span = (start_at.timestamp(), end_at.timestamp())
        region = pg.LinearRegionItem(
            span, movable=False, brush=QColor(self._theme.color("raise")), pen=pg.mkPen(None)
        )
        region.setZValue(-10)
        for line in region.lines:
            line.setPen(pg.mkPen(None))
        self._plot.addItem(region)
        foot = pg.mkPen(self._theme.color("t2"), width=self._theme.size("s", self._seat) / 4)
        self._plot.plot(list(span), [low, low], pen=foot)

    def _dot(self, levels: Levels) -> None:
        if not levels.measured:
            return
        at, value = levels.measured[-1]
        color = self._theme.state_color(levels.level) if levels.level else self._theme.color("t1")
        size = self._theme.size("s", self._seat) * 0.6
        dot = pg.ScatterPlotItem(
            [at.timestamp()], [value], size=size, brush=color, pen=pg.mkPen(None)
        )
        self._plot.addItem(dot)


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


def chart_box(area: QRectF) -> tuple[int, int, int, int]:
    """Give whole pixels for a chart's place."""
    return round(area.x()), round(area.y()), round(area.width()), round(area.height())


def read_points(raw: object) -> Points:
    """Read `[[iso, metres], ...]` as a source wrote it; what is no point is left out."""
    if not isinstance(raw, list):
        return ()
    found = []
    for pair in raw:
        match pair:
            case [str(at), int() | float() as value]:
                when = _instant(at)
                if when is not None:
                    found.append((when, float(value)))
            case _:
                continue
    return tuple(sorted(found))


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
