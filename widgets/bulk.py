"""One deed on many events: each is sent as a step of its own; what is refused is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from pydantic import BaseModel
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Classify, Event, Merge, Reasoned
from widgets.ask import Question
from widgets.case_question import LEAST_REASON
from widgets.classify import KEPT, ClassifyQuestion
from widgets.commands import ENTER, Command
from widgets.deeds import Deeds, Failed, failure_words
from widgets.panel import Room
from widgets.panels.events import event_number
from widgets.panels.queue import Queue
from widgets.panels.reading import EventReading
from widgets.passing import when_free
from widgets.stale import told


@dataclass(frozen=True, slots=True)
class Many:
    """One thing that may be done with many events."""

    verb: str
    key: str
    words: Text


MERGE: Final = "merge"
MANY: Final = (
    Many("accept", "S", Text("受理", "Accept")),
    Many("classify", "C", Text("定性", "Classify")),
    Many("refuse", "R", Text("不予受理", "Not accept")),
    Many(MERGE, "M", Text("并入所选一件", "Merge with the selected one")),
)
Body = Callable[[Event], BaseModel]


class BulkQuestion(Question):
    """What to do with the marked events: a letter chooses, Esc leaves."""

    def __init__(
        self,
        room: Room,
        counts: Sequence[tuple[Many, int]],
        total: int,
        main: Event | None,
        parent: QWidget,
    ) -> None:
        """Ask it.

        Args:
            room: words and looks.
            counts: what may be done, and with how many of them.
            total: how many are marked.
            main: the selected event, which others would be merged with.
            parent: stands behind.
        """
        title = Text(f"批量 · 已选 {total} 件", f"Together · {total} marked")
        super().__init__(room, title, Text("继续 Enter", "Go on Enter"), parent)
        self._counts = tuple(counts)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it would take the letters
        for many, count in self._counts:
            words = room.words.say(many.words)
            if many.verb == MERGE and main is not None:
                words = f"{words} {event_number(main, room.words)}"
            open_to = room.words.pick(f"{count} / {total} 件可办", f"open to {count} of {total}")
            self.list.addItem(f"{many.key}   " + room.words.join(words, open_to))
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.accept())
        self.column.addWidget(self.list)
        self.finish(Text("逐件送出；未成的列出原因", "Each is sent alone; what fails is listed"))
        self.resize(620, 320)
        self.setFocus()

    @property
    def chosen(self) -> Many:
        """Give what was chosen."""
        return self._counts[self.list.currentRow()][0]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by letter, move by the arrows."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step:
            at = self.list.currentRow() + step
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, at)))
            return
        keys = [many.key for many, _ in self._counts]
        if (letter := event.text().upper()) in keys:
            self.list.setCurrentRow(keys.index(letter))
            self.accept()
            return
        super().keyPressEvent(event)


class ManyReason(Question):
    """One reason for all of them."""

    def __init__(
        self, room: Room, many: Many, count: int, parent: QWidget, typed: str = ""
    ) -> None:
        words = many.words
        title = Text(f"{words.zh} · {count} 件", f"{words.en} · {count}")
        super().__init__(room, title, Text("送出 Enter", "Send Enter"), parent)
        self.reason = QLineEdit(typed, self)
        self.reason.setMaxLength(200)
        self.reason.setPlaceholderText(
            room.words.pick("同一原因，至少 2 字", "one reason, at least 2 letters")
        )
        self.column.addWidget(self.reason)
        self.finish(Text("理由将告知每位诉求人，不可撤销", "Every citizen is told why; not undone"))
        self.reason.textChanged.connect(self._on_text)
        self._on_text()
        self.resize(560, 190)
        self.reason.setFocus()

    @property
    def text(self) -> str:
        """Give the reason typed."""
        return self.reason.text().strip()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send nothing before there is a reason."""
        if event.key() in ENTER and not self.go.isEnabled():
            return
        super().keyPressEvent(event)

    def _on_text(self) -> None:
        self.go.setEnabled(len(self.text) >= LEAST_REASON)


class BulkResult(Question):
    """What was not done and why; the others are done."""

    def __init__(
        self, room: Room, many: Many, done: int, failed: Sequence[tuple[Event, str]], desk: QWidget
    ) -> None:
        words = many.words
        title = Text(
            f"{words.zh}：已办 {done} 件，未成 {len(failed)} 件",
            f"{words.en}: {done} done, {len(failed)} not",
        )
        super().__init__(room, title, Text("知道了 Enter", "Read Enter"), desk)
        self.back.hide()
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it would take the letters
        self.list.setWordWrap(True)
        for event, why in failed:
            number = event_number(event, room.words)
            self.list.addItem(room.words.join(number, event.title, why))
        self.column.addWidget(self.list)
        self.finish(Text("未成的仍在队列中，保持选中", "These stay in the queue, still marked"))
        self.resize(760, 420)
        self.go.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Enter wherever the keys are."""
        if event.key() in ENTER:
            self.accept()
            return
        super().keyPressEvent(event)


@dataclass(slots=True)
class Run:
    """Send one step after the other, each with the version that was on the screen."""

    room: Room
    send: Callable[[Event, Callable[[], None], Failed], None]
    left: list[Event]
    ended: Callable[[list[Event], list[tuple[Event, str]]], None]
    done: list[Event] = field(default_factory=list)
    failed: list[tuple[Event, str]] = field(default_factory=list)
    _is_out: bool = False
    _is_going: bool = False

    def go(self) -> None:
        """Send one after the other, then tell what came of all.

        A seat that is read-only answers at once: hundreds of answers make no tower of calls.
        """
        if self._is_going:
            return
        self._is_going = True
        while self.left and not self._is_out:
            self._is_out = True
            event = self.left.pop(0)
            self.send(event, partial(self._on_done, event), partial(self._on_failed, event))
        self._is_going = False
        if not self._is_out:
            self.ended(self.done, self.failed)

    def _on_done(self, event: Event) -> None:
        self.done.append(event)
        self._is_out = False
        self.go()

    def _on_failed(self, event: Event, error: Exception) -> None:
        why = told(error, event, self.room) or failure_words(error, self.room.words)
        self.failed.append((event, why))
        self._is_out = False
        self.go()


class BulkWork:
    """Mark events in the queue, then do one thing with all of them."""

    def __init__(
        self,
        room: Room,
        deeds: Deeds,
        queue: Queue,
        read: EventReading,
        say: Callable[[Text], None],
    ) -> None:
        self._room, self._deeds, self._queue = room, deeds, queue
        self._read, self._say = read, say
        self.is_running = False
        self._reason = ""
        """Why events were refused, while some of them still stand: it is not typed twice."""

    def commands(self) -> tuple[Command, ...]:
        """Give the keys that mark, and the one that goes on with what is marked."""
        return (
            Command(
                ("Shift+J",), Text("选中并向下", "mark downwards"), lambda: self._queue.mark(1)
            ),
            Command(("Shift+K",), Text("选中并向上", "mark upwards"), lambda: self._queue.mark(-1)),
            Command(("Shift+Space",), Text("选中 / 取消", "mark or not"), self._queue.mark),
            Command(("Shift+B",), Text("批量办理", "do it with all marked"), self.begin),
        )

    def begin(self) -> None:
        """Ask what to do with the marked events."""
        marked = self._queue.marked
        if self.is_running:
            self._say(Text("上一批仍在送出", "the last ones are still being sent"))
            return
        if not marked:
            self._say(Text("先用 Shift+J、Shift+K 选中多件", "mark some with Shift+J and Shift+K"))
            return
        main = self._queue.chosen  # as it stands now: the queue moves while questions are open
        open_to = {many: self._open(many, marked, main) for many in MANY}
        counts = [(many, len(events)) for many, events in open_to.items() if events]
        if not counts:
            self._say(Text("所选各件都没有可批量的操作", "nothing may be done with all of these"))
            return
        question = BulkQuestion(self._room, counts, len(marked), main, self._desk)
        if question.exec():
            self._ask(question.chosen, open_to[question.chosen], main)

    def _ask(self, many: Many, events: Sequence[Event], main: Event | None) -> None:
        """Ask once what the deed needs, then send each."""
        if many.verb == "accept":
            self._start(many, events, None)
        elif (body := self._body(many, len(events), main)) is not None:
            self._start(many, events, body)

    def _body(self, many: Many, count: int, main: Event | None) -> Body | None:
        """Give what each is sent with; None when the operator went back."""
        if many.verb == "classify":
            title = Text(f"定性 · {count} 件", f"Classify · {count}")
            which = ClassifyQuestion(self._room, title, self._read.matters, self._desk, many=True)
            if not which.exec():
                return None
            matter, level = which.matter, which.level_said
            return lambda one: Classify(
                version=one.version, matter=matter, level=one.level if level == KEPT else level
            )
        if many.verb == "refuse":
            why = ManyReason(self._room, many, count, self._desk, self._reason)
            if not why.exec():
                return None
            reason = self._reason = why.text
            return lambda one: Reasoned(version=one.version, reason=reason)
        if main is None:
            return None
        main_id = main.item_id
        return lambda one: Merge(version=one.version, main_id=main_id)

    def _start(self, many: Many, events: Sequence[Event], body: Body | None) -> None:
        def send(event: Event, done: Callable[[], None], failed: Failed) -> None:
            if body is None:
                self._deeds.accept(event, done, failed)
            else:
                self._deeds.step(many.verb, event, body(event), done, failed)

        def ended(done: list[Event], failed: list[tuple[Event, str]]) -> None:
            self.is_running = False
            self._queue.mark_again(one.item_id for one, _ in failed)
            words = many.words
            count = len(done)
            self._say(Text(f"{words.zh} {count} 件已记录", f"{words.en}: {count} recorded"))
            self._reason = self._reason if failed else ""
            if failed:
                desk = self._desk
                when_free(desk, lambda: BulkResult(self._room, many, count, failed, desk).exec())

        self.is_running = True
        self._queue.unmark({one.item_id for one in events})  # what is marked meanwhile stays so
        Run(self._room, send, list(events), ended).go()

    def _open(self, many: Many, events: Sequence[Event], main: Event | None) -> list[Event]:
        """Give the events a deed is open to; the one others are merged with is none of them."""
        found = [one for one in events if self._deeds.why_not(many.verb, one) is None]
        if many.verb == MERGE:
            found = [one for one in found if main is not None and one.item_id != main.item_id]
        return found

    @property
    def _desk(self) -> QWidget:
        return self._queue.parentWidget() or self._queue
