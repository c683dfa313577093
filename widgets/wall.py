"""One frameless window per screen: walls show scenes, the desk works; screens come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication, QResizeEvent, QScreen
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.details import Details
from app.notices import Notice, Notices
from app.scenes import SCENES, Scene, scene
from app.session import Session
from app.settings import Settings
from app.theme import Seat
from app.wall import Box, Screen, seats
from backend_client.contract.base import Text
from maps.host import MapHost
from maps.spec import LayerSpec
from maps.view import MapView
from widgets.commands import Command, bind
from widgets.deeds import Deeds, Failed
from widgets.desk import Desk
from widgets.panel import Room
from widgets.settings_dialog import SettingsDialog
from widgets.shell import Standing
from widgets.sign_in import SignInPage
from widgets.stage import Stage

SIGN_IN_SIZE = (520, 420)


@dataclass(frozen=True, slots=True)
class Parts:
    """What every window is made of.

    Args:
        room: facts, words and looks; each window takes its own seat from it.
        details: single objects' own fields.
        deeds: what the desk may ask for.
        facts: what the shell is told.
        host: the maps' one host.
        session: who is signed in.
        settings: declared options.
        notices: the notice centre.
        specs: the layers by id.
        exports: where exported files go.
    """

    room: Room
    details: Details
    deeds: Deeds
    facts: Standing
    host: MapHost
    session: Session
    settings: Settings
    notices: Notices
    specs: Mapping[str, LayerSpec]
    exports: Path

    def seated(self, seat: Seat) -> Room:
        """Give the room as seen from a seat."""
        room = self.room
        return Room(room.stores, room.theme, room.words, room.names, room.pulse, seat, room.sees)


@dataclass(frozen=True, slots=True)
class _Call:
    """Ask for one scene when called."""

    wanted: SignalInstance
    scene_id: str

    def __call__(self) -> None:
        self.wanted.emit(self.scene_id)


class Window(QWidget):
    """One screen's window: a stage for wall scenes and, at a desk, the desk itself.

    Signals:
        scene_wanted(str): a scene key was pressed.
        gone: a person asked to end the program.
    """

    scene_wanted = Signal(str)
    gone = Signal()

    def __init__(self, parts: Parts, seat: Seat, start: Scene) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint)
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.parts, self.seat = parts, seat
        self._room = parts.seated(seat)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self.stage: Stage | None = None
        self.desk: Desk | None = None
        self.sign_in: SignInPage | None = None
        self._bound = bind(self._commands(), self)
        if seat == "wall":
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self._add_sign_in()
        parts.room.theme.changed.connect(self._dress)
        self._dress()
        self.show_scene(start)

    def _commands(self) -> tuple[Command, ...]:
        scenes = tuple(
            Command((one.key,), one.title, _Call(self.scene_wanted, one.scene_id), in_bar=False)
            for one in SCENES
        )
        return (
            *scenes,
            Command(("Ctrl+L",), Text("中文 / English", "中文 / English"), self.turn_language),
            Command(("Ctrl+T",), Text("日间 / 夜间", "day / night"), self.turn_palette),
            Command(("Ctrl+,",), Text("设置", "settings"), self.open_settings),
            Command(("W",), Text("换翼", "other wing"), self.turn_wing),
            Command(("Ctrl+Shift+O",), Text("退出登录", "sign out"), self.parts.session.sign_out),
            Command(("Ctrl+Q",), Text("关闭程序", "quit"), self.gone.emit),
        )

    def show_scene(self, wanted: Scene) -> None:
        """Show a scene here."""
        page = self._desk(wanted) if wanted.seat == "desk" else self._stage(wanted)
        self._pages.setCurrentWidget(page)
        if self.sign_in is not None:
            self.sign_in.raise_()

    def _stage(self, wanted: Scene) -> Stage:
        if self.stage is None:
            view = self._map(wanted)
            self.stage = Stage(
                self._room,
                self.parts.details,
                self.parts.facts,
                scene=wanted,
                map_view=view,
                parent=self,
            )
            self._pages.addWidget(self.stage)
        elif self.stage.scene != wanted:
            self.stage.show_scene(wanted)
            if isinstance(self.stage.map_view, MapView):
                self.stage.map_view.show_layers(wanted.layers)
                self.stage.map_view.show_extent(wanted.extent)
        return self.stage

    def _desk(self, wanted: Scene) -> Desk:
        if self.desk is None:
            self.desk = Desk(
                self._room,
                self.parts.details,
                self.parts.deeds,
                facts=self.parts.facts,
                scene=wanted,
                specs=self.parts.specs,
                map_view=self._map(wanted),
                exports=self.parts.exports,
                parent=self,
            )
            self._bound += bind(self.desk.commands, self.desk)
            self.desk.add_commands(self._commands())
            self.parts.notices.raised.connect(self._on_notice)
            self._pages.addWidget(self.desk)
        return self.desk

    def _map(self, wanted: Scene) -> MapView:
        return MapView(
            self.parts.host, extent=wanted.extent, layers=wanted.layers, seat=self.seat, parent=self
        )

    def _on_notice(self, notice: Notice) -> None:
        if self.desk is not None:
            self.desk.keys.tell(notice.text)

    def _add_sign_in(self) -> None:
        parts, session = self.parts, self.parts.session

        def sign_in(account: str, password: str, code: str | None, failed: Failed) -> None:
            session.sign_in(account, password, code, failed=failed)

        self.sign_in = SignInPage(parts.room.theme, parts.room.words, sign_in, self)
        self.sign_in.setVisible(session.person is None)
        session.signed_in.connect(self._on_signed_in)
        session.signed_out.connect(self._on_signed_out)

    def _on_signed_in(self, _person: object) -> None:
        if self.sign_in is not None:
            self.sign_in.begin()
            self.sign_in.hide()

    def _on_signed_out(self, why: Text) -> None:
        if self.sign_in is not None:
            self.sign_in.begin()
            self.sign_in.say(why)
            self.sign_in.show()
            self.sign_in.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the way in over the middle."""
        super().resizeEvent(event)
        if self.sign_in is not None:
            wide, high = SIGN_IN_SIZE
            x, y = (self.width() - wide) // 2, (self.height() - high) // 2
            self.sign_in.setGeometry(x, y, wide, high)

    def _dress(self) -> None:
        self.setStyleSheet(f"QWidget#window {{ background: {self._room.theme.color('bg')}; }}")

    # ---- the window's own commands ---------------------------------------------------------

    def turn_language(self) -> None:
        """Say everything in the other language."""
        words = self.parts.room.words
        self.parts.settings.set("language", "en" if words.language == "zh" else "zh")

    def turn_palette(self) -> None:
        """Show everything in the other palette."""
        theme = self.parts.room.theme
        self.parts.settings.set("palette", "day" if theme.name == "night" else "night")

    def turn_wing(self) -> None:
        """Show the other wing where only one has room."""
        if self.stage is not None:
            self.stage.turn()

    def open_settings(self) -> None:
        """Show the settings."""
        room = self.parts.room
        SettingsDialog(self.parts.settings, room.theme, room.words, self).exec()

    def close_maps(self) -> None:
        """Let the map pages go before their host."""
        for view in self.findChildren(MapView):
            view.close_page()


class Windows(QObject):
    """Keep one window per screen, whatever screens there are.

    Signals:
        gone: a person asked to end the program.
    """

    gone = Signal()

    def __init__(
        self,
        parts: Parts,
        start: str,
        *,
        told: Mapping[str, Seat] | None = None,
        every: Seat | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._start = start
        self._told = dict(told or {})
        self._every = every
        self._windows: dict[str, Window] = {}
        self._has_wall = False
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenAdded.connect(self._on_screens)
            app.screenRemoved.connect(self._on_screens)

    def all(self) -> tuple[Window, ...]:
        """Give the windows there are."""
        return tuple(self._windows.values())

    def place(self) -> None:
        """Open a window on every screen that has a seat, close those whose screen is gone."""
        screens = {screen.name(): screen for screen in QGuiApplication.screens()}
        told = dict.fromkeys(screens, self._every) if self._every else self._told
        wanted = seats(tuple(_screen(one) for one in screens.values()), told)
        for name in set(self._windows) - set(wanted):
            self._drop(name)
        self._has_wall = "wall" in wanted.values()
        for name, seat in wanted.items():
            window = self._windows.get(name)
            if window is not None and window.seat != seat:
                self._drop(name)
                window = None
            if window is None:
                window = self.open(name, seat)
            window.setGeometry(screens[name].geometry())
            window.show()

    def open(self, name: str, seat: Seat) -> Window:
        """Open one window."""
        start = scene(self._start)
        if seat == "wall" and start.seat == "desk":
            start = SCENES[0]
        if seat == "desk" and self._has_wall:
            start = scene("desk")
        window = Window(self._parts, seat, start)
        window.setWindowTitle(name)
        window.scene_wanted.connect(self.show_scene)
        window.gone.connect(self.gone)
        self._windows[name] = window
        return window

    def offer(self, path: Path, run: Callable[[], None]) -> None:
        """Let the owner of our own service's first passwords in by a press."""
        for window in self._windows.values():
            if window.sign_in is not None:
                window.sign_in.offer(path, run)

    def show_scene(self, scene_id: str) -> None:
        """Show a scene where it belongs: on the walls when there are any."""
        wanted = scene(scene_id)
        fit = [one for one in self._windows.values() if one.seat == wanted.seat]
        for window in fit or list(self._windows.values()):
            if not (window.seat == "wall" and wanted.seat == "desk"):
                window.show_scene(wanted)

    def shut(self, name: str) -> None:
        """Close one window, its map first."""
        self._drop(name)

    def close(self) -> None:
        """Close every window, maps first."""
        for name in list(self._windows):
            self._drop(name)

    def _drop(self, name: str) -> None:
        window = self._windows.pop(name)
        window.close_maps()
        window.close()
        window.deleteLater()

    def _on_screens(self, _screen: QScreen) -> None:
        self.place()


def _screen(screen: QScreen) -> Screen:
    box = screen.geometry()
    return Screen(screen.name(), Box(box.x(), box.y(), box.width(), box.height()))
