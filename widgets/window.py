"""One frameless window: a wall shows scenes, a desk works."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.cameras import Hub
from app.notices import Notice
from app.scenes import Scene
from app.session import REPLAYING, RESTING
from app.theme import Seat
from app.wall import Layout
from app.wall_plan import Piece
from backend_client.contract.base import Text
from backend_client.contract.search import Hit
from backend_client.contract.shifts import Sight
from maps.view import MapView
from widgets.commands import ButtonKeys, Command, CommandPalette, KeySheet, bind
from widgets.deeds import Failed
from widgets.desk import Desk
from widgets.map_keys import map_commands
from widgets.own_scene import keep_scene
from widgets.page_keys import PageKeys
from widgets.parts import Parts
from widgets.replay_control import replay_commands
from widgets.replay_view import ReplayView, desk_zones, stage_zones
from widgets.scene_deeds import Call, scene_deeds
from widgets.search import SearchBox, object_of, place_of
from widgets.settings_dialog import SettingsDialog
from widgets.shown_layers import ShownLayers
from widgets.sign_in import SignInPage
from widgets.stage import Stage
from widgets.watch import WakeQuestion

SIGN_IN_SIZE = (520, 420)
WALL_KEYS = ("wall", "screen:")  # notices about the wall itself
HIT_ZOOM = 14.5
HELD = {
    RESTING: Text("席位空闲,只读 · 按任意键", "Seat resting, read-only · press a key"),
    REPLAYING: Text("回放中,只读 · Alt+End 实况", "Replay, read-only · Alt+End for now"),
}


class Window(QWidget):
    """One screen's window: a stage for wall scenes and, at a desk, the desk itself.

    Signals:
        scene_wanted(str): a scene key was pressed.
        wing_wanted: the other wing was asked for.
        carousel_wanted: the carousel is to start or stop.
        pull_wanted(str): this panel, or `map`, is to stand in a window of its own.
        gate_wanted(str): this sluice's panel is to be opened at a desk.
        turn_wanted: the keys are to go to the next window.
        gone: a person asked to end the program.
    """

    scene_wanted = Signal(str)
    wing_wanted = Signal()
    carousel_wanted = Signal()
    pull_wanted = Signal(str)
    gate_wanted = Signal(str)
    turn_wanted = Signal()
    gone = Signal()

    def __init__(
        self,
        parts: Parts,
        seat: Seat,
        start: Scene,
        *,
        name: str = "",
        hub: Hub | None = None,
        piece: Piece | None = None,
    ) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint)
        self.name = name
        self.setWindowTitle(name)
        self._hub, self._piece = Hub() if hub is None else hub, piece
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.parts, self.seat = parts, seat
        self._room = parts.seated(seat)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self.stage: Stage | None = None
        self.layers: ShownLayers | None = None
        self._stage_commands: tuple[Command, ...] = ()
        self._page_keys: PageKeys | None = None
        self.desk: Desk | None = None
        self.sign_in: SignInPage | None = None
        self._waking: WakeQuestion | None = None
        self._bound = bind(self._commands(), self)
        self._scene_keys = bind(self._scene_commands(), self)
        self._is_pinned = True
        self.past: list[ReplayView] = []
        parts.book.changed.connect(self._on_book)
        if seat == "wall":
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self._add_sign_in()
        parts.room.theme.changed.connect(self._dress)
        parts.session.signed_in.connect(self._on_seen)
        parts.room.stores.log.reopened.connect(self._on_reopened)
        self._dress()
        self.show_scene(start)

    def _scene_commands(self) -> tuple[Command, ...]:
        return tuple(
            Command(
                (one.key,) if one.key else (),
                one.title,
                Call(self.scene_wanted, one.scene_id),
                in_bar=False,
            )
            for one in self.parts.book.all()
        )

    def _on_book(self) -> None:
        """Bind the keys of own scenes anew."""
        for gone in self._scene_keys:
            gone.setEnabled(False)
            gone.deleteLater()
        self._scene_keys = bind(self._scene_commands(), self)

    def _commands(self) -> tuple[Command, ...]:
        return (
            Command(("Ctrl+L",), Text("中文 / English", "中文 / English"), self.turn_language),
            Command(("Ctrl+T",), Text("日间 / 夜间", "day / night"), self.turn_palette),
            Command(("Ctrl+,",), Text("设置", "settings"), self.open_settings),
            Command(("Ctrl+F",), Text("搜索", "search"), self.open_search),
            Command(("Ctrl+R",), Text("轮播 开 / 停", "carousel"), self.carousel_wanted.emit),
            *replay_commands(self._room, self.parts.replay, self),
            Command(("Shift+W",), Text("换翼", "other wing"), self.wing_wanted.emit),
            Command(("Ctrl+Tab",), Text("换窗口", "other window"), self.turn_wanted.emit),
            Command(("Ctrl+Shift+O",), Text("退出登录", "sign out"), self.parts.session.sign_out),
            Command(("Ctrl+Q",), Text("关闭程序", "quit"), self.gone.emit),
        )

    def commands(self) -> tuple[Command, ...]:
        """Give everything that can be done in this window besides the desk's own steps."""
        return (
            *self.page_commands(),
            *self._stage_commands,
            *self._commands(),
            *self._scene_commands(),
            *scene_deeds(self.stage, self.pull_wanted, self.remove_scene),
        )

    def page_commands(self) -> tuple[Command, ...]:
        """Give the keys of the page that stands here."""
        return self._page_keys.commands() if self._page_keys is not None else ()

    def open_palette(self) -> None:
        """Find a command by its words."""
        CommandPalette(self.parts.seated("desk"), self.commands(), self).exec()

    def open_sheet(self) -> None:
        """Show every key that works here."""
        KeySheet(self.parts.seated("desk"), self.commands(), self).exec()

    def save_scene(self) -> None:
        """Keep what stands here as an own scene."""
        if self.stage is None or self.layers is None:
            return
        room, layers = self.parts.seated("desk"), self.layers.offered()
        kept = keep_scene(room, self.parts.book, self.stage, layers, self.parts.notices)
        if kept:
            self.scene_wanted.emit(kept)

    def remove_scene(self) -> None:
        """Forget the own scene that stands here, and show the general one."""
        if self.stage is not None and self.stage.scene.own:
            gone = self.stage.scene.scene_id
            self.scene_wanted.emit("general")
            self.parts.book.remove(gone)

    def turn_pin(self) -> None:
        """Let the map here go its own way, or look through the wall's camera again."""
        self._is_pinned = not self._is_pinned
        if self.stage is not None:
            self._on_arranged(self.stage.layout_now())
        for view in self.past:
            view.refresh()
        self.parts.notices.say(
            Text("地图已联动", "The map is linked")
            if self._is_pinned
            else Text("地图已脱开，单独移动", "The map is on its own"),
            key="wall",
        )

    def show_scene(self, wanted: Scene) -> None:
        """Show a scene here."""
        page = self._desk(wanted) if wanted.seat == "desk" else self._stage(wanted)
        is_other = self._pages.currentWidget() is not page
        self._pages.setCurrentWidget(page)
        if self.sign_in is not None:
            self.sign_in.raise_()
        if is_other:
            self._give_keys()

    def _give_keys(self) -> None:
        """Let keys go to the page shown: no button of it takes Space or Enter by chance."""
        page = self._pages.currentWidget()
        if page is not None and (self.sign_in is None or self.sign_in.isHidden()):
            page.setFocus()

    def _stage(self, wanted: Scene) -> Stage:
        if self.stage is None:
            view = self._map(wanted)
            view.camera_changed.connect(self._on_camera)
            self.stage = Stage(
                self._room,
                self.parts.details,
                self.parts.facts,
                scene=wanted,
                map_view=view,
                piece=self._piece,
                parent=self,
            )
            self.stage.arranged.connect(self._on_arranged)
            self._let_go_back(view, self.stage)
            self._page_keys = PageKeys(
                self.stage, self.parts.facts, self.parts.exports, self.scene_wanted
            )
            self._page_keys.gate_wanted.connect(self.gate_wanted)
            self.parts.notices.raised.connect(self._on_wall_notice)
            view.feature_clicked.connect(self.show_object)
            self.layers = ShownLayers(self._room, self.parts.specs, view, wanted.layers)
            self.layers.tell()
            self._stage_commands = (
                Command(("Esc",), Text("退出当前", "leave"), self.hide_object),
                Command(("Ctrl+K",), Text("命令", "commands"), self.open_palette),
                Command(("?",), Text("全部快捷键", "all keys"), self.open_sheet),
                Command(("Ctrl+S",), Text("保存为场景", "save as a scene"), self.save_scene),
                Command(("Ctrl+M",), Text("地图联动 开 / 停", "link the map"), self.turn_pin),
                *map_commands(self._stage_map),
                *self.layers.commands(),
            )
            self._bound += bind(self._stage_commands, self.stage)
            self._pages.addWidget(self.stage)
        elif self.stage.scene != wanted:
            self.stage.show_scene(wanted)
            if isinstance(shown := self.stage.map_view, MapView):
                shown.begin_scene()
            if self.layers is not None:
                self.layers.show(wanted.layers)
            if isinstance(shown, MapView) and not self.shares_map:
                shown.show_extent(wanted.extent)
        return self.stage

    def _let_go_back(self, view: MapView, stage: Stage) -> None:
        """Let the map follow the replayed instant while it is linked."""
        past = ReplayView(
            self._room,
            self.parts.replay,
            stage,
            view,
            zones=partial(stage_zones, stage),
            joined=lambda: self._is_pinned,
        )
        stage.arranged.connect(past.refresh)
        self.past.append(past)

    @property
    def shares_map(self) -> bool:
        """Tell whether the map here is a part of one that spans several screens."""
        return self.name in self._hub.members

    def use_piece(self, piece: Piece | None) -> None:
        """Show another part of the wall."""
        self._piece = piece
        if self.stage is not None:
            self.stage.use_piece(piece)

    def _on_arranged(self, found: Layout) -> None:
        """Look through the wall's shared camera, or through one of our own."""
        view = self.stage.map_view if self.stage is not None else None
        if self.stage is None or not isinstance(view, MapView):
            return
        part = found.zones.get("map")
        if part is not None and self._is_pinned:
            whole = found.whole_map or part
            view.show_foot(shown=part.x == whole.x)  # one map has one foot
            self._hub.join(self.name, view.fly, whole, part)
        elif self.shares_map:
            self._hub.leave(self.name)
            view.show_foot(shown=True)
            view.show_extent(self.stage.scene.extent)

    def _on_camera(self, lon: float, lat: float, zoom: float) -> None:
        self._hub.moved(self.name, lon, lat, zoom)

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
                annunciator=self.parts.annunciator,
                parent=self,
            )
            self._bound += bind(self.desk.commands, self.desk)
            if isinstance(view := self.desk.map_view, MapView):
                self.past.append(
                    ReplayView(
                        self._room,
                        self.parts.replay,
                        self.desk,
                        view,
                        zones=partial(desk_zones, self.desk),
                    )
                )
            self.desk.name_also(lambda: (*self._commands(), *self._scene_commands()))
            self.desk.watch.scene_wanted.connect(self.scene_wanted)
            self.parts.idle.used.connect(self.desk.watch.hold.touch)
            self.parts.idle.woken.connect(self.wake)
            self.parts.session.rested.connect(self._on_read_only)
            self.parts.session.looked_back.connect(self._on_read_only)
            self.parts.notices.raised.connect(self._on_notice)
            self._pages.addWidget(self.desk)
        return self.desk

    def wake(self) -> None:
        """Ask for the password of a resting seat, once."""
        if self.isActiveWindow() and self._waking is None:
            self._waking = WakeQuestion(self._room, self.parts.session, self)
            self._waking.finished.connect(self._on_waked)
            self._waking.open()

    def _on_waked(self, _code: int) -> None:
        if self._waking is not None:
            self._waking.deleteLater()
            self._waking = None

    def _on_read_only(self, _is: object) -> None:
        why = self.parts.session.read_only
        if self.desk is not None:
            self.desk.keys.hold(HELD[why] if why is not None else None)
            self.desk.page.refresh()

    def _on_reopened(self, sight: Sight) -> None:
        """Look where a line of the log was written."""
        view = self.desk.map_view if self.desk and self._shows_desk() else self._stage_map()
        if isinstance(view, MapView) and sight.lon is not None and sight.lat is not None:
            view.fly(sight.lon, sight.lat, sight.zoom or HIT_ZOOM)

    def _shows_desk(self) -> bool:
        return self._pages.currentWidget() is self.desk

    def _stage_map(self) -> QWidget | None:
        return self.stage.map_view if self.stage is not None else None

    def _map(self, wanted: Scene) -> MapView:
        return MapView(
            self.parts.host, extent=wanted.extent, layers=wanted.layers, seat=self.seat, parent=self
        )

    def _on_wall_notice(self, notice: Notice) -> None:
        """Say on the wall what concerns the wall: there may be no desk that hears of it."""
        if self.stage is not None and notice.key.startswith(WALL_KEYS):
            self.stage.strip.tell(notice.text)

    def _on_notice(self, notice: Notice) -> None:
        if self.desk is not None:
            self.desk.keys.tell(notice.text)

    def _add_sign_in(self) -> None:
        parts, session = self.parts, self.parts.session

        def sign_in(account: str, password: str, code: str | None, failed: Failed) -> None:
            session.sign_in(account, password, code, failed=failed)

        self.sign_in = SignInPage(parts.room.theme, parts.room.words, sign_in, self)
        ButtonKeys(self.sign_in)
        self.sign_in.setVisible(session.person is None)
        self.sign_in.begin()
        session.signed_in.connect(self._on_signed_in)
        session.signed_out.connect(self._on_signed_out)

    def _on_signed_in(self, _person: object) -> None:
        if self.sign_in is not None:
            self.sign_in.begin()
            self.sign_in.hide()
            self._give_keys()

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

    def move_to(self, name: str) -> None:
        """Belong to another screen."""
        self._hub.leave(self.name)
        self.name = name
        self.setWindowTitle(name)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the program when a person closes a window; a screen that goes does not."""
        super().closeEvent(event)
        if event.spontaneous():
            self.gone.emit()

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

    def open_search(self) -> None:
        """Let a person look for something and go there."""
        box = SearchBox(self._room, self.parts.search, self.parts.specs, self)
        box.chosen.connect(self.go_to)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def go_to(self, hit: Hit) -> None:
        """Turn the map to what was found and open it; what has no place is only opened."""
        on_desk = self.desk is not None and self._pages.currentWidget() is self.desk
        view = self.desk.map_view if on_desk and self.desk else self.stage and self.stage.map_view
        lonlat = place_of(self.parts.room.stores, hit)
        if isinstance(view, MapView) and lonlat is not None:
            view.fly(*lonlat, zoom=HIT_ZOOM)
        if hit.what == "place":
            return
        if on_desk and self.desk is not None:
            self.desk.show_hit(hit)
        else:
            self.show_object(*object_of(self.parts.room.stores, hit))

    def show_object(self, layer: str, oid: int) -> None:
        """Show an object over the wall's map and mark it there."""
        if self.stage is None or not layer or not self._room.sees(layer):
            return
        self.stage.show_object(layer, oid)
        if self.layers is not None:
            self.layers.add(layer)
        if isinstance(self.stage.map_view, MapView):
            self.stage.map_view.mark(layer, oid)

    def hide_object(self) -> None:
        """Go back in a page of its own keys, else take the object's page and mark away."""
        if self.stage is not None and not self.stage.leave():
            self.stage.hide_object()
            if isinstance(self.stage.map_view, MapView):
                self.stage.map_view.mark(None)

    def _on_seen(self, _person: object) -> None:
        """Show the layers this person may see."""
        if self.layers is not None:
            self.layers.tell()
        if self.desk is not None:
            self.desk.layers.tell()

    def open_settings(self) -> None:
        """Show the settings."""
        room = self.parts.room
        SettingsDialog(self.parts.settings, room.theme, room.words, self).exec()

    def close_maps(self) -> None:
        """Let the map pages go before their host."""
        self._hub.leave(self.name)
        for view in self.findChildren(MapView):
            view.close_page()
