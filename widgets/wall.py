"""Keep one window per screen, whatever screens there are; screens come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from app.cameras import Hub
from app.scenes import Scene
from app.theme import Seat
from app.wall import Box, Screen
from app.wall_file import WallFile
from app.wall_plan import Plan, Show, plan
from backend_client.contract.base import Text
from maps.scenes import scene
from widgets.window import Parts, Window

SETTLE_MS: Final = 150  # screens change in bursts: several signals for one plug
_Offer = tuple[Path, Callable[[], None]]


class Windows(QObject):
    """Open, move and close windows as screens come and go.

    A desk whose screen is gone is kept hidden with what was typed in it; a wall window is
    closed, since a new one shows the same scene.

    Signals:
        gone: a person asked to end the program.
        placed: every window stands where it belongs.
    """

    gone = Signal()
    placed = Signal()

    def __init__(
        self,
        parts: Parts,
        start: str,
        *,
        wall: WallFile | None = None,
        every: Seat | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts, self._start, self._wall, self._every = parts, scene(start), wall, every
        self._windows: dict[str, Window] = {}
        self._kept_desk: Window | None = None
        self._scene = scene("general") if self._start.seat == "desk" else self._start
        self._hub = Hub(self._scene.extent)
        self._offered: _Offer | None = None
        self._plan = Plan({})
        self._is_placed = False
        parts.room.theme.changed.connect(self._on_changed)
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
        self._plan = self._seated(tuple(_screen(one) for one in screens.values()), scale)
        shows = self._plan.shows
        for name in set(self._windows) - set(shows):
            self._lose(name)
        for name, show in shows.items():
            self._put(name, show, screens[name])
        self._tell(before)
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
        window.scene_wanted.connect(self.show_scene)
        window.wing_wanted.connect(self.turn_wings)
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
        return scene("desk") if has_wall else self._start

    def offer(self, path: Path, run: Callable[[], None]) -> None:
        """Let the owner of our own service's first passwords in by a press."""
        self._offered = (path, run)
        for window in self._windows.values():
            if window.sign_in is not None:
                window.sign_in.offer(path, run)

    def show_scene(self, scene_id: str) -> None:
        """Show a scene where it belongs: on the walls when there are any."""
        wanted = scene(scene_id)
        if wanted.seat == "wall":
            self._scene = wanted
            self._hub.show(wanted.extent)
        fit = [one for one in self._windows.values() if one.seat == wanted.seat]
        for window in fit or list(self._windows.values()):
            if not (window.seat == "wall" and wanted.seat == "desk"):
                window.show_scene(wanted)

    def turn_wings(self) -> None:
        """Show the other wing everywhere only one has room."""
        for window in self._windows.values():
            window.turn_wing()

    def shut(self, name: str) -> None:
        """Close one window, its map first."""
        self._drop(self._windows.pop(name))

    def close(self) -> None:
        """Close every window, maps first."""
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
