"""Alarms that still need someone: level, when, what, who does what."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from app.figures import WATER, standing
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Face, Panel
from widgets.tables import Cell, Head, draw_table

ALARM_STATES: dict[AlarmState, Text] = {
    AlarmState.NEW: Text("未确认", "new"),
    AlarmState.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmState.RETURNED: Text("已恢复 未确认", "returned, not acknowledged"),
    AlarmState.CLOSED: Text("已关闭", "closed"),
    AlarmState.SHELVED: Text("已搁置", "shelved"),
}


class Alarms(Panel):
    """The standing alarms, two lines each, gravest first."""

    title = Text("告警", "Alarms")
    empty_words = Text("无在途告警", "No standing alarms")
    empty_reason = Text("各项在限值以内", "all within limits")

    def alarms(self) -> list[Alarm]:
        """Give the alarms to show."""
        return standing(self.room.stores.alarms.all())

    def face(self) -> Face:
        """Say so in words when no alarm stands."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self.alarms() else known

    def note(self) -> str:
        """Count those standing and those nobody has acknowledged."""
        found = self.alarms()
        waiting = sum(alarm.state is not AlarmState.ACKNOWLEDGED for alarm in found)
        return self.room.words.pick(
            f"在途 {len(found)} · 未确认 {waiting}", f"{len(found)} standing · {waiting} new"
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint as many alarms as fit."""
        high = board.u(72)
        y = area.y()
        for alarm in self.alarms():
            if y + high > area.bottom() + board.u(8):
                return
            draw_alarm(board, QRectF(area.x(), y, area.width(), high), alarm, self)
            y += high


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
    doing = words.join(
        words.pick(f"处置：{alarm.action.zh}", f"Do: {alarm.action.en}"),
        panel.say(alarm.owner),
        panel.say(ALARM_STATES[alarm.state]),
    )
    board.text(below, doing, Ink(tone="t2", elide=True))
    board.rule(box.x(), box.bottom() - 1, box.width())


class WaterAlarms(Alarms):
    """The standing alarms of the water layer."""

    title = Text("水利告警", "Water alarms")

    def alarms(self) -> list[Alarm]:
        """Give the water layer's alarms."""
        return [one for one in standing(self.room.stores.alarms.all()) if one.layer == WATER]

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one line per alarm."""
        words = self.room.words
        heads = (Head("", 0.8), Head("", 4.2), Head("", 3.6), Head("", 1.4, "right"))
        rows = [
            (
                Cell(words.minute(alarm.raised_at), "t3"),
                Cell(
                    self.say(alarm.title),
                    level=alarm.level,
                    bold=alarm.state is AlarmState.NEW,
                    elide=True,
                ),
                Cell(self.say(alarm.action), "t2", elide=True),
                Cell(self.say(ALARM_STATES[alarm.state]), "t2", elide=True),
            )
            for alarm in self.alarms()
        ]
        draw_table(board, area, heads=heads, rows=rows)
