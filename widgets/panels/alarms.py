"""Alarms that still need someone: level, when, what, who does what."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from app.alarm_board import family_of
from app.figures import MOST_LISTED, WATER
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.paint import Board, Ink
from widgets.panel import Panel
from widgets.panels.events import STATES
from widgets.tables import Cell, Head, draw_table

ALARM_STATES: dict[AlarmState, Text] = {
    AlarmState.NEW: Text("未确认", "new"),
    AlarmState.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmState.RETURNED: Text("已恢复 未确认", "returned, not acknowledged"),
    AlarmState.CLOSED: Text("已关闭", "closed"),
    AlarmState.SHELVED: Text("已搁置", "shelved"),
    AlarmState.OUT_OF_SERVICE: Text("已停用", "out of service"),
}
MOST_FIT = 40  # more than any panel has room for


class Alarms(Panel):
    """The standing alarms, two lines each, gravest first; below them events that have a level."""

    title = Text("告警与等级事件", "Alarms, graded events")

    def alarms(self) -> list[Alarm]:
        """Give the alarms to show: one per cause family."""
        return self.room.alarms.heads(MOST_FIT)

    def events(self) -> tuple[Event, ...]:
        """Give the open events that have a level, gravest and newest first."""
        return self.room.figures.requests.graded

    def note(self) -> str:
        """Count those standing and those nobody has acknowledged."""
        count, waiting = self.room.alarms.count, self.room.alarms.waiting
        return self.room.words.pick(
            f"告警 {count} · 未确认 {waiting} · 事件 {len(self.events())}",
            f"{count} alarms · {waiting} new · {len(self.events())} events",
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint as many alarms as fit, then events in the room that is left."""
        high = board.u(72)
        y = area.y()
        for alarm in self.alarms():
            if y + high > area.bottom() + board.u(8):
                return
            draw_alarm(board, QRectF(area.x(), y, area.width(), high), alarm, self)
            y += high
        rest = QRectF(area.x(), y, area.width(), max(area.bottom() - y, 1))
        heads = (Head("", 0.75), Head("", 4), Head("", 2.4), Head("", 1.5, "right"))
        draw_table(
            board, rest, heads=heads, rows=[self._row(one) for one in self.events()[:MOST_LISTED]]
        )

    def _row(self, event: Event) -> tuple[Cell, ...]:
        words = self.room.words
        return (
            Cell(words.minute(event.reported_at), "t3"),
            Cell(event.title, level=event.level, elide=True),
            Cell(self.say(self.room.names.county(event.region)), "t2", elide=True),
            Cell(self.say(STATES[event.state]), "t2"),
        )


def draw_alarm(board: Board, box: QRectF, alarm: Alarm, panel: Panel) -> None:
    """Paint one alarm: shape, time and what; below, who does what."""
    size = board.u(38)
    board.state(QPointF(box.x(), box.center().y() - size / 2), alarm.level, size)
    x = box.x() + size + board.u(14)
    line = QRectF(x, box.y() + board.u(2), box.right() - x, board.u(34))
    words = panel.room.words
    taken = board.text(line, words.minute(alarm.raised_at), Ink(tone="t3")) + board.u(12)
    title = Ink(bold=alarm.state is AlarmState.NEW, elide=True)
    board.text(line.adjusted(taken, 0, 0, 0), panel.say(alarm.title), title)
    below = line.translated(0, board.u(33))
    size = panel.room.alarms.size(family_of(alarm))
    doing = words.join(
        words.pick(f"同因 {size}", f"{size} of this cause") if size > 1 else "",
        words.pick("处置：", "Do: ") + panel.say(alarm.action).rstrip("。."),
        panel.say(alarm.owner),
        panel.say(ALARM_STATES[alarm.state]),
    )
    board.text(below, doing, Ink(tone="t2", elide=True))
    board.rule(box.x(), box.bottom() - 1, box.width())


class WaterAlarms(Panel):
    """The water layer's standing alarms as a card: how many, of which levels, the gravest."""

    title = Text("水利告警", "Water alarms")

    def alarms(self) -> list[Alarm]:
        """Give the water layer's alarms."""
        return [one for one in self.room.alarms.standing() if one.layer == WATER]

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the number, the levels, then the gravest ones."""
        found, words = self.alarms(), self.room.words
        high = board.u(70)
        line = QRectF(area.x(), area.y() - board.u(4), area.width(), high)
        taken = board.text(line, words.number(len(found)), Ink(role="l", bold=True))
        unit = line.adjusted(taken + board.u(8), board.u(26), 0, 0)
        board.text(unit, words.pick("在途", "standing"), Ink(tone="t3"))
        y = line.bottom() + board.u(4)
        if not found:
            rest = QRectF(area.x(), y, area.width(), max(area.bottom() - y, 1))
            board.text(
                QRectF(rest.x(), y, rest.width(), board.u(36)),
                words.pick("各项在限值以内", "all within limits"),
                Ink(tone="t2"),
            )
        for alarm in found:
            if y + board.u(38) > area.bottom() + board.u(6):
                return
            size = board.u(26)
            board.state(QPointF(area.x(), y + board.u(5)), alarm.level, size)
            x = area.x() + size + board.u(10)
            box = QRectF(x, y, area.right() - x, board.u(38))
            new = alarm.state is AlarmState.NEW
            board.text(box, self.say(alarm.title), Ink(bold=new, elide=True))
            y += board.u(38)
