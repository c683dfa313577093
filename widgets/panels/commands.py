"""The log of gate commands: who asked, who agreed, what the device did."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Face, Panel

STATUSES: dict[CommandStatus, Text] = {
    CommandStatus.REQUESTED: Text("待复核", "to be agreed"),
    CommandStatus.AUTHORISED: Text("已复核", "authorised"),
    CommandStatus.SELECTING: Text("选择中", "selecting"),
    CommandStatus.SELECTED: Text("已选择", "selected"),
    CommandStatus.OPERATING: Text("下发中", "operating"),
    CommandStatus.EXECUTING: Text("执行中", "executing"),
    CommandStatus.UNKNOWN: Text("结果未知", "unknown"),
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

    title = Text("闸门指令", "Gate commands")
    empty_words = Text("无指令", "No commands")
    empty_reason = Text("今日未下达闸门指令", "no gate command today")

    def face(self) -> Face:
        """Say so in words when no command was given."""
        known = super().face()
        if known is Face.READY and not self.room.stores.gate_commands.all():
            return Face.EMPTY
        return known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint two lines per command: when and where; how far and how it stands."""
        words = self.room.words
        commands = sorted(
            self.room.stores.gate_commands.all(), key=lambda one: one.created_at, reverse=True
        )
        high, y = board.u(70), area.y()
        for command in commands:
            if y + high > area.bottom() + board.u(8):
                return
            line = QRectF(area.x(), y, area.width(), board.u(34))
            taken = board.text(line, words.minute(command.created_at), FAINT) + board.u(10)
            name = line.adjusted(taken, 0, 0, 0)
            board.text(name, self.say(command.gate_name), Ink(elide=True))
            below = line.translated(0, board.u(32))
            status = self.say(STATUSES[command.status])
            bold = command.status in DOUBTFUL
            change = f"→ {words.number(command.target_m, 2)} m"
            taken = board.text(below, change, LABEL) + board.u(10)
            ink = Ink(bold=bold, align="right")
            board.text(below.adjusted(taken, 0, 0, 0), status, ink)
            board.rule(area.x(), y + high - 1, area.width())
            y += high
