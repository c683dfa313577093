"""The plain map: numpy and QPainter draw into one image. It stands in when the page cannot live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.scenes import Extent
from app.theme import Seat
from backend_client.contract.shapes import AREA
from maps.chips import Chip, Sheet, free_place, gravest, summed
from maps.mercator import project, unproject, zoom_scale
from maps.native_ground import Ground, foot
from maps.painter import CHANNELS
from maps.picture import Picture, Sketch
from maps.pixels import (
    F64,
    Camera,
    Pixels,
    mixed,
    nearest_outline,
    palette,
    segments,
    stamp,
    stroke,
    warm,
)
from maps.setup import STROKE
from maps.sight import Eye
from maps.spec import LayerSpec

if TYPE_CHECKING:
    from maps.host import MapHost

_REACH_PX: Final = 14
_HOVER_MS: Final = 100
_TOGETHER_MS: Final = (
    60  # layers come one by one at first: what follows so soon is painted together
)
_AT_LATEST_MS: Final = 300
_MANY: Final = 3_000
_ZOOMS: Final = (7.0, 18.0)
_SHAPES: Final = 80
_CHIPS: Final = 4  # per county or cell
_FILL: Final = 36  # of 255: an abnormal area
_MOST_FILLED: Final = 400


class NativeMap(QWidget):
    """Show the same window of the data without any page.

    Signals:
        clicked(str, int): layer, oid.
        hovered(str, int): layer, oid under the pointer, at most 10 times a second.
        left(): nothing is under the pointer any more.
        looked(Eye): it looks elsewhere now and may need other data.
        shown(str, str, int): channel, layer, sequence number now painted.
        stood(): it was painted for the first time.
    """

    clicked = Signal(str, int)
    hovered = Signal(str, int)
    left = Signal()
    looked = Signal(object)
    shown = Signal(str, str, int)
    stood = Signal()

    def __init__(self, host: MapHost, seat: Seat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._seat: Seat = seat
        self._specs = {spec.layer_id: spec for spec in host.specs}
        self._layers: tuple[str, ...] = ()
        self._pictures: dict[tuple[str, str], Picture] = {}
        self._fresh: list[tuple[str, str, int]] = []
        self._has_foot = True
        self._stands = False
        self._mark: tuple[str, int] | None = None
        self._eye = np.zeros(2)
        self._zoom = 9.0
        self._extent: Extent | None = None
        self._grip: QPoint | None = None
        self._ground = Ground(host, STROKE[seat], self)
        self._ground.drawn.connect(self.update)
        host.ready.connect(self.renew)
        self._under: tuple[str, int] | None = None
        self._soon = QTimer(self, interval=_TOGETHER_MS, singleShot=True)
        self._soon.timeout.connect(self.update)
        self._waits = QElapsedTimer()
        self._rest = QTimer(self, interval=_HOVER_MS, singleShot=True)
        self._rest.timeout.connect(self._look_under)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_layers(self, ids: tuple[str, ...]) -> None:
        """Show these layers."""
        self._layers = ids
        self._pictures = {key: one for key, one in self._pictures.items() if key[1] in ids}
        self.update()

    def mark(self, mark: tuple[str, int] | None) -> None:
        """Mark one object as the selected one."""
        self._mark = mark
        self.update()

    def take(self, picture: Picture, seq: int) -> None:
        """Show this in place of what was shown of its layer and channel."""
        if picture.layer in self._layers:
            self._pictures[picture.channel, picture.layer] = picture
            self._fresh.append((picture.channel, picture.layer, seq))
            if not self._soon.isActive():
                self._waits.restart()
            if self._waits.elapsed() < _AT_LATEST_MS:
                self._soon.start()

    def keys(self) -> frozenset[tuple[str, str]]:
        """Tell which channels and layers it shows something of."""
        return frozenset(self._pictures)

    def show_foot(self, *, shown: bool) -> None:
        """Say whether scale and sources stand here."""
        self._has_foot = shown
        self.update()

    def eye(self) -> Eye:
        """Give where it looks."""
        letter = float(self._host.sources.theme.size("s", self._seat))
        x, y = self._eye.tolist()
        return Eye(x, y, self._zoom, self.width(), self.height(), letter)

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

    def renew(self) -> None:
        """Draw everything again: colours, words or the base map are others now."""
        self._ground.ask(self._camera(), self._zoom)
        self.update()

    def _moved(self) -> None:
        self._ground.ask(self._camera(), self._zoom)
        self.looked.emit(self.eye())
        self.update()

    def _camera(self) -> Camera:
        x, y = self._eye.tolist()
        return Camera(x, y, zoom_scale(self._zoom), self.width(), self.height())

    def _colour(self, token: str) -> QColor:
        return QColor(self._host.sources.theme.color(token))

    # ---- the picture ----------------------------------------------------------------------

    def _visible(self) -> list[Picture]:
        return [
            picture
            for layer in self._layers
            for channel in CHANNELS
            if (picture := self._pictures.get((channel, layer))) is not None
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw heat, lines and areas, points, then chips and shapes over the ground."""
        camera, pictures = self._camera(), self._visible()
        image = self._draw_base(camera)
        pixels = np.frombuffer(image.bits(), np.uint32).reshape(image.height(), -1)
        for picture in pictures:
            if picture.heat is not None:
                warm(pixels, picture.heat, self._hue(picture.layer), camera)
        for picture in pictures:
            if picture.sketch is not None:
                self._draw_sketch(image, pixels, picture, picture.sketch)
        for picture in pictures:
            self._stamp_layer(pixels, picture, camera)
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet = Sheet(painter, self._host.sources.theme, self._seat)
        self._draw_small(sheet, pictures, camera)
        if self._has_foot:
            self._draw_foot(sheet, camera)
        painter.end()
        if self._fresh or not self._stands:
            QTimer.singleShot(0, self, self._tell_shown)

    def _tell_shown(self) -> None:
        """Say what was painted, once it is on the screen."""
        if not self._stands:
            self._stands = True
            self.stood.emit()
        told, self._fresh = self._fresh, []
        for channel, layer, seq in told:
            self.shown.emit(channel, layer, seq)

    def _draw_base(self, camera: Camera) -> QImage:
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        image.fill(self._colour("land0"))
        painter = QPainter(image)
        self._ground.paint(painter, camera)
        painter.end()
        return image

    def _draw_foot(self, sheet: Sheet, camera: Camera) -> None:
        lat = unproject(self._eye[None, :])[0, 1]
        metres_px = float(np.cos(np.radians(lat))) / camera.scale
        source, theme = self._host.source_line(), self._host.sources.theme
        foot(sheet, theme, self._seat, source=source, camera=camera, metres_px=metres_px)

    def _hue(self, layer: str) -> QColor:
        return self._colour(f"g_{self._specs[layer].group}")

    def _stamp_layer(self, pixels: Pixels, picture: Picture, camera: Camera) -> None:
        states = [self._colour(f"s{level}") for level in (1, 2, 3, 4)]
        table = palette([self._hue(picture.layer), *states], self._colour("t3"))
        at = np.rint(camera.at(picture.xy)).astype(np.int64)
        size = 2 if picture.points > _MANY else 5
        points, hot = slice(0, picture.points), picture.hot.astype(np.int64)
        stamp(pixels, at[points], table[picture.paint[points]], size)
        hot = hot[(hot < picture.points) | (hot >= picture.points + picture.chips)]
        stamp(pixels, at[hot], table[picture.paint[hot]], size + 4)

    def _draw_sketch(self, image: QImage, pixels: Pixels, picture: Picture, sketch: Sketch) -> None:
        camera, hue, land = self._camera(), self._hue(picture.layer), self._colour("land")
        at = camera.at(sketch.parts.xy)
        state, age = sketch.paint & 7, sketch.paint >> 3
        shades = [mixed(hue, land, 0.55), *(self._colour(f"s{level}") for level in (1, 2, 3, 4))]
        table = np.array([one.rgb() for one in shades], np.uint32)
        colour = table[state]
        colour[(state == 0) & (sketch.form == AREA)] = mixed(hue, land, 0.22).rgb()
        colour[(state == 0) & (age > 0)] = mixed(self._colour("t3"), land, 0.45).rgb()
        self._fill(image, sketch, at, shades)
        first, second, owner = segments(sketch.parts, sketch.form)
        grave = state[owner] > 0
        for rows, size in ((~grave, 1), (grave, 3)):
            ends = first[rows], second[rows]
            stroke(pixels, at, ends, colour[owner[rows]], size)
        if self._mark and self._mark[0] == picture.layer:
            rows = sketch.oid[owner] == self._mark[1]
            white = np.full(int(rows.sum()), self._colour("t1").rgb(), np.uint32)
            stroke(pixels, at, (first[rows], second[rows]), white, 3)

    def _fill(self, image: QImage, sketch: Sketch, at: F64, shades: list[QColor]) -> None:
        """Fill the abnormal areas faintly, even-odd."""
        state = sketch.paint & 7
        rows = np.flatnonzero((state > 0) & (sketch.form == AREA))[-_MOST_FILLED:]
        painter = QPainter(image)
        painter.setPen(Qt.PenStyle.NoPen)
        for row in rows.tolist():
            path = QPainterPath()
            for part in range(int(sketch.parts.at[row]), int(sketch.parts.at[row + 1])):
                low, high = sketch.parts.part_at[part : part + 2].tolist()
                path.addPolygon(QPolygonF([QPointF(x, y) for x, y in at[low:high].tolist()]))
            shade = QColor(shades[int(state[row])])
            shade.setAlpha(_FILL)
            painter.setBrush(shade)
            painter.drawPath(path)
        painter.end()

    # ---- chips, shapes, names -------------------------------------------------------------

    def _draw_small(self, sheet: Sheet, pictures: list[Picture], camera: Camera) -> None:
        counting = any(picture.way.counting for picture in pictures)
        self._draw_counties(sheet, pictures if counting else [], camera)
        self._draw_cells(sheet, pictures, camera)
        for picture in pictures:
            self._draw_singles(sheet, picture, camera)

    def _chip(self, layer: str, numbers: tuple[int, int, int]) -> Chip:
        spec: LayerSpec = self._specs[layer]
        return Chip(spec.glyph, f"g_{spec.group}", *numbers)

    def _draw_counties(self, sheet: Sheet, pictures: list[Picture], camera: Camera) -> None:
        words = self._host.sources.words
        taken: list[QRectF] = []
        for county in self._host.basemap.counties if self._host.basemap else ():
            xy = project(np.array([county.label[0]]), np.array([county.label[1]]))
            x, y = camera.at(xy)[0].tolist()
            chips = []
            for layer in self._layers:
                groups = [one.groups for one in pictures if one.layer == layer]
                numbers = summed(groups, county.unit.code)
                if numbers[0]:
                    chips.append(self._chip(layer, numbers))
            taken.append(
                self._draw_county(sheet, words.say(county.unit.name), (x, y), chips, taken)
            )

    def _draw_county(
        self,
        sheet: Sheet,
        name: str,
        at: tuple[float, float],
        chips: Sequence[Chip],
        taken: Sequence[QRectF],
    ) -> QRectF:
        """Draw a name and its chips where no other county's stand, fewer chips where it must."""
        x, y = at
        wide, head = sheet.width(name, sheet.middle, bold=True) + 2, sheet.middle * 1.3 + sheet.gap
        kept: Sequence[Chip] = []
        place = QRectF(x - wide / 2, y - sheet.middle, wide, head)
        for most in (_CHIPS, _CHIPS // 2, 0):
            some = gravest(chips, most)
            size = sheet.stack_size(some, self.width())
            whole = QRectF(0, y - sheet.middle, max(wide, size.width()), head + size.height())
            whole.moveLeft(x - whole.width() / 2)
            found = free_place(whole, taken, sheet.height / 2)
            if found is not None:
                kept, place = some, found
                break
        middle = place.center().x()
        box = QRectF(middle - wide / 2, place.y(), wide, head - sheet.gap)
        sheet.text(name, box, sheet.middle, "t1", bold=True)
        sheet.stack(kept, middle, place.y() + head, self.width())
        return place

    def _draw_cells(self, sheet: Sheet, pictures: list[Picture], camera: Camera) -> None:
        cells: dict[tuple[int, int], list[Chip]] = {}
        metres = 0.0
        for picture in pictures:
            found = picture.cells
            if found is None:
                continue
            metres = found.metres
            numbers = np.column_stack([found.count, found.abnormal, found.worst])
            for key, row, alone in zip(found.key, numbers, found.alone, strict=True):
                if alone < 0:
                    chips = cells.setdefault((int(key[0]), int(key[1])), [])
                    chips.append(self._chip(picture.layer, (int(row[0]), int(row[1]), int(row[2]))))
        side = metres * camera.scale
        for (column, row), chips in cells.items():
            middle = np.array([[(column + 0.5) * metres, (row + 0.5) * metres]])
            x, y = camera.at(middle)[0].tolist()
            if self.rect().contains(QPoint(round(x), round(y))):
                kept = gravest(chips, _CHIPS)
                sheet.stack(kept, x, y - sheet.height * len(kept) / 3, side * 0.96)

    def _draw_singles(self, sheet: Sheet, picture: Picture, camera: Camera) -> None:
        spec = self._specs[picture.layer]
        at = camera.at(picture.xy)
        marked = np.zeros(picture.oid.size, np.bool_)
        if self._mark and self._mark[0] == picture.layer:
            marked = picture.oid == self._mark[1]
        chips = np.arange(picture.points, picture.points + picture.chips)
        grave = [row for row in picture.hot.tolist() if row >= picture.points][-_SHAPES:]
        rows = dict.fromkeys([*chips.tolist(), *grave, *np.flatnonzero(marked).tolist()])
        states = picture.paint & 7
        for row in sorted(rows, key=lambda row: (marked[row], states[row] > 0)):  # on top: states
            middle, state = QPointF(*at[row].tolist()), int(picture.paint[row] & 7)
            if state and not marked[row]:
                sheet.state(state, middle, round(sheet.small * 1.67))
            else:
                sheet.single(spec.glyph, f"g_{spec.group}", middle, marked=bool(marked[row]))
                if state:
                    sheet.state(state, middle, sheet.icon)

    # ---- pointer ----------------------------------------------------------------------------

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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a second press that comes fast as a press."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the map, or look what lies under the pointer."""
        if self._grip is None:
            if not self._rest.isActive():
                self._rest.start()
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
        if found := self._find(at):
            self.clicked.emit(*found)

    def _look_under(self) -> None:
        at = self.mapFromGlobal(QCursor.pos())
        now = self._find(at) if self.rect().contains(at) else None
        if now == self._under:
            return
        self._under = now
        if now:
            self.hovered.emit(*now)
        else:
            self.left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Look once more: the pointer is elsewhere."""
        self._rest.start()
        super().leaveEvent(event)

    def _find(self, at: QPoint) -> tuple[str, int] | None:
        camera, best = self._camera(), float(_REACH_PX)
        found: tuple[str, int] | None = None
        for picture in self._visible():
            if not picture.oid.size:
                continue
            away = np.hypot(*(camera.at(picture.xy) - [at.x(), at.y()]).T)
            row = int(away.argmin())
            if away[row] <= best:
                best, found = float(away[row]), (picture.layer, int(picture.oid[row]))
        for picture in [] if found else self._visible():
            if picture.sketch is None:
                continue
            places = camera.at(picture.sketch.parts.xy)
            row, distance = nearest_outline(picture.sketch, places, at.x(), at.y())
            if distance <= best * 0.6:
                best, found = distance, (picture.layer, int(picture.sketch.oid[row]))
        return found

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the middle."""
        lon, lat = unproject(self._eye[None, :])[0].tolist()
        self.look(lon, lat, self._zoom + event.angleDelta().y() / 240)
