"""Open events by county: the land in greys, the number on each, small counties called out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from app.answers import PartsOf
from backend_client.contract.base import Text
from maps.credit import APPROVAL_KEY, FOLDER_KEY, credit, folder_of
from maps.geometry import County, load
from maps.mercator import project
from maps.user_shapes import BadShapesError
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.tiles import EVERY_S, CockpitPanel, Shared

INDICATOR: Final = "open"
Areas = tuple[tuple[County, ...], tuple[str, ...]]
_SHADES: Final = 5
_TOLERANCE_DEG: Final = 0.0015


class CountyMap(CockpitPanel):
    """Where the open events are."""

    title = Text("在办事件 · 按县市区", "Open events by county")

    def __init__(self, room: Room, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(room, shared, parent)
        self._counties: tuple[County, ...] = ()
        self._sources: tuple[str, ...] = ()
        self._folder: str | None = None  # what the counties were asked from; None: not asked
        self._land: tuple[object, QPixmap] | None = None

    def note(self) -> str:
        """Say what Enter does."""
        return self.room.words.pick("回车 → 镇街 → 明细", "Enter → town → rows")

    def ask(self) -> None:
        """Ask for the counties' parts too."""
        super().ask()
        self.room.stores.answers.ask(PartsOf(INDICATOR), EVERY_S * 2)

    def counts(self) -> dict[str, float]:
        """Give the open events of each county there is."""
        parts = self.room.stores.answers.get(PartsOf(INDICATOR))
        return {part.region: part.top for part in parts.parts} if parts else {}

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the land in shades of the count, then names and numbers."""
        entered = self.room.setting(FOLDER_KEY)
        if entered != self._folder:
            self._load(entered)
        foot = board.u(34)
        place = area.adjusted(0, 0, 0, -foot)
        known = [county for county in self._counties if county.area is not None]
        if known:
            self._draw_land(board, place, known)
        line = QRectF(area.x(), area.bottom() - foot, area.width(), foot)
        told = credit(self.room.words, self.room.setting(APPROVAL_KEY), self._sources)
        board.text(line, told, Ink(tone="t3", elide=True))

    def _load(self, entered: str) -> None:
        """Get the areas in a worker; without one they are read now."""
        self._folder = entered
        runner, job = self.room.pulse.runner, partial(_areas, folder_of(entered))
        if runner is None:
            self._take(job())
        else:
            runner.run(job, self._on_areas)

    def _on_areas(self, found: Areas) -> None:
        self._take(found)
        self.redraw()

    def _take(self, found: Areas) -> None:
        self._counties, self._sources = found
        self._land = None

    def _draw_land(self, board: Board, place: QRectF, known: list[County]) -> None:
        counts = self.counts()
        fit = _Fit(known, place)
        key = (tuple(sorted(counts.items())), board.theme.name, place.width(), place.height())
        if self._land is None or self._land[0] != key:
            self._land = key, self._land_picture(board, place, known, counts)
        board.painter.drawPixmap(place.topLeft(), self._land[1])
        taken: list[QRectF] = []
        for county in sorted(known, key=lambda one: -one.reach_deg):
            self._draw_label(board, place, county, fit, taken, counts)

    @staticmethod
    def _land_picture(
        board: Board, place: QRectF, known: list[County], counts: Mapping[str, float]
    ) -> QPixmap:
        """Paint the land once; it only changes with the counts."""
        made = QPixmap(place.size().toSize())
        made.fill(QColor(board.theme.color("sea")))
        fit = _Fit(known, QRectF(made.rect()))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shades = _shades(board, {one.unit.code: counts.get(one.unit.code, 0.0) for one in known})
        painter.setPen(QPen(QColor(board.theme.color("cty")), max(1.0, board.u(1.5))))
        for county in known:
            painter.setBrush(shades[county.unit.code])
            painter.drawPath(fit.path(county))
        painter.end()
        return made

    def _draw_label(
        self,
        board: Board,
        place: QRectF,
        county: County,
        fit: _Fit,
        taken: list[QRectF],
        counts: Mapping[str, float],
    ) -> None:
        words = self.room.words
        code = county.unit.code
        name = words.say(self.room.names.region(code))
        number = words.number(counts.get(code)) if counts else ""
        strong = Ink(role="m", bold=True)
        wide = max(board.width(name), board.width(number, strong)) + board.u(6)
        line, high = board.u(30), board.u(34)
        box = QRectF(0, 0, wide, line + high)
        at = fit.point(*county.label)
        box.moveCenter(at)
        free = _free(box, place, taken, board.u(8))
        if free is None:
            return
        if (free.center() - at).manhattanLength() > board.u(24):
            painter = board.painter
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(board.theme.color("t3")), max(1.0, board.u(1.5))))
            painter.drawLine(
                at, QPointF(free.center().x(), min(max(at.y(), free.y()), free.bottom()))
            )
            painter.restore()
            board.dot(at, board.u(8), hollow=False, tone="t3")
        taken.append(free)
        self.mark(board, free, f"{INDICATOR}@{code}")
        upper = QRectF(free.x(), free.y(), wide, line)
        board.text(upper, name, Ink(align="center"))
        lower = QRectF(free.x(), upper.bottom(), wide, high)
        board.text(lower, number, Ink(role="m", bold=True, align="center"))


def _areas(folder: Path | None) -> Areas:
    """Read the counties, their outlines as fine as a page shows them.

    Our own stand in for files of the user that cannot be read; the map says what is wrong.
    """
    try:
        basemap = load(folder)
    except BadShapesError:
        basemap = load(None)
    counties = tuple(
        replace(county, area=shapely.simplify(county.area, _TOLERANCE_DEG))
        if county.area is not None
        else county
        for county in basemap.counties
    )
    return counties, basemap.sources


class _Fit:
    """Lay the counties into a box, north up."""

    def __init__(self, counties: list[County], place: QRectF) -> None:
        edges = shapely.total_bounds([county.area for county in counties])
        west, south = _metres(edges[0], edges[1])
        east, north = _metres(edges[2], edges[3])
        self._scale = min(place.width() / (east - west), place.height() / (north - south)) * 0.94
        self._middle = ((west + east) / 2, (south + north) / 2)
        self._centre = place.center()

    def point(self, lon: float, lat: float) -> QPointF:
        """Place a point."""
        x, y = _metres(lon, lat)
        return QPointF(
            self._centre.x() + (x - self._middle[0]) * self._scale,
            self._centre.y() - (y - self._middle[1]) * self._scale,
        )

    def path(self, county: County) -> QPainterPath:
        """Give a county's outline."""
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.OddEvenFill)
        for part in shapely.get_parts(county.area):
            for ring in (part.exterior, *part.interiors):
                path.addPolygon(self._ring(np.asarray(ring.coords)))
        return path

    def _ring(self, coords: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> QPolygonF:
        metres = project(coords[:, 0], coords[:, 1])
        x = self._centre.x() + (metres[:, 0] - self._middle[0]) * self._scale
        y = self._centre.y() - (metres[:, 1] - self._middle[1]) * self._scale
        return QPolygonF([QPointF(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)])


def _metres(lon: float, lat: float) -> tuple[float, float]:
    made = project(np.array([lon]), np.array([lat]))[0]
    return float(made[0]), float(made[1])


def _shades(board: Board, counts: Mapping[str, float]) -> dict[str, QColor]:
    """Give each county a grey between land and its border by its share of the most."""
    low, high = QColor(board.theme.color("land")), QColor(board.theme.color("line2"))
    most = max(counts.values(), default=0.0) or 1.0
    return {
        code: _between(low, high, round(count / most * _SHADES) / _SHADES * 0.85)
        for code, count in counts.items()
    }


def _between(low: QColor, high: QColor, share: float) -> QColor:
    parts = (
        (low.redF(), high.redF()),
        (low.greenF(), high.greenF()),
        (low.blueF(), high.blueF()),
    )
    return QColor.fromRgbF(*(one + (other - one) * share for one, other in parts))


def _free(box: QRectF, place: QRectF, taken: list[QRectF], gap: float) -> QRectF | None:
    """Find the nearest place for a label that covers no other one."""
    for ring in range(9):
        for x, y in _AROUND if ring else ((0.0, 0.0),):
            moved = box.translated(
                x * ring * (box.width() * 0.5 + gap), y * ring * (box.height() * 0.5 + gap)
            )
            wide = moved.adjusted(-gap / 2, -gap / 2, gap / 2, gap / 2)
            if place.contains(moved) and not any(wide.intersects(one) for one in taken):
                return moved
    return None


_AROUND: Final = ((0, 1), (0, -1), (-1, 0), (1, 0), (-1, 1), (1, 1), (-1, -1), (1, -1))
