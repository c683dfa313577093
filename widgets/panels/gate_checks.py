"""What stands beside a gate's drawing: the steps, the interlocks, the flow, the result in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.i18n import NOT_SET
from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus, Gate, GateCommand, Interlock
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Panel, Room
from widgets.panels.commands import STATUSES

STEPS: tuple[Text, ...] = (
    Text("选闸", "Choose"),
    Text("定目标", "Target"),
    Text("模拟", "Simulate"),
    Text("第二人复核", "Second person"),
    Text("执行", "Execute"),
    Text("监视", "Watch"),
)
STEP_OF: dict[CommandStatus, int] = {
    CommandStatus.REQUESTED: 3,
    CommandStatus.AUTHORISED: 4,
    CommandStatus.SELECTING: 4,
    CommandStatus.SELECTED: 4,
    CommandStatus.OPERATING: 4,
    CommandStatus.EXECUTING: 5,
    CommandStatus.UNKNOWN: 5,
}
# What a person should make of a result. Source: control study 3.1.
MEANINGS: dict[CommandStatus, Text] = {
    CommandStatus.REQUESTED: Text("等待另一人以本人账号复核", "waits for another person's account"),
    CommandStatus.AUTHORISED: Text("两人已同意,正送设备", "both agreed, going to the device"),
    CommandStatus.SELECTING: Text("设备正被选择", "the device is being selected"),
    CommandStatus.SELECTED: Text("设备已选择,核对一致", "selected and compared"),
    CommandStatus.OPERATING: Text("执行已下发,等设备应答", "sent, waiting for the device"),
    CommandStatus.EXECUTING: Text("闸门运动中,随时可停止", "moving, can be stopped any time"),
    CommandStatus.UNKNOWN: Text(
        "应答丢失:只读取设备,不会重发", "reply lost: the device is read, nothing is sent again"
    ),
    CommandStatus.CONFIRMED: Text("设备读数证明已到位", "a reading proves the target is reached"),
    CommandStatus.REJECTED: Text("未执行,原因见下", "nothing moved, the reason is below"),
    CommandStatus.EXPIRED: Text("超过有效时间,未执行", "too late, nothing moved"),
    CommandStatus.ABORTED: Text("已由人中止", "taken back by a person"),
    CommandStatus.FAILED: Text("设备报告故障,转现场处置", "the device reports a fault, go on site"),
    CommandStatus.TIMED_OUT: Text("规定时间内未到位", "target not reached in time"),
}


@dataclass(frozen=True, slots=True)
class StepNote:
    """What stands at the right of each step."""

    notes: tuple[str, ...]
    present: int


class Steps(QWidget):
    """The six steps in a row: done, present, to come."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self.cut: tuple[str, ...] = ()
        self._shown = StepNote(("",) * len(STEPS), 1)
        self.setMinimumHeight(52)
        room.theme.changed.connect(self.update)
        room.words.changed.connect(self.update)

    @property
    def present(self) -> int:
        """Give the present step, 0 to 5."""
        return self._shown.present

    def show_steps(self, shown: StepNote) -> None:
        """Show how far the command has come."""
        self._shown = shown
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a bar and a label per step."""
        painter = QPainter(self)
        board = Board(painter, self.room.theme, "desk")
        board.fill(QRectF(self.rect()), "bg")
        wide = (self.width() - 40 - 12 * 5) / len(STEPS)
        for index, title in enumerate(STEPS):
            x = 20 + index * (wide + 12)
            now, done = index == self._shown.present, index < self._shown.present
            bar = "t1" if now else "t2" if done else "line2"
            board.fill(QRectF(x, 4 if now else 5, wide, 5 if now else 3), bar)
            tone = "t1" if now else "t2" if done else "t3"
            words = f"{index + 1} {self.room.words.say(title)}"
            line = QRectF(x, 14, wide, 30)
            taken = board.text(line, words, Ink(tone=tone, bold=now))
            note = Ink(tone=tone, align="right", elide=True)
            board.text(line.adjusted(taken + 8, 0, 0, 0), self._shown.notes[index], note)
        painter.end()
        self.cut = tuple(board.cut)


class _CommandPanel(Panel):
    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._gate_id = self._command_id = ""
        room.stores.gate_commands.changed.connect(self._on_items)
        room.stores.gates.changed.connect(self._on_items)

    @property
    def gate(self) -> Gate | None:
        """Give the gate as last read."""
        return self.room.stores.gates.get(self._gate_id)

    @property
    def command(self) -> GateCommand | None:
        """Give the command as last heard."""
        return self.room.stores.gate_commands.get(self._command_id)

    def show_command(self, gate_id: str, command_id: str) -> None:
        """Show another gate and command."""
        self._gate_id, self._command_id = gate_id, command_id
        self.update()

    def _on_items(self, ids: tuple[str, ...]) -> None:
        if self._command_id in ids or self._gate_id in ids:
            self.update()


def failed_first(interlocks: Sequence[Interlock]) -> list[Interlock]:
    """Order conditions: those that block on top, the rest as they came."""
    return sorted(interlocks, key=lambda one: one.ok)


class Interlocks(_CommandPanel):
    """Every condition with its live value; a failed one blocks and stands on top."""

    def heading(self) -> str:
        """Say how many hold."""
        found = self.command.interlocks if self.command else ()
        held = sum(one.ok for one in found)
        words = self.room.words
        return words.pick(
            f"联锁 {held} / {len(found)} 满足", f"Interlocks {held} of {len(found)} hold"
        )

    def note(self) -> str:
        """Say that the device checks for itself as well."""
        return self.room.words.pick("设备端另行校核", "checked again at the device")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per condition."""
        found = self.command.interlocks if self.command else ()
        high = min(32.0, area.height() / max(len(found), 1))
        for index, one in enumerate(failed_first(found)):
            box = QRectF(area.x(), area.y() + index * high, area.width(), high)
            if one.ok:
                self._draw_tick(board, QPointF(box.x() + 10, box.center().y()))
            else:
                board.state(QPointF(box.x(), box.center().y() - 10), 2, 20)
            value = Ink(bold=True, align="right", elide=True)
            said = self.say(one.value)
            wide = min(board.width(said, value), box.width() * 0.5)
            board.text(QRectF(box.right() - wide, box.y(), wide + 1, high), said, value)
            name = box.adjusted(28, 0, -wide - 8, 0)
            board.text(name, self.say(one.name), Ink(bold=not one.ok, elide=True))
            board.rule(box.x(), box.bottom() - 1, box.width())

    @staticmethod
    def _draw_tick(board: Board, at: QPointF) -> None:
        board.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = board.painter.pen()
        pen.setColor(QColor(board.theme.color("t2")))
        pen.setWidthF(2.0)
        board.painter.setPen(pen)
        board.painter.drawLine(QPointF(at.x() - 6, at.y()), QPointF(at.x() - 2, at.y() + 5))
        board.painter.drawLine(QPointF(at.x() - 2, at.y() + 5), QPointF(at.x() + 7, at.y() - 5))


class Flow(_CommandPanel):
    """What the target means: present and predicted flow, the most the works are designed for."""

    title = Text("后果", "Result")

    def paint_head(self, board: Board, whole: QRectF) -> QRectF:
        """Keep everything in one line."""
        pad, _ = self.pads(board)
        line = QRectF(pad, 0, whole.width() - 2 * pad, whole.height())
        taken = board.text(line, self.heading(), Ink(tone="t2", bold=True))
        return line.adjusted(taken + 24, 0, 0, 0)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint three numbers and that a sent command cannot be undone."""
        gate, command, words = self.gate, self.command, self.room.words
        design = gate.design_flow_m3s if gate else None
        columns = (
            (Text("现流量", "now"), words.number(gate.flow_m3s if gate else None, 1)),
            (Text("预计", "predicted"), words.number(command.flow_m3s if command else None, 1)),
            (
                Text("设计上限", "design"),
                words.number(design, 0) if design is not None else words.say(NOT_SET),
            ),
        )
        x = area.x()
        for label, value in columns:
            x += board.text(QRectF(x, 0, area.right() - x, area.height()), self.say(label), LABEL)
            x += 8
            ink = Ink(role="m", bold=True)
            x += board.text(QRectF(x, 0, area.right() - x, area.height()), value, ink) + 6
            if value != words.say(NOT_SET):
                room = QRectF(x, 0, area.right() - x, area.height())
                x += board.text(room, "m³/s", FAINT)
            x += 24
        last = words.pick("指令不可撤销", "cannot be undone")
        rest = QRectF(x, 0, max(area.right() - x, 1), area.height())
        board.text(rest, last, Ink(tone="t3", align="right"))


class Result(_CommandPanel):
    """How the command stands, in words, with who did what when."""

    title = Text("执行与监视", "Execution")
    message = ""

    def say_also(self, words: str) -> None:
        """Show what the stop or a refusal answered."""
        self.message = words
        self.update()

    def note(self) -> str:
        """Name both people."""
        command = self.command
        if command is None:
            return ""
        second = command.authorised_by.name if command.authorised_by else ""
        return self.room.words.join(command.requested_by.name, second)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint state, meaning, and the last steps."""
        command = self.command
        if command is None:
            return
        words = self.room.words
        line = QRectF(area.x(), area.y() - 2, area.width(), 30)
        status = self.say(STATUSES[command.status])
        board.text(line, status, Ink(role="m", bold=True, elide=True))
        below = line.translated(0, 30)
        board.text(below, self.say(MEANINGS[command.status]), Ink(tone="t2", elide=True))
        y = below.bottom() + 2
        if self.message:
            strong = Ink(bold=True, elide=True)
            board.text(QRectF(area.x(), y, area.width(), 26), self.message, strong)
            y += 26
        for step in reversed(command.history):
            if y + 24 > area.bottom() + 4:
                return
            at = board.text(QRectF(area.x(), y, 80, 24), words.clock(step.at), FAINT)
            note = words.say(step.note) if step.note else self.say(STATUSES[step.status])
            who = step.by.name if step.by else ""
            text = QRectF(area.x() + at + 12, y, area.width() - at - 12, 24)
            board.text(text, words.join(note, who), Ink(tone="t2", elide=True))
            y += 24
