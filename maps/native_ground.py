"""The still map below the plain one, as the page draws it: land, water, counties, lines, the foot.

A worker draws it, for it takes as long as several frames; until it comes the last one is shown
where it belongs now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from app.i18n import SEPARATOR
from app.theme import Seat, Theme
from maps.chips import Sheet
from maps.flock import F64
from maps.host import MapHost
from maps.pixels import Camera

_TOKENS: Final = ("sea", "land0", "land", "cty", "city", "canal", "road")
_SCHEMATIC_UNTIL: Final = 11.0  # zoom: hand-drawn lines are wrong by kilometres
_STYLES: Final[Mapping[str, tuple[str, float, tuple[float, ...]]]] = {
    "canal": ("canal", 1.6, ()),
    "expressway": ("road", 1.6, ()),
    "railway": ("road", 1.2, (7.0, 4.0)),
    "bridge": ("road", 2.2, ()),
}
_ROAD: Final[tuple[str, float, tuple[float, ...]]] = ("road", 1.2, ())
_MOVE_TO, _LINE_TO = 0, 1
_ELEMENT: Final = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
"""One element of a path as `QDataStream` reads it; source: Qt's operator>>(QPainterPath)."""
_SCALE_LETTERS: Final = 6  # the scale bar is at most so many letters wide


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A canal or road: its style, its rank, whether it is only roughly where it is drawn."""

    kind: str
    rank: int
    schematic: bool
    path: QPainterPath


@dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """The base map as paths in metres, north up being negative."""

    is_sea: bool
    land: QPainterPath
    water: QPainterPath
    outline: QPainterPath
    counties: tuple[QPainterPath, ...]
    lines: tuple[_Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The ground as it was drawn for a camera."""

    image: QImage
    camera: Camera

    def place(self, camera: Camera) -> QRectF:
        """Give where its image lies under another camera."""
        times = camera.scale / self.camera.scale
        middle = camera.at(np.array([[self.camera.x, self.camera.y]]))[0].tolist()
        wide, high = self.camera.width * times, self.camera.height * times
        return QRectF(middle[0] - wide / 2, middle[1] - high / 2, wide, high)


def _path(rings: Sequence[Sequence[int]], *, closed: bool = True) -> QPainterPath:
    """Make a path of rings, as the bytes Qt itself would write of it: no object per corner."""
    whole = [np.asarray(ring, np.float64).reshape(-1, 2) for ring in rings if len(ring)]
    lines = [_closed(one) for one in whole] if closed else whole
    path = QPainterPath()
    if not lines:
        return path
    sizes = np.array([len(line) for line in lines])
    corners = np.concatenate(lines)
    told = np.empty(len(corners), _ELEMENT)
    told["kind"] = _LINE_TO
    told["kind"][np.cumsum(sizes) - sizes] = _MOVE_TO
    told["x"], told["y"] = corners[:, 0], -corners[:, 1]
    count, starts_and_rule = len(told).to_bytes(4, "big"), bytes(8)  # odd-even
    stream = QDataStream(QByteArray(count + told.tobytes() + starts_and_rule))
    stream >> path  # Qt's own word for reading
    return path


def _closed(ring: F64) -> F64:
    return ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])


def _areas(areas: Sequence[Sequence[Sequence[int]]]) -> QPainterPath:
    return _path([ring for rings in areas for ring in rings])


@lru_cache(maxsize=1)
def _read(page: bytes) -> _Shapes:
    """Make paths of what the page is given."""
    data = json.loads(page)
    return _Shapes(
        is_sea=data["ground"] == "sea",
        land=_areas(data["land"]),
        water=_areas(data["water"]),
        outline=_areas(data["outline"]),
        counties=tuple(_areas(county["rings"]) for county in data["counties"]),
        lines=tuple(
            _Line(one["kind"], one["rank"], one["schematic"], _path([one["xy"]], closed=False))
            for one in data["lines"]
        ),
    )


def draw(
    page: bytes, camera: Camera, zoom: float, colours: Mapping[str, str], stroke: float
) -> Drawn:
    """Draw the ground; runs in a worker.

    Args:
        page: the base map as the page gets it.
        camera: what is looked at.
        zoom: the same as a zoom of the page.
        colours: by token.
        stroke: width of the thinnest line in pixels.
    """
    shapes = _read(page)
    image = QImage(camera.width, camera.height, QImage.Format.Format_RGB32)
    image.fill(QColor(colours["sea" if shapes.is_sea else "land0"]))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(camera.width / 2, camera.height / 2)
    painter.scale(camera.scale, camera.scale)
    painter.translate(-camera.x, camera.y)
    painter.fillPath(shapes.land, QColor(colours["land0"]))
    for county in shapes.counties:
        painter.fillPath(county, QColor(colours["land"]))
    painter.fillPath(shapes.water, QColor(colours["sea"]))
    for line in shapes.lines:
        if not (line.schematic and zoom > _SCHEMATIC_UNTIL):
            token, width, dashes = _STYLES.get(line.kind, _ROAD)
            width = (width - 0.3 * (line.rank - 1)) * stroke
            pattern = [dash * stroke / width for dash in dashes]
            painter.strokePath(line.path, _pen(colours[token], width, pattern))
    for county in shapes.counties:
        painter.strokePath(county, _pen(colours["cty"], stroke))
    painter.strokePath(shapes.outline, _pen(colours["city"], 1.4 * stroke))
    painter.end()
    return Drawn(image, camera)


def _pen(colour: str, width: float, pattern: Sequence[float] = ()) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if pattern:
        pen.setDashPattern(pattern)  # in widths of the line
    return pen


class Ground(QObject):
    """The newest ground for a camera; what was asked for meanwhile is drawn next, the rest not.

    Signals:
        drawn(): another one is there.
    """

    drawn = Signal()

    def __init__(self, host: MapHost, stroke: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host, self._stroke = host, stroke
        self._shown: Drawn | None = None
        self._job: Callable[[], Drawn] | None = None
        self._is_busy = False

    def ask(self, camera: Camera, zoom: float) -> None:
        """Have it drawn for a camera, once the base map is there."""
        basemap, theme = self._host.basemap, self._host.sources.theme
        if basemap is None or camera.width < 1 or camera.height < 1:
            return
        colours = {token: theme.color(token) for token in _TOKENS}
        self._job = partial(draw, basemap.page, camera, zoom, colours, self._stroke)
        self._start()

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Paint what there is where it lies now."""
        if self._shown is not None:
            painter.drawImage(self._shown.place(camera), self._shown.image)

    def _start(self) -> None:
        if self._job is not None and not self._is_busy:
            job, self._job, self._is_busy = self._job, None, True
            self._host.sources.tasks.reckon.run(job, self._on_drawn)

    def _on_drawn(self, drawn: Drawn) -> None:
        self._shown, self._is_busy = drawn, False
        self.drawn.emit()
        self._start()


def foot(
    sheet: Sheet, theme: Theme, seat: Seat, *, source: str, camera: Camera, metres_px: float
) -> None:
    """Draw the scale bar and where the data is from, with the approval number.

    Args:
        sheet: what is drawn on.
        theme: colours.
        seat: at a desk the line has a ground of its own.
        source: the line.
        camera: gives the height.
        metres_px: metres on the ground per pixel.
    """
    small, left = sheet.small, sheet.small * 1.2
    line = small * 1.35
    said = foot_lines(sheet, source, camera.width - 2 * left)
    top = camera.height - small * 0.8 - line * len(said)
    wide = max(sheet.width(one, small) for one in said) + 1
    box = QRectF(left, top, wide, line * len(said))
    if seat == "desk":
        sheet.painter.fillRect(box.adjusted(-3, -3, 3, 3), QColor(theme.color("bg")))
    for number, one in enumerate(said):
        sheet.text(one, QRectF(left, top + number * line, wide, line), small, "t3")
    length_m = _round_length(metres_px * small * _SCALE_LETTERS)
    wide, high = length_m / metres_px, small * 0.35
    base = top - small * 0.5 - line / 2 + high / 2
    sheet.painter.setPen(QPen(QColor(theme.color("t2")), 2))
    sheet.painter.drawPolyline(
        [QPointF(left + x, base - y) for x, y in ((1, high), (1, 0), (wide, 0), (wide, high))]
    )
    words = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    beside = QRectF(left + wide + small * 0.5, top - small * 0.5 - line, small * 8, line)
    sheet.text(words, beside, small, "t2")


def foot_lines(sheet: Sheet, source: str, most: float) -> list[str]:
    """Break a line between its parts where it is wider than the map."""
    said = [""]
    for part in source.split(SEPARATOR):
        longer = f"{said[-1]}{SEPARATOR}{part}" if said[-1] else part
        if said[-1] and sheet.width(longer, sheet.small) > most:
            said.append(part)
        else:
            said[-1] = longer
    return said


def _round_length(limit_m: float) -> float:
    power = 10.0 ** np.floor(np.log10(limit_m))
    return float(next(step * power for step in (5, 2, 1) if step * power <= limit_m))
