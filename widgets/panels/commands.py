"""The log of gate commands: who asked, who agreed, what the device did."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus, GateCommand
from widgets.paint import Board
from widgets.panel import Face, Panel
from widgets.tables import Cell, Head, draw_table

STATUSES: dict[CommandStatus, Text] = {
    CommandStatus.REQUESTED: Text("待复核", "awaits second person"),
    CommandStatus.AUTHORISED: Text("已复核", "authorised"),
    CommandStatus.SELECTING: Text("选择中", "selecting"),
    CommandStatus.SELECTED: Text("已选择", "selected"),
    CommandStatus.OPERATING: Text("下发中", "operating"),
    CommandStatus.EXECUTING: Text("执行中", "executing"),
    CommandStatus.UNKNOWN: Text("结果未知 · 读取设备", "unknown, reading the device"),
    CommandStatus.CONFIRMED: Text("已到位", "confirmed"),
    CommandStatus.REJECTED: Text("被拒绝", "rejected"),
    CommandStatus.EXPIRED: Text("已过期", "expired"),
    CommandStatus.ABORTED: Text("已中止", "aborted"),
    CommandStatus.FAILED: Text("设备故障", "failed"),
    CommandStatus.TIMED_OUT: Text("超时未到位", "timed out"),
}
DOUBTFUL: frozenset[CommandStatus] = frozenset(
    {CommandStatus.UNKNOWN, CommandStatus.FAILED, CommandStatus.TIMED_OUT}
)


class CommandLog(Panel):
    """Gate commands, newest first."""

    title = Text("闸门指令记录", "Gate commands")
    empty_words = Text("无指令", "No commands")
    empty_reason = Text("今日未下达闸门指令", "no gate command today")

    def face(self) -> Face:
        """Say so in words when no command was given."""
        known = super().face()
        if known is Face.READY and not self.room.stores.gate_commands.all():
            return Face.EMPTY
        return known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one line per command."""
        heads = (
            Head("", 0.8),
            Head("", 2.4),
            Head("", 1.6),
            Head("", 2.2),
            Head("", 2.2, "right"),
        )
        commands = sorted(
            self.room.stores.gate_commands.all(), key=lambda one: one.created_at, reverse=True
        )
        draw_table(board, area, heads=heads, rows=[self._row(one) for one in commands[:12]])

    def _row(self, command: GateCommand) -> tuple[Cell, ...]:
        words = self.room.words
        people = command.requested_by.name
        if command.authorised_by:
            people = f"{people} + {command.authorised_by.name}"
        present = max(command.present_m, default=0.0)
        change = f"{words.number(present, 2)} → {words.number(command.target_m, 2)} m"
        bad = command.status in DOUBTFUL
        return (
            Cell(words.minute(command.created_at), "t3"),
            Cell(self.say(command.gate_name), elide=True),
            Cell(change, "t2"),
            Cell(people, "t3", elide=True),
            Cell(self.say(STATUSES[command.status]), bold=bad, elide=True),
        )
