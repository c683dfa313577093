"""The plain map: numpy stamps into one image. It stands in when the page cannot live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.scenes import Extent
from app.theme import Seat
from maps.mercator import project, unproject, zoom_scale
from maps.painter import CHANNELS
from maps.picture import AGE_SHIFT, Picture
from maps.sight import Eye

if TYPE_CHECKING:
    from maps.host import MapHost

Pixels = npt.NDArray[np.uint32]

_REACH_PX: Final = 14
_MANY: Final = 3_000
_ZOOMS: Final = (7.0, 18.0)


def palette(colours: list[QColor], grey: QColor) -> npt.NDArray[np.uint32]:
    """Give 32 colours by paint byte, as the page has them.

    Args:
        colours: of the layer, then of states I to IV.
        grey: for what is late or stale and not abnormal.
    """
    table = np.zeros(32, np.uint32)
    for age in range(3):
        for state, colour in enumerate(colours):
            shown = grey if age and not state else colour
            table[(age << AGE_SHIFT) | state] = shown.rgb()
    return table


def stamp(pixels: Pixels, at: npt.NDArray[np.int64], colour: Pixels, size: int) -> None:
    """Stamp squares into an image; what lies over the edge is left out.

    Shape: pixels (height, width); at (n, 2) x, y of the middle; colour (n,).
    """
    height, width = pixels.shape
    low = at - size // 2
    inside = (low >= 0).all(axis=1) & (low[:, 0] + size <= width) & (low[:, 1] + size <= height)
    x, y, shade = low[inside, 0], low[inside, 1], colour[inside]
    for row in range(size):
        for column in range(size):
            pixels[y + row, x + column] = shade


class NativeMap(QWidget):
    """Show county outlines and dots without any page.

    Signals:
        clicked(str, int): layer, oid.
        looked(Eye): it looks elsewhere now and may need other data.
    """

    clicked = Signal(str, int)
    looked = Signal(object)

    def __init__(self, host: MapHost, seat: Seat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._seat: Seat = seat
        self._layers: tuple[str, ...] = ()
        self._pictures: dict[tuple[str, str], Picture] = {}
        self._eye = np.zeros(2)
        self._zoom = 9.0
        self._extent: Extent | None = None
        self._grip: QPoint | None = None
        self._outlines = self._build_outlines()
        self._base: QImage | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_layers(self, ids: tuple[str, ...]) -> None:
        """Show these layers."""
        self._layers = ids
        self._pictures = {key: one for key, one in self._pictures.items() if key[1] in ids}
        self.update()

    def take(self, picture: Picture) -> None:
        """Show this in place of what was shown of its layer and channel."""
        self._pictures[picture.channel, picture.layer] = picture
        self.update()

    def eye(self) -> Eye:
        """Give where it looks."""
        letter = float(self._host.sources.theme.size("s", self._seat))
        x, y = self._eye.tolist()
        return Eye(x, y, self._zoom, self.width(), self.height(), letter)

    def _moved(self) -> None:
        self._base = None
        self.looked.emit(self.eye())
        self.update()

    def look(self, lon: float, lat: float, zoom: float) -> None:
        """Look at a place."""
        self._extent = None
        self._eye = project(np.array([lon]), np.array([lat]))[0].astype(np.float64)
        self._zoom = min(max(zoom, _ZOOMS[0]), _ZOOMS[1])
        self._moved()

    def fit(self, extent: Extent) -> None:
        """Fit a part of the city into the widget."""
        corners = project(
            np.array([extent.west, extent.east]), np.array([extent.south, extent.north])
        ).astype(np.float64)
        size = np.array([max(self.width(), 1), max(self.height(), 1)])
        scale = float((size / (corners[1] - corners[0])).min())
        self._eye = corners.mean(axis=0)
        self._zoom = float(np.log2(scale / zoom_scale(0.0)))
        self._extent = extent
        self._moved()

    def _build_outlines(self) -> list[QPolygonF]:
        counties = self._host.basemap.counties if self._host.basemap else ()
        rings = []
        for county in counties:
            for part in county.area.geoms if county.area else ():
                coords = np.asarray(part.exterior.coords)
                rings.append(
                    QPolygonF(
                        [QPointF(x, -y) for x, y in project(coords[:, 0], coords[:, 1]).tolist()]
                    )
                )
        return rings

    def _colour(self, token: str) -> QColor:
        return QColor(self._host.sources.theme.color(token))

    def _draw_base(self) -> QImage:
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        image.fill(self._colour("land0"))
        scale = zoom_scale(self._zoom)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(scale, scale)
        painter.translate(-self._eye[0], self._eye[1])
        pen = QPen(self._colour("city"), 1.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(self._colour("land"))
        for ring in self._outlines:
            painter.drawPolygon(ring)
        self._draw_names(painter)
        painter.end()
        return image

    def _draw_names(self, painter: QPainter) -> None:
        theme, words = self._host.sources.theme, self._host.sources.words
        transform = painter.transform()
        painter.setTransform(QTransform())
        font = self.font()
        font.setPixelSize(theme.size("m", self._seat))
        painter.setFont(font)
        painter.setPen(self._colour("t2"))
        for county in self._host.basemap.counties if self._host.basemap else ():
            xy = project(np.array([county.label[0]]), np.array([county.label[1]]))[0]
            at = transform.map(QPointF(float(xy[0]), -float(xy[1])))
            name = words.say(county.unit.name)
            width = painter.fontMetrics().horizontalAdvance(name)
            painter.drawText(QPointF(at.x() - width / 2, at.y()), name)

    def _places(self, dots: Picture) -> npt.NDArray[np.int64]:
        scale = zoom_scale(self._zoom)
        middle = np.array([self.width() / 2, self.height() / 2])
        return np.rint(middle + (dots.xy - self._eye) * [scale, -scale]).astype(np.int64)

    def _visible(self) -> list[Picture]:
        return [
            picture
            for layer in self._layers
            for channel in CHANNELS
            if (picture := self._pictures.get((channel, layer))) is not None
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the still picture and stamp the dots over it."""
        if self._base is None or self._base.size() != self.size():
            self._base = self._draw_base()
        image = self._base.copy()
        pixels = np.frombuffer(image.bits(), np.uint32).reshape(image.height(), -1)
        for dots in self._visible():
            self._stamp_layer(pixels, dots)
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()

    def _stamp_layer(self, pixels: Pixels, dots: Picture) -> None:
        spec = next(spec for spec in self._host.specs if spec.layer_id == dots.layer)
        tokens = (f"g_{spec.group}", "s1", "s2", "s3", "s4")
        table = palette([self._colour(token) for token in tokens], self._colour("t3"))
        at = self._places(dots)
        size = 2 if dots.oid.size > _MANY else 5
        stamp(pixels, at, table[dots.paint], size)
        hot = (dots.paint & 7) > 0
        stamp(pixels, at[hot], table[dots.paint[hot]], size + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the extent in view."""
        super().resizeEvent(event)
        if self._extent:
            self.fit(self._extent)
        else:
            self._moved()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._grip = event.position().toPoint()
        self._pressed = self._grip

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the map."""
        if self._grip is None:
            return
        now = event.position().toPoint()
        step = now - self._grip
        scale = zoom_scale(self._zoom)
        self._eye = self._eye + np.array([-step.x() / scale, step.y() / scale])
        self._grip, self._extent = now, None
        self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report what was clicked when the map was not dragged."""
        at = event.position().toPoint()
        if self._grip is not None and (at - self._pressed).manhattanLength() < 4:
            self._hit(at)
        self._grip = None

    def _hit(self, at: QPoint) -> None:
        best, found = float(_REACH_PX), None
        for dots in self._visible():
            if not dots.oid.size:
                continue
            away = np.hypot(*(self._places(dots) - [at.x(), at.y()]).T)
            row = int(away.argmin())
            if away[row] <= best:
                best, found = float(away[row]), (dots.layer, int(dots.oid[row]))
        if found:
            self.clicked.emit(*found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the middle."""
        lon, lat = unproject(self._eye[None, :])[0].tolist()
        self.look(lon, lat, self._zoom + event.angleDelta().y() / 240)
