"""The desk's watch: the event in hand, ten seconds to undo, the log, the handover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.shifts import TYPED, Ref, ShiftPage, Sight
from widgets.commands import Command
from widgets.deeds import Deeds, failure_words
from widgets.hold import Hold
from widgets.panel import Room
from widgets.panels.shift_log import LogList
from widgets.watch import HandoverQuestion, LineQuestion

HERE = "desk"
NO_PAGE = Text("没有本班日志页。", "There is no page of the log in sight.")


@dataclass(frozen=True, slots=True)
class Seat:
    """What the watch needs of the desk it belongs to.

    Args:
        chosen: the selected event.
        camera: longitude, latitude and zoom of the desk's map, None without one.
        say: shows what came of a step.
        show_log: brings the log to the front and gives it the keys.
        open_ref: goes to what a line is about.
    """

    chosen: Callable[[], Event | None]
    camera: Callable[[], tuple[float, float, float] | None]
    say: Callable[[str], None]
    show_log: Callable[[], None]
    open_ref: Callable[[Ref], None]


class DeskWatch(QObject):
    """Everything of one seat that has to do with who is at it and what the shift writes down.

    Signals:
        scene_wanted(str): a line was written on another scene; show that one.
    """

    scene_wanted = Signal(str)

    def __init__(self, room: Room, deeds: Deeds, seat: Seat, parent: QWidget) -> None:
        super().__init__(parent)
        self._room, self._deeds, self._seat, self._desk = room, deeds, seat, parent
        self.hold = Hold(room, deeds, self)
        self.log = LogList(room, parent)
        self._undoable = ""
        self._counting = False
        self.hold.told.connect(self._tell)
        self.log.opened.connect(self.reopen)
        room.stores.events.changed.connect(self._on_events)
        room.pulse.ticked.connect(self._count_down)

    def commands(self) -> list[Command]:
        """Give the watch's keys."""
        return [
            Command(("Z", "Ctrl+Z"), Text("撤销(10 秒内)", "undo within 10 s"), self.undo),
            Command(("E",), Text("接管事件", "take the event over"), self.take_over),
            Command(("R",), Text("值班日志", "shift log"), self._seat.show_log),
            Command((";", "Ctrl+N"), Text("记一行", "write in the log"), self.write),
            Command(("C",), Text("更正所选行", "correct the line"), self.correct),
            Command(("Shift+R",), Text("换日志", "other log"), self._room.stores.log.turn),
            Command(("H",), Text("交接班签字", "hand over"), self.hand_over),
        ]

    # ---- hands on events -------------------------------------------------------------------

    def why_held(self, event: Event) -> Text | None:
        """Say whose hands an event is in when they are not this seat's."""
        claim = self.hold.others(event.item_id)
        if claim is None:
            return None
        name = claim.holder.name
        return Text(
            f"{name} 正在处理;值班领导可按 E 接管",
            f"{name} is working on it; a duty leader may take it over with E",
        )

    def take_over(self) -> None:
        """Take the selected event out of somebody else's hands."""
        event = self._seat.chosen()
        if event is not None:
            self.hold.take_over(event.item_id)

    # ---- undo ------------------------------------------------------------------------------

    def _on_events(self, ids: tuple[str, ...]) -> None:
        for event_id in ids:
            event = self._room.stores.events.get(event_id)
            if event is not None and self._left_s(event) > 0:
                self._undoable = event_id
                self._count_down()

    def _left_s(self, event: Event) -> float:
        undo = event.undo
        if undo is None or undo.by.person_id != self._deeds.person_id():
            return 0.0
        return (undo.until_at - self._room.stores.server_now()).total_seconds()

    def _count_down(self) -> None:
        """Say how long the last step can be taken back."""
        event = self._room.stores.events.get(self._undoable) if self._undoable else None
        left_s = self._left_s(event) if event else 0.0
        if left_s > 0:
            self._counting = True
            seconds = ceil(left_s)
            self._say(Text(f"Z 撤销 · {seconds} 秒", f"Z undo · {seconds} s"))
        elif self._counting:
            self._counting, self._undoable = False, ""
            self._seat.say("")

    def undo(self) -> None:
        """Take the last dispatch or close back."""
        event = self._room.stores.events.get(self._undoable) if self._undoable else None
        if event is None or self._left_s(event) <= 0:
            self._say(Text("没有可撤销的操作", "nothing to undo"))
            return
        self._undoable, self._counting = "", False
        self._deeds.undo(event, self._on_undone, self._failed)

    def _on_undone(self) -> None:
        self._say(Text("已撤销", "undone"))

    # ---- log -------------------------------------------------------------------------------

    def sight(self) -> Sight:
        """Give what is on the screen now."""
        camera = self._seat.camera()
        at = self._room.stores.server_now()
        if camera is None:
            return Sight(scene=HERE, at=at)
        return Sight(scene=HERE, at=at, lon=camera[0], lat=camera[1], zoom=camera[2])

    def write(self) -> None:
        """Write a line about the selected event."""
        page = self._page()
        if page is None:
            return
        event = self._seat.chosen()
        about = Ref(kind="event", item_id=event.item_id) if event else None
        self._ask(
            page,
            LineQuestion(self._room, page, about=about, sight=self.sight(), parent=self._desk),
        )

    def correct(self) -> None:
        """Write a line that puts the selected typed one right."""
        page, line = self._page(), self.log.line
        if page is None:
            return
        if line is None or line.kind not in TYPED:
            self._say(Text("先在日志中选中一行手记", "select a typed line of the log first"))
            return
        question = LineQuestion(
            self._room, page, about=None, sight=self.sight(), corrects=line, parent=self._desk
        )
        self._ask(page, question)

    def _ask(self, page: ShiftPage, question: LineQuestion) -> None:
        if question.exec():
            self._deeds.write(page, question.noted(), self._on_written, self._failed)

    def _on_written(self) -> None:
        self._say(Text("已记入日志", "written in the log"))

    def reopen(self, _key: str = "") -> None:
        """Show again what was on the screen when the selected line was written."""
        line = self.log.line
        if line is None:
            return
        if line.sight is not None:
            if line.sight.scene != HERE:
                self.scene_wanted.emit(line.sight.scene)
            self._room.stores.log.reopen(line.sight)
        if line.ref is not None:
            self._seat.open_ref(line.ref)

    # ---- handover --------------------------------------------------------------------------

    def hand_over(self) -> None:
        """Let both sign the page."""
        page = self._page()
        if page is None:
            return
        self._room.stores.log.look(page.item_id)
        question = HandoverQuestion(self._room, self._deeds, page, self._desk)
        if question.exec():
            self._say(Text("已交接,旧页锁定", "handed over, the page is locked"))

    def _page(self) -> ShiftPage | None:
        page = self._room.stores.log.page()
        if page is None:
            self._say(NO_PAGE)
        return page

    def _tell(self, text: Text) -> None:
        self._say(text)

    def _say(self, text: Text) -> None:
        self._seat.say(self._room.words.say(text))

    def _failed(self, error: Exception) -> None:
        self._seat.say(failure_words(error, self._room.words))
