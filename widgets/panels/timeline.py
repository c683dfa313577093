"""What became of an event, step by step: who, when, what, why; as the service's trail has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from app.answers import StepsOf
from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState, Satisfaction
from backend_client.contract.orders import Order
from backend_client.contract.timeline import Step, Timeline
from widgets.case_paths import SAID, YES_NO
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Room
from widgets.panels.events import STATES
from widgets.row_list import RowList

ACTIONS: Final[dict[str, Text]] = {
    "event.intake": Text("登记", "Registered"),
    "event.accept": Text("受理", "Accepted"),
    "event.locate": Text("定位", "Located"),
    "event.classify": Text("定性", "Classified"),
    "event.dispatch": Text("派单", "Sent"),
    "event.close": Text("办结", "Closed"),
    "event.answer": Text("答复来件", "Answered"),
    "event.undo": Text("撤回上步", "Undone"),
    "event.take_over": Text("接管", "Taken over"),
    "event.weigh": Text("并入来件", "Reports weighed"),
    "order.sign": Text("签收", "Signed"),
    "order.report": Text("反馈", "Reported"),
    "order.withdraw": Text("收回工单", "Order taken back"),
    "event.refuse": Text("不予受理", "Not accepted"),
    "event.withdraw": Text("撤销", "Withdrawn"),
    "event.merge": Text("并案", "Merged"),
    "event.split": Text("拆分", "Split off"),
    "event.assist": Text("协办", "Help asked"),
    "event.transfer": Text("转办", "Handed over"),
    "event.decide": Text("审定退单", "Return decided"),
    "event.supervise": Text("督办", "Supervised"),
    "event.call_back": Text("回访", "Called back"),
    "event.redo": Text("重办", "To do again"),
    "order.urge": Text("催办", "Urged"),
    "order.hasten": Text("提前时限", "Deadline brought forward"),
    "order.restore": Text("恢复工单", "Order given back"),
    "event.renew": Text("补时限", "Lamps renewed"),
    "order.renew": Text("补时限", "Lamps renewed"),
    "order.overdue": Text("超时督办", "Overdue, supervised"),
    "order.led": Text("超时报领导", "Overdue, to a leader"),
    "order.grant": Text("审批延期", "Time decided"),
    "order.extend": Text("申请延期", "Time asked"),
    "order.suspend": Text("挂起", "Suspended"),
    "order.resume": Text("恢复计时", "Resumed"),
    "order.return": Text("退单", "Sent back"),
}
SAME_S: Final = 2.0
"""One deed writes to the event and to its orders within so many seconds: it is told once."""
ROW: Final = 26.0
AGAIN_S: Final = 15.0
WHEN_WIDE: Final = 106.0


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that happened to an event."""

    at: datetime
    what: Text
    note: str


def known(event: Event, orders: Iterable[Order], room: Room) -> list[Passed]:
    """Tell what happened as far as the event and its orders say themselves, oldest first."""
    registered = ACTIONS["event.intake"]
    passed = [Passed(event.reported_at, registered, "")]
    for order in orders:
        parts = (_unit(order.department, room), order.sent_by.name, order.note)
        passed.append(Passed(order.created_at, ACTIONS["event.dispatch"], room.words.join(*parts)))
        if order.signed_at is not None:
            by = order.signed_by.name if order.signed_by else ""
            passed.append(Passed(order.signed_at, ACTIONS["order.sign"], by))
        if order.report:
            passed.append(Passed(order.updated_at, ACTIONS["order.report"], order.report))
    passed.sort(key=lambda one: one.at)
    if event.updated_at > passed[-1].at and event.state is not EventState.REGISTERED:
        passed.append(Passed(event.updated_at, STATES[event.state], event.reason))
    return passed


def told(timeline: Timeline, room: Room) -> list[Passed]:
    """Tell what happened as the trail has it, oldest first."""
    return [_passed(step, timeline.event_id, room) for step in _once(timeline.steps)]


def _once(steps: Sequence[Step]) -> list[Step]:
    found: list[Step] = []
    for step in steps:
        verb, before = step.action.partition(".")[2], found[-1] if found else None
        if (
            before is None
            or verb != before.action.partition(".")[2]
            or step.person_id != before.person_id
            or (step.at - before.at).total_seconds() > SAME_S
        ):
            found.append(step)
    return found


def _passed(step: Step, event_id: str, room: Room) -> Passed:
    verb = step.action.partition(".")[2]
    what = ACTIONS.get(step.action) or ACTIONS.get(f"event.{verb}") or ACTIONS.get(f"order.{verb}")
    words = room.words
    by = step.name or words.pick("系统", "by itself")
    note = words.join(by, _whose(step, event_id, room), *_facts(step, room), step.reason)
    return Passed(step.at, what or Text(step.action, step.action), note)


def _whose(step: Step, event_id: str, room: Room) -> str:
    """Name the unit of an order, or the report that was merged; nothing for the event itself."""
    if step.target == event_id:
        return ""
    order = room.stores.orders.get(step.target)
    if order is not None:
        return _unit(order.department, room)
    if step.action.startswith("event."):
        return room.words.pick(f"来件 {step.target[-6:]}", f"report {step.target[-6:]}")
    return ""


def _facts(step: Step, room: Room) -> list[str]:
    words, found = room.words, []
    for key, value in step.facts.items():
        if key == "department":
            found.append(_unit(value, room))
        elif key == "granted":
            found.append(words.say(YES_NO[0 if value == "True" else 1][1]))
        elif key == "satisfaction" and value in set(Satisfaction):
            found.append(words.say(SAID[Satisfaction(value)]))
        elif key == "main":
            found.append(words.pick(f"主事件 {value[-6:]}", f"main event {value[-6:]}"))
        elif key == "until_at":
            at = datetime.fromisoformat(value)
            until = f"{words.day(at)} {words.minute(at)}"
            found.append(words.pick(f"至 {until}", f"until {until}"))
    return found


def _unit(department: str, room: Room) -> str:
    return room.words.say(room.names.department(department))


class Trail:
    """An event's timeline as last told; another version of it is asked for anew."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._question = StepsOf("", 0)
        self._told: Timeline | None = None

    def look(self, event: Event, orders: Iterable[Order]) -> None:
        """Ask what became of an event unless that is known; what was told before stays shown."""
        question = StepsOf(event.item_id, event.version + sum(one.version for one in orders))
        if question.event_id != self._question.event_id:
            self._told = None
        self._question = question
        answers = self._room.stores.answers
        self._told = answers.get(question) or self._told
        if answers.get(question) is None:
            self._told = answers.ask(question, AGAIN_S) or self._told

    def is_about(self, question: object) -> bool:
        """Tell whether an answer is to the question asked last."""
        return question == self._question

    def take(self) -> None:
        """Take the answer in."""
        self._told = self._room.stores.answers.get(self._question) or self._told

    def of(self, event: Event, orders: Iterable[Order]) -> tuple[list[Passed], str]:
        """Give what happened, and why it is not the whole trail; empty when it is."""
        answers, words = self._room.stores.answers, self._room.words
        if self._told is not None and self._told.event_id == event.item_id:
            return told(self._told, self._room), ""
        fault = answers.fault(self._question) if self._question.event_id == event.item_id else None
        if fault is not None:
            why = words.pick(f"全程未读到：{fault.zh}", f"Not all of it could be read: {fault.en}")
        elif self._room.stores.link != "online":
            why = words.pick("全程未读到：连接中断", "Not all of it could be read: no link")
        elif self._question.event_id != event.item_id or answers.is_out(self._question):
            why = words.pick("正在读取全程", "reading all of it")
        else:
            why = words.pick(
                "全程未读到，稍后重试", "Not all of it could be read; tried again soon"
            )
        return known(event, orders, self._room), why


def draw_passed(board: Board, box: QRectF, passed: Sequence[Passed], why: str, room: Room) -> None:
    """Paint the newest steps there is room for, and above them why they are not all."""
    fit = max(0, int(box.height() // ROW) - bool(why))
    shown = passed[max(0, len(passed) - fit) :]
    if why:
        line = QRectF(box.x(), box.y(), box.width(), ROW)
        board.text(line, why, Ink(tone="t3", elide=True))
    wide = what_width(board, shown, room)
    for index, one in enumerate(shown, start=bool(why)):
        row = QRectF(box.x(), box.y() + index * ROW, box.width(), ROW)
        draw_step(board, row, one, room, wide=wide, is_last=one is shown[-1])


def what_width(board: Board, passed: Sequence[Passed], room: Room) -> float:
    """Give the width of the longest of what was done."""
    return max((board.width(room.words.say(one.what), Ink(bold=True)) for one in passed), default=0)


def draw_step(
    board: Board, row: QRectF, one: Passed, room: Room, *, wide: float, is_last: bool
) -> None:
    """Paint when, what, and by whom and why; today's by the clock, others by the day."""
    words, y = room.words, row.y()
    when = words.moment(one.at, room.stores.server_now())
    board.text(QRectF(row.x(), y, WHEN_WIDE, row.height()), when, FAINT)
    centre = QPointF(row.x() + WHEN_WIDE + 14, y + row.height() / 2)
    if not is_last:
        board.fill(QRectF(centre.x() - 1, centre.y() + 6, 2, row.height() - 12), "line2")
    board.dot(centre, 10, hollow=False, tone="t1" if is_last else "t3")
    x = centre.x() + 20
    board.text(QRectF(x, y, wide + 1, row.height()), words.say(one.what), Ink(bold=is_last))
    rest = QRectF(x + wide + 16, y, row.right() - x - wide - 16, row.height())
    board.text(rest, one.note, Ink(tone=LABEL.tone, elide=True))


class TrailList(RowList):
    """Every step of the event on the page; J and K move through a long way."""

    title = Text("全程追溯", "Every step")
    empty_words = Text("未选事件", "No event selected")
    row_height = 31.0

    def __init__(self, room: Room, page: Callable[[], tuple[list[Passed], str]]) -> None:
        super().__init__(room)
        self._page = page
        self._passed: list[Passed] = []
        self._why = ""

    def note(self) -> str:
        """Say how many steps there are, or why these are not all."""
        count = len(self._passed)
        return self._why or self.room.words.pick(f"{count} 步 · J K", f"{count} steps · J K")

    def catch_up(self) -> None:
        """Take the steps in; the newest is selected until somebody moves."""
        at_end = not self.keys or self.key == self.keys[-1]
        self._passed, self._why = self._page()
        self.put([str(at) for at in range(len(self._passed))])
        if at_end and self.keys:
            self.select(self.keys[-1])

    def freshen(self) -> None:
        """Follow the page."""
        if self.isVisible():
            self.catch_up()
        super().freshen()

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint one step."""
        at = int(key)
        if at < len(self._passed):
            wide = what_width(board, self._passed, self.room)
            is_last = at == len(self._passed) - 1
            draw_step(board, box, self._passed[at], self.room, wide=wide, is_last=is_last)
