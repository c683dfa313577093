"""The map as a widget: the plain map as a curtain until the page stands, and after it died."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, QPointF, QRect, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineSettings
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.places import feature_name
from app.scenes import Extent
from app.theme import Seat
from backend_client.contract.base import Text
from backend_client.contract.resources import Area
from maps import lasso, page, scheme, setup, sight
from maps.bridge import Bridge
from maps.host import MapHost
from maps.mercator import project
from maps.native import NativeMap
from maps.painter import Painted

Shape = Literal["rectangle", "polygon", "circle"]

CRASHES_PER_MINUTE: Final = 3
EDGE_PX: Final = 40
_LOWER_MS: Final = 100  # the page says what it drew some frames before the screen has it
_MINUTE_S: Final = 60.0


class _Page(QWebEnginePage):
    """A page that stays where it is and reports its faults."""

    def __init__(self, profile: QWebEngineProfile, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(profile, parent)
        self._bridge = bridge

    def acceptNavigationRequest(
        self,
        url: QUrl | str,
        _kind: QWebEnginePage.NavigationType,
        _main: bool,  # noqa: FBT001  # Qt calls it so
        /,
    ) -> bool:
        """Let only our own page be loaded."""
        return QUrl(url).scheme().encode() == scheme.NAME

    def javaScriptConsoleMessage(
        self,
        level: QWebEnginePage.JavaScriptConsoleMessageLevel,
        message: str,
        line: int,
        source: str,
    ) -> None:
        """Pass errors of our scripts on."""
        if level == QWebEnginePage.JavaScriptConsoleMessageLevel.ErrorMessageLevel:
            self._bridge.page_failed.emit(f"{source}:{line}: {message}")


class MapView(QWidget):
    """Show the city; one widget per place a map stands in.

    Signals:
        lasso_drawn(Area): a finished drawing; its outline is shown already.
        lasso_cancelled(): the person pressed Esc.
        feature_clicked(str, int): layer, oid.
        feature_hovered(str, int): layer, oid under the pointer, at most 10 times a second.
        feature_left(): nothing is under the pointer any more.
        ready(): the map is painted, also after a crash.
        camera_changed(float, float, float): lon, lat, zoom.
        labels_wanted(str, object): layer and a tuple of oids that stand without words.
        shown(str, str, int): channel, layer, sequence number now on the screen.
    """

    lasso_drawn = Signal(object)
    lasso_cancelled = Signal()
    feature_clicked = Signal(str, int)
    feature_hovered = Signal(str, int)
    feature_left = Signal()
    ready = Signal()
    camera_changed = Signal(float, float, float)
    labels_wanted = Signal(str, object)
    shown = Signal(str, str, int)

    def __init__(
        self,
        host: MapHost,
        *,
        extent: Extent,
        layers: Sequence[str],
        seat: Seat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._host = host
        self._id = host.new_view()
        self._eye: sight.Eye | None = None
        self._window: sight.Window | None = None
        self._begins = self._back = False
        self._poke = QTimer(self, interval=0, singleShot=True)
        self._poke.timeout.connect(self._on_poke)
        self._state = setup.State(home=extent, layers=tuple(layers), seat=seat)
        self._crashes: list[float] = []
        self._page_up = False
        self._pages = 0
        self.faults: list[str] = []
        self._bridge = Bridge(self)
        self._web: QWebEngineView | None = None
        self._native: NativeMap | None = None
        self._curtain: NativeMap | None = None
        self._page_drawn = False
        self._page_shows: set[tuple[str, str]] = set()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setStackingMode(QStackedLayout.StackingMode.StackAll)
        self._connect()
        self._curtain = self._plain_map()
        self._cover(self._curtain)
        self._is_plain = host.sources.drawing == "plain"
        # the window is painted before the page is made
        self._curtain.stood.connect(self._give_up if self._is_plain else self._open_later)

    # ---- what others ask for --------------------------------------------------------------

    def show_layers(self, ids: Sequence[str]) -> None:
        """Show these layers and no others."""
        self._state.layers = tuple(ids)
        self._tell("layers", list(ids))
        self._look()
        if plain := self._plain():
            plain.show_layers(self._state.layers)

    def show_extent(self, extent: Extent) -> None:
        """Fit a part of the city into the window, now and whenever it is resized."""
        self.retry()
        self._state.home = extent
        self._state.camera = None
        self._tell("home", setup.bounds(extent))
        if self._curtain:
            self._curtain.fit(extent)

    def begin_scene(self) -> None:
        """Choose anew what is counted and what is shown: the next look owes the last none."""
        self._begins = True

    def look_back(self, *, back: bool) -> None:
        """Show the replayed instant, or now; what was shown until then is taken away at once."""
        if back == self._back:
            return
        self._back = back
        for layers in ((), self._state.layers):
            self._tell("layers", list(layers))
            if plain := self._plain():
                plain.show_layers(layers)
        self._window = None
        self._look()

    def fly(self, lon: float, lat: float, zoom: float) -> None:
        """Look at a place."""
        self._state.camera = (lon, lat, zoom)
        self._tell("fly", lon, lat, zoom)
        if plain := self._plain():
            plain.look(lon, lat, zoom)

    def mark(self, layer: str | None, oid: int = 0) -> None:
        """Mark one object as the selected one; None marks nothing."""
        self._state.mark = (layer, oid) if layer else None
        self._tell("mark", layer, oid)
        if plain := self._plain():
            plain.mark(self._state.mark)
        self._look()

    def set_detail(self, detail: sight.Detail) -> None:
        """Choose `auto` (count, then chips, then points) or `points` at every zoom."""
        self._state.detail = detail
        self._look()

    def set_labels(self, layer: str, lines: Mapping[int, Sequence[str]]) -> None:
        """Say what stands beside objects: a name, then a second line for call-outs."""
        known = self._state.labels.setdefault(layer, {})
        known.update({oid: tuple(words) for oid, words in lines.items()})
        self._tell("labels", layer, {str(oid): list(words) for oid, words in lines.items()})

    def set_covers(self, rects: Sequence[QRect]) -> None:
        """Say which parts of the widget are covered by panels, so that no words go there."""
        self._state.covers = list(rects)
        self._tell("covers", [setup.rectangle(rect) for rect in rects])

    def show_foot(self, *, shown: bool) -> None:
        """Say whether legend, scale and sources stand here; one map over screens has one foot."""
        if shown != self._state.foot:
            self._state.foot = shown
            self._tell("foot", shown)
            if plain := self._plain():
                plain.show_foot(shown=shown)

    def start_lasso(self, shape: Shape) -> None:
        """Let the person draw an area; Esc leaves, Enter or a double click closes an outline."""
        if self._web:
            self._web.setFocus()
        self._tell("lasso", shape)

    def cancel_lasso(self) -> None:
        """Leave the drawing."""
        self._tell("lasso", None)

    def show_area(self, area: Area | None, label: str = "") -> None:
        """Outline an area with handles and a number; None takes it away."""
        self._state.area = (area, label) if area else None
        self._tell("area", setup.area_rings(area) if area else None, label)

    def camera(self) -> tuple[float, float, float] | None:
        """Give lon, lat, zoom as last reported by the page."""
        return self._state.camera

    def locate(self, lon: float, lat: float) -> QPointF:
        """Give where a place falls on this widget now, in its own pixels."""
        camera = self._state.camera
        return setup.place_on(self.size(), camera, lon, lat) if camera else QPointF()

    def sees(self, lon: float, lat: float) -> bool:
        """Tell whether a place is in sight and not at the very edge; unknown counts as seen."""
        if self._state.camera is None:
            return True
        inner = self.rect().adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        return inner.contains(self.locate(lon, lat).toPoint())

    def renderer_pid(self) -> int:
        """Give the process that draws the page, 0 when there is none."""
        return self._web.page().renderProcessPid() if self._web else 0

    def is_native(self) -> bool:
        """Tell whether the page was given up for the plain map."""
        return self._native is not None

    def close_page(self) -> None:
        """Let the page go; call it before the host is closed."""
        self._host.forget(self._id)
        for gone in self._take_down():
            shiboken6.delete(gone)

    def _take_down(self) -> tuple[QObject, ...]:
        if self._web is None:
            return ()
        web, self._web = self._web, None
        self._page_up = False
        self._stack.removeWidget(web)
        web.setParent(None)
        return web, web.page()

    # ---- the page -------------------------------------------------------------------------

    def _connect(self) -> None:
        bridge, sources = self._bridge, self._host.sources
        bridge.greeted.connect(self._on_greeted)
        bridge.drawn.connect(self._on_drawn)
        bridge.camera_moved.connect(self._on_camera)
        bridge.window_moved.connect(self._on_window)
        bridge.object_clicked.connect(self.feature_clicked)
        bridge.object_hovered.connect(self.feature_hovered)
        bridge.pointer_left.connect(self.feature_left)
        bridge.area_drawn.connect(self._on_area)
        bridge.drawing_cancelled.connect(self.lasso_cancelled)
        bridge.words_wanted.connect(self._on_words_wanted)
        bridge.block_shown.connect(self._on_shown)
        bridge.page_failed.connect(self._on_page_failed)
        sources.theme.changed.connect(self._on_look)
        sources.words.changed.connect(self._on_look)
        sources.words.changed.connect(self._on_words)
        self._host.ready.connect(self._load)
        self._host.line_changed.connect(self._on_look)
        self._host.part_ready.connect(self._on_part)
        self._host.painted.connect(self._on_painted)
        if sources.details:
            sources.details.changed.connect(self._on_detail)

    def _open_later(self) -> None:
        """Make the page once the window is painted and the last picture had its time."""
        QTimer.singleShot(self._host.sources.ahead_ms, self, self._open)

    def _open(self) -> None:
        if self._web is not None:
            return
        self._web = QWebEngineView(self)
        page_ = _Page(self._host.profile, self._bridge, self)
        self._web.setPage(page_)
        self._web.setAcceptDrops(False)  # a file dropped on the map is for the window
        self._web.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        page_.setBackgroundColor(QColor(self._host.sources.theme.color("bg")))
        page_.settings().setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, False)
        channel = QWebChannel(page_)
        channel.registerObject("bridge", self._bridge)
        page_.setWebChannel(channel)
        page_.renderProcessTerminated.connect(self._on_renderer_gone)
        self._stack.addWidget(self._web)
        self._load()

    def _load(self) -> None:
        if self._web and self._host.basemap:
            self._page_up = self._page_drawn = False
            self._page_shows.clear()
            self._web.page().load(QUrl(f"{scheme.ROOT}{page.PAGE_PATH}"))

    def _tell(self, verb: str, *args: object) -> None:
        if self._page_up:
            self._bridge.tell(verb, *args)

    def _on_greeted(self) -> None:
        self._page_up = True
        if self._pages:  # what the one before has read is on the tray no more
            self._host.forget(self._id)
            self._window = None
            self._look()
        self._pages += 1
        self._tell("setup", setup.setup(self._host, self._id, self._state))

    def _on_drawn(self) -> None:
        self._page_drawn = True
        if self._curtain is None:
            self.ready.emit()
        self._look_at_curtain()

    def _on_shown(self, channel: str, layer: str, seq: int) -> None:
        self.shown.emit(channel, layer, seq)
        self._page_shows.add((channel, layer))
        self._look_at_curtain()

    def _on_camera(self, lon: float, lat: float, zoom: float) -> None:
        self._state.camera = (lon, lat, zoom)
        self.camera_changed.emit(lon, lat, zoom)

    def _on_window(self, lon: float, lat: float, zoom: float, width: float, height: float) -> None:
        x, y = project(np.array([lon]), np.array([lat]))[0].tolist()
        self._on_eye(sight.Eye(x, y, zoom, width, height))

    def _on_eye(self, eye: sight.Eye) -> None:
        self._eye = eye
        if self._begins:
            self._begins, self._window = False, None
        self._look()

    def _look(self) -> None:
        """Ask for another window of data when the one held does not serve."""
        if self._eye is None:
            return
        letter = float(self._host.sources.theme.size("s", self._state.seat))
        self._eye = replace(self._eye, letter=letter)
        if self._window is None or not self._window.serves(self._eye):
            self._window = sight.take_window(self._eye, self._window)
        state = self._state
        wanted = sight.Sight(self._window, state.layers, state.detail, state.mark)
        self._host.look(self._id, wanted, is_page=self._native is None, back=self._back)

    def _on_part(self, view: int) -> None:
        if view == self._id:
            self._poke.start()

    def _on_poke(self) -> None:
        self._tell("data", self._host.tray.newest(self._id))

    def _on_painted(self, painted: Painted) -> None:
        plain = self._plain()
        if plain and painted.view == self._id:
            plain.take(painted.picture, painted.seq)

    def _on_look(self) -> None:
        self._tell("look", setup.look(self._host, self._state.seat))
        self._look()
        if plain := self._plain():
            plain.renew()

    def _on_area(self, shape: str, points: tuple[tuple[float, float], ...]) -> None:
        area = lasso.area_of(shape, points)
        if area is None:
            return
        self.show_area(area, "01")
        self.lasso_drawn.emit(area)

    def _on_words_wanted(self, layer: str, oids: tuple[int, ...]) -> None:
        self.labels_wanted.emit(layer, oids)
        known = self._state.labels.get(layer, {})
        self._name(layer, [oid for oid in oids if not known.get(oid)])

    def _on_detail(self, layer: str, oid: int) -> None:
        if not self._state.labels.get(layer, {}).get(oid):
            self._name(layer, (oid,))

    def _on_words(self) -> None:
        """Say the names beside objects in the new language."""
        for layer, names in tuple(self._state.labels.items()):
            self._name(layer, tuple(names))

    def _name(self, layer: str, oids: Sequence[int]) -> None:
        """Say the names of objects, as many as are known, at one stroke."""
        details, say = self._host.sources.details, self._host.sources.words.say
        if details is None:
            return
        found = ((oid, details.feature(layer, oid)) for oid in oids)
        names = {oid: (say(feature_name(feature)),) for oid, feature in found if feature}
        if names:
            self.set_labels(layer, names)

    def _on_page_failed(self, text: str) -> None:
        self.faults.append(text)
        del self.faults[:-20]

    # ---- a dead renderer ------------------------------------------------------------------

    def _on_renderer_gone(self) -> None:
        now_s = self._host.sources.clock.steady_s()
        self._page_up = self._page_drawn = False
        self._crashes = [at for at in self._crashes if now_s - at < _MINUTE_S] + [now_s]
        if len(self._crashes) <= CRASHES_PER_MINUTE:
            self._load()
            return
        self._host.tell(
            Text(
                "地图页面一分钟内多次中断，已改用简图",
                "The map page failed several times in a minute; the plain map is shown",
            ),
            Text("切换场景后自动重试。", "It is tried again with the next scene."),
        )
        self._give_up()

    def _give_up(self) -> None:
        for gone in self._take_down():  # one of them is telling us this: not at once
            gone.deleteLater()
        self._drop_curtain()
        native = self._native = self._plain_map()
        self._look()  # as one that wants no bytes
        native.clicked.connect(self.feature_clicked)
        native.hovered.connect(self.feature_hovered)
        native.left.connect(self.feature_left)
        self._stack.setCurrentWidget(native)
        self.ready.emit()

    def retry(self) -> None:
        """Try the page again after it was given up; the plain map stands until it is there."""
        if self._native is None or self._is_plain:
            return
        self._curtain, self._native = self._native, None
        self._cover(self._curtain)
        self._crashes.clear()
        self._look()
        self._open()

    # ---- the plain map --------------------------------------------------------------------

    def _plain(self) -> NativeMap | None:
        return self._native or self._curtain

    def _plain_map(self) -> NativeMap:
        """Make a plain map that shows what the page shows, or is going to."""
        plain = NativeMap(self._host, self._state.seat, self)
        plain.resize(self.size())
        plain.show_layers(self._state.layers)
        plain.mark(self._state.mark)
        plain.show_foot(shown=self._state.foot)
        plain.fit(self._state.home)
        if self._state.camera:
            plain.look(*self._state.camera)
        plain.looked.connect(self._on_eye)
        plain.shown.connect(self.shown)
        self._window = None
        self._on_eye(plain.eye())
        self._stack.addWidget(plain)
        return plain

    def _cover(self, curtain: NativeMap) -> None:
        """Let a plain map stand over the page; the pointer is for the page."""
        curtain.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._stack.setCurrentWidget(curtain)

    def _look_at_curtain(self) -> None:
        """Lower it once the page shows everything it shows."""
        if self._curtain and self._page_drawn and self._curtain.keys() <= self._page_shows:
            QTimer.singleShot(_LOWER_MS, self, self._lower)

    def _lower(self) -> None:
        if self._curtain and self._web and self._page_drawn:  # it may have died meanwhile
            self._drop_curtain()
            self._stack.setCurrentWidget(self._web)
            self.ready.emit()

    def _drop_curtain(self) -> None:
        if self._curtain is not None:
            self._stack.removeWidget(self._curtain)
            self._curtain.hide()
            self._curtain.deleteLater()
            self._curtain = None
