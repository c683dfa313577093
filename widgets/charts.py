"""The level chart: what was measured, what is foretold, the limit, the inner water, the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from widgets.easel import Painted
from widgets.levels import Levels
from widgets.panel import Room

if TYPE_CHECKING:
    from widgets.plot import Plot


class LevelChart(Painted):
    """Draw one station's level against its limit and the inner water."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room.pulse.easel, parent)
        self._theme, self._seat, self._pulse = room.theme, room.seat, room.pulse
        self._shown: Levels | None = None
        self._plot: Plot | None = None
        self._is_asked = False
        room.theme.changed.connect(self._on_theme)

    def show_levels(self, levels: Levels) -> None:
        """Draw these levels; equal ones are left alone."""
        if levels != self._shown:
            self._shown = levels
            self.redraw()

    def ground(self) -> str:
        """Give the plate's colour."""
        return self._theme.color("panel")

    def paint(self, painter: QPainter) -> None:
        """Paint the plot; before the first levels, and until it is read, only its ground."""
        if self._shown is None or self._plot is None:
            painter.fillRect(self.rect(), QColor(self.ground()))
        if self._shown is None:
            return
        if self._plot is None:
            self._ask()
        if self._plot is None:
            return
        self._plot.lay(self._shown)
        painter.drawPixmap(0, 0, self._plot.picture(self.size()))

    def _ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            self._pulse.elsewhere(_read_plot, self._on_plot)

    def _on_plot(self, kind: type[Plot]) -> None:
        self._plot = kind(self._theme, self._seat, self)
        self.redraw()

    def _on_theme(self) -> None:
        if self._plot is not None:
            self._plot.dress()
        self.redraw()


def _read_plot() -> type[Plot]:
    from widgets.plot import Plot  # noqa: PLC0415  pyqtgraph: half a second, not at the start

    return Plot


def chart_box(area: QRectF) -> tuple[int, int, int, int]:
    """Give whole pixels for a chart's place."""
    return round(area.x()), round(area.y()), round(area.width()), round(area.height())
