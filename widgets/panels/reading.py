"""What was understood of an event: asked for in the background, told in words, as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QRectF, Signal

from app.case_answers import MattersOf, ReadingOf, SimilarOf
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.readings import Matters, Reading, Similar, SimilarCase, UnitRead
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Room
from widgets.row_list import RowList

CENTRE: Final = "D41"
"""The desk's own department; with a county's region it is that county's centre."""
AGAIN_S: Final = 15.0
KNOWN_S: Final = 300.0
"""A reading is of one version: it is asked for anew because models learn and cases are closed."""
TREE_S: Final = 3_600.0
ROLES: Final = {"lead": Text("主办", "leads"), "assist": Text("协办", "assists")}
LABEL_WIDE: Final = 84.0


def department_of(unit: str) -> str:
    """Give the department an order goes to: of a county, its own centre."""
    return unit if unit.startswith("D") else CENTRE


def unit_name(unit: str, room: Room) -> Text:
    """Name a suggested unit; a county's code stands for its own centre."""
    if unit.startswith("D"):
        return room.names.department(unit)
    county = room.names.county(unit)
    return Text(f"{county.zh}中心", f"{county.en} centre")


def share_words(share: float) -> str:
    """Write how sure something is."""
    return f"{round(share * 100)}%"


def elsewhere(event: Event, unit: str, room: Room) -> str:
    """Warn when a suggested county is not the one the event is registered in."""
    if unit.startswith("D") or event.region.startswith(unit):
        return ""
    own, other = room.names.county(event.region), room.names.county(unit)
    return room.words.pick(
        f"文中指向{other.zh}，工单仍归登记的{own.zh}",
        f"the text points to {other.en}; the order stays in {own.en}, where it is registered",
    )


def class_name(code: str, room: Room) -> Text:
    """Name a class; its code until the tree is there."""
    tree = room.stores.answers.get(MattersOf())
    found = (one.name for one in (tree.matters if tree else ()) if one.code == code)
    return next(found, Text(code, code))


class EventReading(QObject):
    """The reading of the event that is looked at, and what was like it.

    Signals:
        changed: an answer came, or a refusal.
    """

    changed = Signal()

    def __init__(self, room: Room, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._reading: Reading | None = None
        self._similar: Similar | None = None
        self._asked = ReadingOf("", 0)
        room.stores.answers.changed.connect(self._on_answer)

    def look(self, event: Event) -> None:
        """Ask what is understood of an event; what was told before of it stays meanwhile."""
        answers = self._room.stores.answers
        if event.item_id != self._asked.event_id:
            self._reading = self._similar = None
        self._asked = ReadingOf(event.item_id, event.version)
        is_read, alike = answers.get(self._asked) is not None, answers.get(self._like)
        self._reading = answers.ask(self._asked, KNOWN_S if is_read else AGAIN_S) or self._reading
        known = alike is not None and alike.ready
        self._similar = answers.ask(self._like, KNOWN_S if known else AGAIN_S) or self._similar
        answers.ask(MattersOf(), TREE_S if self.matters else AGAIN_S)

    def reading(self, event: Event) -> Reading | None:
        """Give what is understood of an event; None before anything was told."""
        told = self._reading
        return told if told is not None and told.event_id == event.item_id else None

    def cases(self, event: Event) -> tuple[SimilarCase, ...]:
        """Give what was like an event."""
        told = self._similar
        return told.cases if told is not None and told.event_id == event.item_id else ()

    @property
    def matters(self) -> Matters | None:
        """Give the tree of classes once it was told."""
        return self._room.stores.answers.get(MattersOf())

    def why(self, event: Event) -> str:
        """Say why there is no reading, or why it is not the newest; empty when it is."""
        answers, words = self._room.stores.answers, self._room.words
        if self._asked.event_id != event.item_id:
            return words.pick("正在研判", "being read")
        fault = answers.fault(self._asked) or answers.trouble(self._asked)
        if fault is not None:
            return words.pick(f"未能研判：{fault.zh}", f"It could not be read: {fault.en}")
        if answers.get(self._asked) is not None:
            return ""
        has_old = self.reading(event) is not None
        if self._room.stores.link != "online":
            return words.pick("研判未更新：连接中断", "Not read anew: no link")
        if answers.is_out(self._asked):
            return words.pick(
                *(("研判正在更新", "read anew") if has_old else ("正在研判", "being read"))
            )
        return words.pick("未能研判，稍后重试", "It could not be read; tried again soon")

    @property
    def _like(self) -> SimilarOf:
        return SimilarOf(self._asked.event_id, self._asked.version)

    def _on_answer(self, question: object) -> None:
        answers = self._room.stores.answers
        if question == self._asked:
            self._reading = answers.get(self._asked)
        elif question == self._like:
            self._similar = answers.get(self._like)
        elif question != MattersOf():
            return
        self.changed.emit()


def brief(event: Event, read: EventReading, room: Room) -> str:
    """Say in one line what an event is about and who should take it."""
    words, reading = room.words, read.reading(event)
    if event.matter:
        kind = words.say(class_name(event.matter, room))
    elif reading is not None and reading.classes:
        first = reading.classes[0]
        name = f"{words.say(first.name)} {share_words(first.share)}"
        kind = words.pick(f"疑为 {name}", f"maybe {name}")
    else:
        kind = words.pick("类别不明", "class not known") if reading else ""
    lead = next((one for one in reading.units if one.role == "lead"), None) if reading else None
    unit = words.say(unit_name(lead.unit, room)) if lead else ""
    told = words.pick(f"建议{unit}主办", f"{unit} should lead") if unit else ""
    return words.join(kind, told, read.why(event))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the reading: what it is, what is understood, how sure, and why."""

    key: str
    label: Text
    what: str
    share: float | None
    why: str


def lines_of(event: Event, read: EventReading, room: Room) -> list[Line]:
    """Tell a reading row by row: class, unit, urgency, place, remarks, then what was like it."""
    reading, words = read.reading(event), room.words
    found: list[Line] = []
    if reading is not None:
        found += _classes(reading, room)
        found += [_unit(event, one, room) for one in reading.units]
        found += _signs(reading, room)
        found += [
            Line(
                f"place:{at}",
                Text("地点", "Place"),
                words.join(one.name, words.pick("已采信", "taken for sure") if one.chosen else ""),
                one.share,
                words.join(words.pick(f"文中“{one.words}”", f"“{one.words}”"), words.say(one.why)),
            )
            for at, one in enumerate(reading.places)
        ]
        found += [
            Line(f"remark:{at}", Text("存疑", "Doubt"), words.say(one), None, "")
            for at, one in enumerate(reading.remarks)
        ]
    found += [case_line(one, room) for one in read.cases(event)]
    return found


def _classes(reading: Reading, room: Room) -> list[Line]:
    return [
        Line(
            f"class:{one.code}",
            Text("类别", "Class"),
            f"{room.words.say(one.name)}  {one.code}",
            one.share,
            room.words.say(one.why),
        )
        for one in reading.classes
    ]


def _signs(reading: Reading, room: Room) -> list[Line]:
    if not reading.level and not reading.signs:
        return []
    words = room.words
    level = words.level(reading.level) if reading.level else words.pick("未定级", "no level")
    signs = words.join(*(words.say(one) for one in reading.signs))
    return [Line("level", Text("紧急", "Urgency"), level, None, signs)]


def _unit(event: Event, one: UnitRead, room: Room) -> Line:
    words = room.words
    name = words.say(unit_name(one.unit, room))
    why = words.join(elsewhere(event, one.unit, room), words.say(one.why))
    what = words.join(name, words.say(ROLES[one.role]))
    return Line(f"unit:{one.unit}", Text("单位", "Unit"), what, one.share, why)


def case_line(one: SimilarCase, room: Room) -> Line:
    """Tell of a finished case: who had it, how long it took, what was answered."""
    words = room.words
    unit = words.say(room.names.department(one.department)) if one.department else ""
    took = words.pick(f"用时 {words.age(one.took_s)}", f"took {words.age(one.took_s)}")
    what = words.join(one.title, unit, took)
    why = words.join(one.answer, *(words.say(why) for why in one.why))
    return Line(f"case:{one.event_id}", Text("旧案", "Like it"), what, one.share, why)


class ReadingList(RowList):
    """Everything understood of the selected event; Enter takes the selected row over."""

    title = Text("研判", "Reading")
    row_height = 46.0

    def __init__(self, room: Room, read: EventReading, chosen: Callable[[], Event | None]) -> None:
        super().__init__(room)
        self._read, self._chosen = read, chosen
        self._lines: dict[str, Line] = {}
        read.changed.connect(self._on_read)

    def note(self) -> str:
        """Say what Enter does, or why this is not the newest."""
        event = self._chosen()
        why = self._read.why(event) if event is not None else ""
        return why or self.room.words.pick("J K · Enter 采用", "J K · Enter takes it over")

    @property
    def lines(self) -> Sequence[Line]:
        """Give the rows as shown."""
        return tuple(self._lines.values())

    def catch_up(self) -> None:
        """Take in what is understood now."""
        event = self._chosen()
        found = lines_of(event, self._read, self.room) if event is not None else []
        self._lines = {one.key: one for one in found}
        self.put(list(self._lines))

    def freshen(self) -> None:
        """Follow the selected event."""
        if self.isVisible():
            self.catch_up()
        super().freshen()

    def _on_read(self) -> None:
        if self.isVisible():
            self.catch_up()

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the rows, or why there are none."""
        super().draw(board, area)
        if self._lines:
            return
        event, words = self._chosen(), self.room.words
        none = words.pick("未选事件", "No event selected")
        why = (
            (self._read.why(event) or words.pick("未读出内容", "Nothing was understood"))
            if event
            else none
        )
        board.text(
            QRectF(area.x(), area.y() + 14, area.width(), 28), why, Ink(tone="t2", elide=True)
        )

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint what it is, what is understood and how sure; below, why."""
        line = self._lines.get(key)
        if line is None:
            return
        half = box.height() / 2 - 2
        upper = QRectF(box.x(), box.y() + 2, box.width(), half)
        lower = upper.translated(0, half - 1)
        board.text(upper, self.say(line.label), FAINT)
        taken = 0.0
        if line.share is not None:
            taken = board.text(upper, share_words(line.share), Ink(tone="t2", align="right")) + 12
        what = upper.adjusted(LABEL_WIDE, 0, -taken, 0)
        board.text(what, line.what, Ink(bold=True, elide=True))
        board.text(lower.adjusted(LABEL_WIDE, 0, 0, 0), line.why, Ink(tone=LABEL.tone, elide=True))
