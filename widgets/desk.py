"""The operator's desk: queue, event, alarms and sluices, map with lasso, everything by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QStackedWidget, QWidget

from app.annunciator import Annunciator
from app.details import Details
from app.figures import REQUESTS
from app.gate_calls import gate_of, open_command
from app.scenes import Scene
from app.wall import desk_layout
from backend_client.contract.base import Text
from backend_client.contract.search import Hit
from backend_client.contract.shifts import Ref
from maps.spec import LayerSpec
from maps.view import MapView
from widgets.alarm_work import AlarmWork
from widgets.bulk import BulkWork
from widgets.commands import SOFT, ButtonKeys, Command, CommandPalette, KeySheet, bar_hints
from widgets.deeds import SHAPE_WORDS, AnyArea, Deeds, Shape, failure_words, shape_after
from widgets.desk_files import DeskFiles
from widgets.desk_places import put_in_place
from widgets.desk_reading import ReadWork
from widgets.desk_requests import RequestsWork
from widgets.desk_watch import DeskWatch, Seat
from widgets.drafts import DraftsDialog
from widgets.event_work import EventSeat, EventWork
from widgets.hover import Hover
from widgets.map_frame import MapFrame
from widgets.map_work import MapSeat, MapWork
from widgets.model_work import ModelWork
from widgets.panel import Room
from widgets.panels.alarm_kpis import AlarmKpis
from widgets.panels.alarm_list import AlarmList
from widgets.panels.dispatch import DispatchForm
from widgets.panels.due_list import DueRows
from widgets.panels.event import EventPage
from widgets.panels.feeds import Feeds
from widgets.panels.gate_command import GatePanel
from widgets.panels.gates import Gates
from widgets.panels.merge_review import MergeReview
from widgets.panels.object import ObjectPage
from widgets.panels.queue import Queue
from widgets.panels.reading import ReadingList
from widgets.panels.resources import ResourcesPanel
from widgets.panels.timeline import TrailList
from widgets.row_list import RowList
from widgets.shell import Header, KeyBar, Standing
from widgets.shown_layers import ShownLayers
from widgets.strip import ALARM_HINTS, Strip

EVENT_ZOOM = 14.0


class Desk(QWidget):
    """One operator's seat."""

    def __init__(
        self,
        room: Room,
        details: Details,
        deeds: Deeds,
        *,
        facts: Standing,
        scene: Scene,
        specs: Mapping[str, LayerSpec],
        map_view: MapView | None = None,
        exports: Path = Path(),
        annunciator: Annunciator | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.room, self._details, self._deeds = room, details, deeds
        self._shape: Shape | None = None
        self._unmarked = False
        self.gate_panel: GatePanel | None = None
        self.header = Header(room, facts, scene, parent=self)
        self.strip = Strip(room, facts, self, hints=ALARM_HINTS, annunciator=annunciator)
        self.queue = Queue(room, self)
        self.page = EventPage(room, deeds, self)
        self.under, self.side = QStackedWidget(self), QStackedWidget(self)
        self._lists()
        self.watch = DeskWatch(room, deeds, self._seat(), self)
        self.form = DispatchForm(room, deeds, self.page.read, self.side)
        self.resources = ResourcesPanel(room, specs, self.side)
        self.object = ObjectPage(room, details, specs, self.side)
        self.trail = TrailList(room, self.page.passed)
        self.reading = ReadingList(room, self.page.read, lambda: self.queue.chosen)
        self._stack()
        self.map_view = map_view
        self.requests = RequestsWork(room, self, map_view)
        self.layers = ShownLayers(room, specs, map_view, scene.layers)
        self.layers.tell()
        self.frame = MapFrame(room, map_view, self)
        self.hover = Hover(room, details, specs, self)
        self.hover.changed.connect(self.frame.tell)
        self.files = DeskFiles(room, deeds, specs, folder=exports, desk=self)
        self.alarm_work = AlarmWork(
            room,
            deeds,
            self.alarms,
            annunciator=annunciator,
            layers=self.layers.offered,
            answers=(self._done, self._failed, self._say),
        )
        self.map_work = MapWork(room, deeds, self._map_seat())
        self.work = EventWork(room, deeds, self._event_seat())
        self.bulk = BulkWork(room, deeds, self.queue, self.page.read, self._say)
        self.reads = ReadWork(
            room, self.page.read, self.work, self.form, lambda: self.queue.chosen, self._say
        )
        self.commands = self._commands()
        self._others: Callable[[], Sequence[Command]] = tuple
        self.keys = KeyBar(room, facts, bar_hints(self.commands), self)
        self._active: RowList = self.queue
        self._begin()

    def _lists(self) -> None:
        room, under = self.room, self.under
        self.alarms, self.gates = AlarmList(room, under), Gates(room, under)
        self.feeds, self.kpis = Feeds(room, under), AlarmKpis(room, under)
        self.due, self.review = DueRows(room, under), MergeReview(room, self._deeds, under)
        self.models = ModelWork(room, under)

    def _begin(self) -> None:
        self._wire()
        self._dress()
        self._on_event(self.queue.key)
        self._activate(self.queue)

    def _stack(self) -> None:
        lists = (self.alarms, self.gates, self.feeds, self.kpis, self.watch.log)
        for widget in (*lists, self.due, self.review, self.trail, self.reading):
            self.under.addWidget(widget)
        for page in (self.form, self.resources, self.object):
            self.side.addWidget(page)

    def _wire(self) -> None:
        ButtonKeys(self)
        self.queue.selected.connect(self._on_event)
        self.queue.opened.connect(self._on_opened)
        self.due.opened.connect(self._open_event)
        self.reading.opened.connect(self.reads.take)
        self.gates.opened.connect(self.open_gate)
        self.alarms.opened.connect(self._on_alarm_opened)
        self.page.wanted.connect(self.work.do)
        self.form.sent.connect(self.work.send)
        self.resources.export_wanted.connect(lambda form: self.files.export(form, self.resources))
        self.resources.row_chosen.connect(self._on_row)
        self.object.gate_wanted.connect(self.open_gate)
        self.files.drops.refused.connect(self.keys.tell)
        self.room.theme.changed.connect(self._dress)
        self.room.pulse.ticked.connect(self._count_drafts)
        self.room.stores.blocks.changed.connect(self._on_block)
        if self.map_view is not None:
            self.map_view.lasso_drawn.connect(self.take_area)
            self.map_view.lasso_cancelled.connect(self._on_lasso_left)
            self.map_view.feature_clicked.connect(self.show_object)
            self.map_view.feature_hovered.connect(self.hover.point)
            self.map_view.feature_left.connect(self.hover.leave)

    def _commands(self) -> tuple[Command, ...]:
        rows: list[Command] = [
            Command(("J", "Down"), Text("下一件", "next"), lambda: self._active.go(1)),
            Command(("K", "Up"), Text("上一件", "previous"), lambda: self._active.go(-1)),
            Command(("Return", "Enter"), Text("打开", "open"), self._open, "Enter", in_bar=True),
        ]
        rows += self.work.commands()
        rows += self.reads.commands(partial(self.bring, self.reading))
        rows += self.bulk.commands()
        rows += [
            Command(("L",), Text("圈选", "lasso"), self.lasso, in_bar=True),
            Command(("Esc",), Text("退出当前", "leave"), self.leave, in_bar=True),
            Command(
                ("G",), Text("闸站 / 折叠同因", "sluices / fold"), self.gates_or_fold, in_bar=True
            ),
            Command(("A",), Text("告警列表", "alarm list"), self.show_alarms),
            Command(("Q",), Text("换队列", "other queue"), self._turn, in_bar=True),
            Command(("O",), Text("重排列表", "sort the list"), self._sort),
            Command(("Shift+Q",), Text("到期待定", "what is due"), partial(self.bring, self.due)),
            Command(("Shift+S",), Text("全程追溯", "every step"), partial(self.bring, self.trail)),
            Command(("Shift+M",), Text("并案审核", "merge review"), self.show_review),
            Command(("Y",), Text("数据来源", "feeds"), self.show_feeds),
            Command(("Shift+A",), Text("告警绩效", "alarm performance"), self.show_kpis),
            Command(("U",), Text("未发送", "not sent"), self.drafts_open),
            *self.files.commands(),
            Command(("Ctrl+K",), Text("命令", "commands"), self.palette_open, in_bar=True),
            Command(("?",), Text("全部快捷键", "all keys"), self.sheet_open, in_bar=True),
        ]
        more = (*self.alarm_work.commands(), *self.watch.commands(), *self.requests.commands())
        rest = (*self.map_work.commands(), *self.layers.commands(), *self.models.commands())
        return (*rows, *more, *rest)

    def _seat(self) -> Seat:
        return Seat(
            chosen=lambda: self.queue.chosen,
            camera=lambda: self.map_view.camera() if self.map_view is not None else None,
            say=self.page.say_result,
            show_log=self.show_log,
            open_ref=self.open_ref,
        )

    def _event_seat(self) -> EventSeat:
        return EventSeat(
            desk=self,
            chosen=lambda: self.queue.chosen,
            read=self.page.read,
            why_held=self.watch.why_held,
            take=self.watch.hold.take,
            middle=self._middle,
            begin=self._begin_sending,
            done=self._done,
            failed=self._failed,
            say=self._say,
            say_beside=self.form.say,
        )

    def _map_seat(self) -> MapSeat:
        return MapSeat(
            desk=self,
            view=self.map_view,
            resources=self.resources,
            object=self.object,
            front=self.side.currentWidget,
            bring=self.side.setCurrentWidget,
            middle=self._middle,
            show_layer=self.layers.add,
            show_object=self.show_object,
            leave=self.leave,
            export=self.files.export,
        )

    def name_also(self, others: Callable[[], Sequence[Command]]) -> None:
        """Name the window's own commands, as they are then, in palette and sheet."""
        self._others = others

    def every_command(self) -> tuple[Command, ...]:
        """Give what can be done here: the desk's own steps and its window's."""
        return (*self.commands, *self._others())

    # ---- lists -----------------------------------------------------------------------------

    def _activate(self, chosen: RowList) -> None:
        self._active = chosen
        for one in self.findChildren(RowList):
            one.activate(active=one is chosen)

    def bring(self, listed: RowList) -> None:
        """Show a list as it stands now and let the keys move in it."""
        listed.catch_up()
        self.under.setCurrentWidget(listed)
        self._activate(listed)

    def _open(self) -> None:
        self._active.open()

    def _turn(self) -> None:
        self._activate(self.queue)
        self.queue.turn()

    def gates_or_fold(self) -> None:
        """Fold or unfold one cause while the keys move in the alarms, else show the sluices."""
        if self._active is self.alarms:
            self.alarms.fold()
        else:
            self.show_gates()

    def show_gates(self) -> None:
        """Show the sluices and let the keys move in them; at a sluice's page, its panel."""
        if self.side.currentWidget() is self.object and self.object.gate is not None:
            self.object.ask_for_gate()
            return
        self.bring(self.gates)

    def show_alarms(self) -> None:
        """Show the alarms and let the keys move in them."""
        self.bring(self.alarms)

    def show_log(self) -> None:
        """Show the shift log and let the keys move in it."""
        self.bring(self.watch.log)

    def show_review(self) -> None:
        """Show the pairs to judge; Y, N and L answer while the keys are there."""
        self.under.setCurrentWidget(self.review)
        self._activate(self.queue)
        self.review.setFocus()

    def _sort(self) -> None:
        (self.due if self._active is self.due else self.queue).sort()

    def _open_event(self, event_id: str) -> None:
        self._activate(self.queue)
        self.queue.reveal(event_id)
        self.queue.open()

    def open_ref(self, ref: Ref) -> None:
        """Go to what a line of the log is about."""
        if ref.kind == "event":
            self.queue.reveal(ref.item_id)
        elif ref.kind == "alarm":
            self._on_alarm_opened(ref.item_id)
        elif ref.kind == "gate":
            self.open_gate(ref.item_id)

    def show_feeds(self) -> None:
        """Show which feeds are late or dead, and whom to call."""
        self.under.setCurrentWidget(self.feeds)

    def show_kpis(self) -> None:
        """Show what each seat is asked to look at."""
        self.under.setCurrentWidget(self.kpis)

    def leave(self) -> None:
        """Leave the lasso, else go back to the queue."""
        if self._shape is not None:
            self._on_lasso_left()
            if self.map_view is not None:
                self.map_view.cancel_lasso()
            return
        self.side.setCurrentWidget(self.form)
        self.queue.unmark()
        self.watch.hold.leave()
        self._mark_event()
        self._activate(self.queue)
        self.setFocus()

    # ---- events ----------------------------------------------------------------------------

    def _on_event(self, event_id: str) -> None:
        if event_id != self.watch.hold.event_id:
            self.watch.hold.leave()
        self.page.show_event(event_id)
        self.form.show_event(event_id)
        self._mark_event()
        view, event = self.map_view, self.queue.chosen
        if view is None or event is None or event.lon is None or event.lat is None:
            return
        camera = view.camera()
        if camera is not None and not view.sees(event.lon, event.lat):
            view.fly(event.lon, event.lat, camera[2])

    def _mark_event(self) -> None:
        """Mark the selected event on the map, or wait until the map's layer has it."""
        event, oid = self.queue.chosen, None
        self._unmarked = False
        if event is not None and event.lon is not None and event.lat is not None:
            oid = self.room.stores.blocks.at(REQUESTS, event.lon, event.lat)
            self._unmarked = oid is None
        if self.map_view is not None:
            self.map_view.mark(REQUESTS if oid is not None else None, oid or 0)

    def _on_block(self, layer: str) -> None:
        if layer == REQUESTS and self._unmarked:
            self._mark_event()

    def _on_opened(self, event_id: str) -> None:
        event = self.room.stores.events.get(event_id)
        if event is not None:
            self.watch.hold.take(event_id)
        if event is None or event.lon is None or event.lat is None or self.map_view is None:
            return
        self.map_view.fly(event.lon, event.lat, EVENT_ZOOM)

    def _middle(self) -> tuple[float, float]:
        camera = self.map_view.camera() if self.map_view is not None else None
        return (camera[0], camera[1]) if camera else (120.87, 32.01)

    def _begin_sending(self) -> None:
        self.side.setCurrentWidget(self.form)
        self.form.begin()

    def _done(self) -> None:
        self.page.say_result(self.room.words.pick("已记录", "recorded"))
        self.form.say("")

    def _say(self, text: Text) -> None:
        self.page.say_result(self.room.words.say(text))

    def _failed(self, error: Exception) -> None:
        self.page.say_result(failure_words(error, self.room.words))

    # ---- alarms ----------------------------------------------------------------------------

    def _on_alarm_opened(self, alarm_id: str) -> None:
        alarm = self.room.stores.alarms.get(alarm_id)
        gate_id = gate_of(alarm, self.room.stores) if alarm else ""
        if gate_id:
            self.open_gate(gate_id)
        if alarm and alarm.lon is not None and alarm.lat is not None and self.map_view is not None:
            self.map_view.fly(alarm.lon, alarm.lat, EVENT_ZOOM)

    # ---- gates -----------------------------------------------------------------------------

    def open_gate(self, gate_id: str) -> None:
        """Open the panel of a sluice: at the command under way there, else for a new one."""
        if self.gate_panel is not None:
            self.gate_panel.close()
        self.gate_panel = GatePanel(self.room, self._deeds, gate_id, self)
        command_id = open_command(gate_id, self.room.stores)
        if command_id:
            self.gate_panel.follow(command_id)
        self.gate_panel.show()
        self.gate_panel.activateWindow()

    # ---- map and lasso ---------------------------------------------------------------------

    def lasso(self) -> None:
        """Start drawing; pressed again, draw the next shape."""
        self._shape = shape_after(self._shape)
        self.frame.draw_with(SHAPE_WORDS[self._shape])
        if self.map_view is not None:
            self.map_view.start_lasso(self._shape)

    def _on_lasso_left(self) -> None:
        self._shape = None
        self.frame.draw_with(None)

    def take_area(self, area: AnyArea) -> None:
        """Ask what lies inside a drawn area."""
        self._on_lasso_left()
        self.side.setCurrentWidget(self.resources)
        if self.map_view is not None:
            self.map_view.show_area(area, "01")
        self._deeds.within(area, self.resources.refresh, self.map_work.failed)
        self.setFocus()  # the map had the keys while it was drawn

    def show_hit(self, hit: Hit) -> None:
        """Open what was found: an event in the queue, an object on its page."""
        if hit.what == "event" and self.room.stores.events.get(hit.item_id) is not None:
            self._activate(self.queue)
            self.queue.reveal(hit.item_id)
            return
        self.layers.add(hit.layer)
        self.show_object(hit.layer, hit.oid)

    def show_object(self, layer: str, oid: int) -> None:
        """Show what was clicked on the map; Esc leaves."""
        self.object.show_object(layer, oid)
        self.side.setCurrentWidget(self.object)
        if self.map_view is not None:
            self.map_view.mark(layer, oid)
        self.setFocus()

    def _on_row(self, layer: str, oid: int, lon: float, lat: float) -> None:
        if self.map_view is not None:
            self.map_view.mark(layer, oid)
            self.map_view.fly(lon, lat, EVENT_ZOOM)

    # ---- sheets ----------------------------------------------------------------------------

    def drafts_open(self) -> None:
        """Show what could not be sent."""
        DraftsDialog(self.room, self._deeds, self).exec()
        self._count_drafts()

    def _count_drafts(self) -> None:
        count = len(self._deeds.unsent())
        self.keys.remind(Text(f"U 未发送 {count}", f"U {count} not sent") if count else None)

    def palette_open(self) -> None:
        """Find a command by its words."""
        CommandPalette(self.room, self.every_command(), self).exec()

    def sheet_open(self) -> None:
        """Show every key."""
        KeySheet(self.room, self.every_command(), self).exec()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Return, Up and Down when no field or table has used them."""
        name = QKeySequence(event.key()).toString()
        found = [one for one in self.commands if name in SOFT and name in one.keys]
        if found and not isinstance(self.focusWidget(), QLineEdit | QComboBox):
            found[0].run()
            return
        super().keyPressEvent(event)

    # ---- looks -----------------------------------------------------------------------------

    def _dress(self) -> None:
        self.setStyleSheet(self.room.theme.qss("desk"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the page's ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.room.theme.color("bg")))
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Put everything in its place."""
        put_in_place(self, desk_layout(self.width(), self.height()))
