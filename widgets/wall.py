"""Keep one window per screen, whatever screens there are; screens come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from app.cameras import Hub
from app.scenes import Scene
from app.theme import Seat
from app.wall import Box, Screen
from app.wall_file import WallFile
from app.wall_plan import Plan, Show, plan
from backend_client.contract.base import Text
from maps.view import MapView
from widgets.page_keys import serve_page
from widgets.panel_table import make_panel
from widgets.panels.cockpit import KeyedPage
from widgets.parts import Parts
from widgets.preview import Preview, Small
from widgets.pulled import Pulled
from widgets.replay_view import ReplayView
from widgets.scene_deeds import MAP_NAME
from widgets.window import Window

SETTLE_MS: Final = 150  # screens change in bursts: several signals for one plug
_Offer = tuple[Path, Callable[[], None]]


class Windows(QObject):
    """Open, move and close windows as screens come and go.

    A desk whose screen is gone is kept hidden with what was typed in it; a wall window is
    closed, since a new one shows the same scene.

    Signals:
        gone: a person asked to end the program.
        placed: every window stands where it belongs.
        chosen(str): a person chose this scene for the walls.
        carousel_wanted: a person wants the carousel to start or stop.
    """

    gone = Signal()
    placed = Signal()
    chosen = Signal(str)
    carousel_wanted = Signal()

    def __init__(
        self,
        parts: Parts,
        start: str,
        *,
        wall: WallFile | None = None,
        every: Seat | None = None,
        preview: Small | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            parts: what windows are made of.
            start: the first scene's id.
            wall: the wall as described; None lays out by the screens' widths.
            every: what each screen is for, whatever its width.
            preview: a described wall all of which stands in one window.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._small = preview
        self._preview = Preview(preview, parts.room.theme) if preview else None
        self._parts, self._wall, self._every = parts, wall, every
        self._start = parts.book.find(start)
        self._pulled: dict[str, Pulled] = {}
        self._windows: dict[str, Window] = {}
        self._kept_desk: Window | None = None
        self._scene = self._start if self._start.seat == "wall" else parts.book.find("general")
        self._hub = Hub(self._scene.extent)
        self._offered: _Offer | None = None
        self._plan = Plan({})
        self._is_placed = False
        parts.room.theme.changed.connect(self._on_changed)
        if self._preview is not None:
            self._preview.gone.connect(self.gone)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.place)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenAdded.connect(self._on_added)
            app.screenRemoved.connect(self._on_removed)
            for screen in QGuiApplication.screens():
                self._watch(screen)

    def all(self) -> tuple[Window, ...]:
        """Give the windows that stand on a screen."""
        return tuple(self._windows.values())

    @property
    def plan(self) -> Plan:
        """Give what stands where by the last look at the screens."""
        return self._plan

    def place(self) -> None:
        """Open a window on every screen that has a seat, close those whose screen is gone."""
        self._settle.stop()
        self._is_placed = True
        screens = {one.name(): one for one in QGuiApplication.screens()}
        scale = self._parts.room.theme.scale("wall")
        before = self._plan
        if self._small is not None:
            self._place_small(self._small, scale)
            return
        self._plan = self._seated(tuple(_screen(one) for one in screens.values()), scale)
        shows = self._plan.shows
        for name in set(self._windows) - set(shows):
            self._lose(name)
        for name, show in shows.items():
            self._put(name, show, screens[name])
        self._tell(before)
        self.placed.emit()

    def _place_small(self, small: Small, scale: float) -> None:
        """Let every screen of the described wall stand in the preview."""
        preview = self._preview
        if preview is None:
            return
        self._plan = plan(small.screens, small.wall, scale)
        for screen in small.screens:
            show = self._plan.shows.get(screen.name)
            if show is None:
                continue
            window = self._windows.get(screen.name) or self.open(screen.name, "wall", show)
            window.use_piece(show.piece)
            preview.take(window, screen)
        preview.show()
        self._tell(Plan({}))
        self.placed.emit()

    def _seated(self, screens: tuple[Screen, ...], scale: float) -> Plan:
        if self._every is None:
            return plan(screens, self._wall, scale)
        return Plan({one.name: Show(self._every, one.box) for one in screens})

    def _put(self, name: str, show: Show, screen: QScreen) -> None:
        window = self._windows.get(name)
        if window is not None and window.seat != show.seat:
            self._lose(name)
            window = None
        if window is None:
            window = self._opened(name, show)
        window.use_piece(show.piece)
        window.setScreen(screen)
        box = show.box
        window.setGeometry(QRect(box.x, box.y, box.width, box.height))
        window.show()

    def _opened(self, name: str, show: Show) -> Window:
        """Take the kept desk to its new screen, or open a window."""
        kept = self._kept_desk
        if show.seat != "desk" or kept is None:
            return self.open(name, show.seat, show)
        self._kept_desk = None
        kept.move_to(name)
        self._windows[name] = kept
        return kept

    def open(self, name: str, seat: Seat, show: Show | None = None) -> Window:
        """Open one window."""
        piece = show.piece if show is not None else None
        first, hub = self._first(seat), self._hub
        window = Window(self._parts, seat, first, name=name, hub=hub, piece=piece)
        window.scene_wanted.connect(self.choose_scene)
        window.wing_wanted.connect(self.turn_wings)
        window.carousel_wanted.connect(self.carousel_wanted)
        window.pull_wanted.connect(self.pull_out)
        window.gate_wanted.connect(self.open_gate)
        window.turn_wanted.connect(self.turn_windows)
        window.gone.connect(self.gone)
        if self._offered is not None and window.sign_in is not None:
            window.sign_in.offer(*self._offered)
        self._windows[name] = window
        return window

    def _first(self, seat: Seat) -> Scene:
        """Give the scene a new window begins with: on walls the one shown last."""
        if seat == "wall":
            return self._scene
        has_wall = any(show.seat == "wall" for show in self._plan.shows.values())
        return self._parts.book.find("desk") if has_wall else self._start

    def offer(self, path: Path, run: Callable[[], None]) -> None:
        """Let the owner of our own service's first passwords in by a press."""
        self._offered = (path, run)
        for window in self._windows.values():
            if window.sign_in is not None:
                window.sign_in.offer(path, run)

    def choose_scene(self, scene_id: str) -> None:
        """Show a scene because a person asked for it."""
        if self._parts.book.find(scene_id).seat == "wall":
            self.chosen.emit(scene_id)
        self.show_scene(scene_id)

    def show_scene(self, scene_id: str, palette: str = "") -> None:
        """Show a scene where it belongs: on the walls when there are any.

        Args:
            scene_id: the scene.
            palette: colours to show it in; empty takes the scene's own, else the settings'.
        """
        wanted = self._parts.book.find(scene_id)
        if wanted.seat == "wall":
            self._scene = wanted
            self._hub.show(wanted.extent)
            usual = self._parts.settings.text("palette")
            self._parts.room.theme.use(palette or wanted.palette or usual)
        fit = [one for one in self._windows.values() if one.seat == wanted.seat]
        for window in fit or list(self._windows.values()):
            if not (window.seat == "wall" and wanted.seat == "desk"):
                window.show_scene(wanted)

    def pull_out(self, name: str) -> Pulled:
        """Give a panel, or the map, a window of its own; asked again, bring it to the front."""
        if name not in self._pulled:
            made = Pulled(name, "wall", self._parts.room.theme, self._content(name))
            made.gone.connect(self._on_pulled_gone)
            self._pulled[name] = made
            made.show()
            made.go_on()
            made.join(self._hub)
            if isinstance(made.content, MapView):
                ReplayView(self._parts.seated("wall"), self._parts.replay, made, made.content)
            made.turn_wanted.connect(self.turn_windows)
            if isinstance(made.content, KeyedPage):
                serve_page(made.content, self._parts.facts, self._parts.exports)
                made.content.object_wanted.connect(self._show_object)
                made.content.gate_wanted.connect(self.open_gate)
        self._pulled[name].raise_()
        self._pulled[name].activateWindow()
        return self._pulled[name]

    def _content(self, name: str) -> Callable[[QWidget], QWidget]:
        parts, shown = self._parts, self._scene
        room = parts.seated("wall")
        if name == MAP_NAME:
            layers = tuple(one for one in shown.layers if room.sees(one))
            return lambda parent: MapView(
                parts.host, extent=shown.extent, layers=layers, seat="wall", parent=parent
            )
        return lambda parent: make_panel(name, room, parts.details, parent)

    def _on_pulled_gone(self, name: str) -> None:
        gone = self._pulled.pop(name, None)
        if gone is None:
            return
        self._hub.leave(name)
        if isinstance(gone.content, MapView):
            gone.content.close_page()
        gone.deleteLater()

    def _show_object(self, layer: str, oid: int) -> None:
        """Show a row's object of a pulled page on the general scene, which has a map."""
        self.choose_scene("general")
        for window in self._windows.values():
            window.show_object(layer, oid)

    def open_gate(self, gate_id: str) -> None:
        """Open a sluice's panel at the desk; nobody commands one from a wall."""
        self.show_scene("desk")
        window = next((one for one in self._windows.values() if one.seat == "desk"), None)
        if window is None or window.desk is None:
            said = Text("请在坐席打开该闸站", "Open the sluice at a desk")
            self._parts.notices.say(said, key="wall")
            return
        window.activateWindow()
        window.desk.open_gate(gate_id)

    def turn_windows(self) -> None:
        """Give the keys to the next window: there may be nothing else that does without a mouse."""
        shown = [
            one for one in (*self._windows.values(), *self._pulled.values()) if one.isVisible()
        ]
        at = next((at for at, one in enumerate(shown) if one.isActiveWindow()), -1)
        if shown:
            chosen = shown[(at + 1) % len(shown)]
            chosen.raise_()
            chosen.activateWindow()

    def turn_wings(self) -> None:
        """Show the other wing everywhere only one has room."""
        for window in self._windows.values():
            window.turn_wing()

    def shut(self, name: str) -> None:
        """Close one window, its map first."""
        self._drop(self._windows.pop(name))

    def close(self) -> None:
        """Close every window, maps first."""
        for pulled in tuple(self._pulled.values()):
            pulled.close()
        for name in list(self._windows):
            self.shut(name)
        if self._kept_desk is not None:
            self._drop(self._kept_desk)
            self._kept_desk = None

    def _lose(self, name: str) -> None:
        """Keep a desk for its return, close a wall window."""
        window = self._windows.pop(name)
        if window.seat == "desk" and self._kept_desk is None:
            window.hide()
            self._kept_desk = window
        else:
            self._drop(window)

    def _drop(self, window: Window) -> None:
        window.close_maps()
        window.close()
        window.deleteLater()

    def _tell(self, before: Plan) -> None:
        """Say what is missing, what is back and what could not be done as described."""
        notices, now = self._parts.notices, self._plan
        for name in now.missing:
            notices.lose(
                f"screen:{name}",
                Text(f"屏 {name} 未接上", f"Screen {name} is not connected"),
                meaning=Text("其上内容暂不显示，其余屏照常。", "What it showed is not shown."),
                todo=Text("接上即自动恢复。", "Connect it; it comes back by itself."),
            )
        for name in before.missing:
            if name not in now.missing:
                notices.recover(
                    f"screen:{name}", Text(f"屏 {name} 已恢复", f"Screen {name} is back")
                )
        for trouble in now.troubles:
            if trouble not in before.troubles:
                notices.say(trouble, weight="warning", key="wall")

    def _watch(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._on_changed)

    def _on_added(self, screen: QScreen) -> None:
        self._watch(screen)
        self._on_changed()

    def _on_removed(self, _screen: QScreen) -> None:
        self._on_changed()

    def _on_changed(self) -> None:
        if self._is_placed:
            self._settle.start()


def _screen(screen: QScreen) -> Screen:
    box = screen.geometry()
    ratio = screen.devicePixelRatio()
    return Screen(screen.name(), Box(box.x(), box.y(), box.width(), box.height()), ratio)
