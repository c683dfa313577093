"""The gate panel: six steps from choosing to watching, physics left, rules and people right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.gates import (
    TERMINAL,
    CommandStatus,
    Gate,
    GateCommand,
    StopResult,
)
from widgets.commands import room_of
from widgets.deeds import Ask, Deeds, Second, failure_words
from widgets.gate_view import GateBays, GateSection, Wish, widest_m
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.commands import STATUSES
from widgets.panels.gate_checks import STEP_OF, Flow, Interlocks, Result, StepNote, Steps
from widgets.panels.gate_forms import AskForm, SecondForm

HOLD_MS = 1_000
SIZE = (1280, 800)
SIDE = 440


class GateHead(QWidget):
    """Name of the gate, its river, the order and the clock."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self.cut: tuple[str, ...] = ()
        self._gate: Gate | None = None
        self._order = ""
        self.setFixedHeight(56)
        for signal in (room.theme.changed, room.words.changed, room.pulse.ticked):
            signal.connect(self.update)

    def show_gate(self, gate: Gate | None, order: str) -> None:
        """Name another gate and order."""
        self._gate, self._order = gate, order
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        board = Board(painter, self.room.theme, "desk")
        whole = QRectF(self.rect())
        board.fill(whole, "bg")
        right = self._draw_right(board, whole)
        gate, words = self._gate, self.room.words
        if gate is not None:
            x = 20.0
            parts = (
                (
                    words.pick(f"闸门指令 · {gate.name.zh}", f"Gate command · {gate.name.en}"),
                    Ink(role="m", bold=True, elide=True),
                ),
                (
                    words.join(
                        words.say(self.room.names.county(gate.region)),
                        f"{gate.river} → {gate.outlet}",
                    ),
                    Ink(tone="t2", elide=True),
                ),
            )
            for text, ink in parts:
                line = QRectF(x, 0, max(right - x, 1), whole.height())
                x += board.text(line, text, ink) + 16
            self._draw_badge(board, x, right, gate)
        board.rule(0, whole.height() - 1, whole.width())
        painter.end()
        self.cut = tuple(board.cut)

    def _draw_badge(self, board: Board, x: float, right: float, gate: Gate) -> None:
        if not gate.simulated:
            return
        full = self.room.words.pick("演示 · 模拟数据 · 只连模拟器", "DEMO · simulator only")
        wide = board.width(full) + 22
        if x + wide > right:
            return
        cap = QRectF(x, 15, wide, 26)
        board.outline(cap, "ctl")
        board.text(cap, full, Ink(tone="t2", align="center"))

    def _draw_right(self, board: Board, whole: QRectF) -> float:
        words = self.room.words
        clock = words.clock(self.room.stores.server_now())
        ink = Ink(role="m", bold=True, align="right")
        box = whole.adjusted(0, 0, -20, 0)
        board.text(box, clock, ink)
        x = box.right() - board.width(clock, ink) - 20
        if self._order:
            order = words.pick(f"调度令 {self._order}", f"order {self._order}")
            wide = board.width(order)
            board.text(QRectF(x - wide, 0, wide + 1, whole.height()), order, Ink(tone="t2"))
            x -= wide + 20
        return x


class StopButton(QPushButton):
    """A wide red rectangle, always ready: never disabled, asks nothing."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self.cut: tuple[str, ...] = ()
        self.setProperty("kind", "stop")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the word, what it stops, and that it needs nobody else."""
        painter = QPainter(self)
        board = Board(painter, self.room.theme, "desk")
        box = QRectF(self.rect())
        board.fill(box, "stop")
        pick = self.room.words.pick
        x = box.x() + 24
        for words, role in ((pick("停 止", "STOP"), "l"), (pick("STOP 全部闸孔", "all bays"), "m")):
            ink = Ink(role="l" if role == "l" else "m", tone="stop_text", bold=True)
            x += board.text(QRectF(x, 0, box.right() - x, box.height()), words, ink) + 24
        small = Ink(tone="stop_text", align="right")
        line = QRectF(x, box.center().y() - 24, box.right() - 20 - x, 24)
        board.text(line, pick("无需复核", "one person"), small)
        board.text(line.translated(0, 24), pick("F12 长按 1 秒", "hold F12 for 1 s"), small)
        if self.hasFocus():
            board.outline(box.adjusted(2, 2, -2, -2), "stop_text", 2)
        painter.end()
        self.cut = tuple(board.cut)


class GatePanel(QDialog):
    """Guide one command; holds nothing but the wish that has not been sent."""

    def __init__(
        self, room: Room, deeds: Deeds, gate_id: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.room = room
        self._deeds = deeds
        self.gate_id = gate_id
        self.command_id = ""
        self.message = ""
        self.setModal(False)
        self.head, self.steps = GateHead(room, self), Steps(room, self)
        self.section, self.bays = GateSection(room, self), GateBays(room, self)
        self.interlocks, self.flow = Interlocks(room, self), Flow(room, self)
        self.outcome = Result(room, self)
        self.ask_form, self.second_form = AskForm(room, self), SecondForm(room, self)
        self.abort_button = QPushButton(self)
        self.again_button = QPushButton(self)
        self.stop_button = StopButton(room, self)
        self._hold = QTimer(self)
        self._build()
        self._wire()
        self.section.show_gate(gate_id)
        self.bays.show_gate(gate_id)
        self._dress()
        gate = self.gate
        if gate is not None:
            self.ask_form.begin(gate)
        self._refresh()

    @property
    def gate(self) -> Gate | None:
        """Give the gate as last read."""
        return self.room.stores.gates.get(self.gate_id)

    @property
    def command(self) -> GateCommand | None:
        """Give the command under way."""
        return self.room.stores.gate_commands.get(self.command_id)

    def _build(self) -> None:
        self.resize(QSize(*SIZE).boundedTo(room_of(self.parentWidget())))
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self.section, 352)
        left.addWidget(self.bays, 232)
        self.flow.setFixedHeight(64)
        left.addWidget(self.flow)
        checks = QWidget(self)
        column = QVBoxLayout(checks)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.interlocks.setMinimumHeight(236)
        column.addWidget(self.interlocks, 1)
        self.last = QStackedWidget(checks)
        self.last.addWidget(self.second_form)
        watch = QWidget(checks)
        watch_box = QVBoxLayout(watch)
        watch_box.setContentsMargins(0, 0, 0, 0)
        watch_box.setSpacing(8)
        watch_box.addWidget(self.outcome, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.abort_button)
        buttons.addWidget(self.again_button)
        watch_box.addLayout(buttons)
        self.last.addWidget(watch)
        self.last.setMinimumHeight(206)
        column.addWidget(self.last)
        self.right = QStackedWidget(self)
        self.right.addWidget(self.ask_form)
        self.right.addWidget(checks)
        self.right.setFixedWidth(SIDE)
        side = QVBoxLayout()
        side.setSpacing(12)
        side.addWidget(self.right, 1)
        side.addWidget(self.stop_button)
        body = QHBoxLayout()
        body.setContentsMargins(20, 12, 20, 16)
        body.setSpacing(16)
        body.addLayout(left, 1)
        body.addLayout(side)
        root = QVBoxLayout(self)
        root.setContentsMargins(0, 0, 0, 0)
        root.setSpacing(0)
        root.addWidget(self.head)
        root.addWidget(self.steps)
        root.addLayout(body, 1)

    def _wire(self) -> None:
        self._hold.setSingleShot(True)
        self._hold.setInterval(HOLD_MS)
        self._hold.timeout.connect(self.stop)
        self.stop_button.clicked.connect(self.stop)
        self.abort_button.clicked.connect(self.take_back)
        self.again_button.clicked.connect(self._on_again)
        self.ask_form.changed.connect(self._refresh)
        self.ask_form.asked.connect(self._on_asked)
        self.second_form.agreed.connect(self._on_agreed)
        self.second_form.taken_back.connect(self.take_back)
        room = self.room
        room.theme.changed.connect(self._dress)
        room.words.changed.connect(self._dress)
        room.pulse.ticked.connect(self._refresh)
        room.stores.gate_commands.changed.connect(self._on_commands)
        room.stores.gates.changed.connect(self._on_gates)

    def _dress(self) -> None:
        words = self.room.words
        if self.parent() is None:  # the desk's sheet reaches its children
            self.setStyleSheet(self.room.theme.qss("desk"))
        self.setWindowTitle(words.pick("闸门指令", "Gate command"))
        self.stop_button.setText(words.pick("停止全部闸孔", "Stop all bays"))
        self.abort_button.setText(words.pick("撤回指令", "Take back"))
        self.again_button.setText(words.pick("再来一条", "Another command"))
        self._refresh()

    def step(self) -> int:
        """Tell the present step, 0 to 5."""
        command = self.command
        if command is None:
            return 1 if not self.ask_form.is_complete() else 2
        agreed = command.authorised_by is not None
        return STEP_OF.get(command.status, 5 if agreed else 2)

    def _refresh(self) -> None:
        command, gate = self.command, self.gate
        wish = self.ask_form.wish()
        if command is not None:
            wish = Wish(command.bays, command.target_m)
        self.section.show_wish(wish)
        self.bays.show_wish(wish)
        self.interlocks.show_command(self.gate_id, self.command_id)
        self.flow.show_command(self.gate_id, self.command_id)
        self.outcome.show_command(self.gate_id, self.command_id)
        self.head.show_gate(gate, command.dispatch_no if command else self.ask_form.order())
        self.right.setCurrentIndex(1 if command else 0)
        waiting = command is not None and command.status is CommandStatus.REQUESTED
        self.last.setCurrentIndex(0 if waiting else 1)
        self.second_form.show_command(command)
        ended = command is not None and command.status in TERMINAL
        self.abort_button.setEnabled(command is not None and not ended)
        self.again_button.setEnabled(ended)
        self.steps.show_steps(StepNote(self._notes(gate, command, wish), self.step()))
        why = self._deeds.why_not("request", gate) if gate else None
        self.ask_form.allow(why)

    def _notes(self, gate: Gate | None, command: GateCommand | None, wish: Wish) -> tuple[str, ...]:
        words = self.room.words
        present = widest_m(gate) if gate else 0.0
        if command is not None:
            present = max(command.present_m, default=0.0)
        target = ""
        if wish.target_m is not None:
            target = f"{words.number(present, 2)} → {words.number(wish.target_m, 2)}"
        flow = f"{words.number(command.flow_m3s, 1)} m³/s" if command else ""
        second = command.authorised_by.name if command and command.authorised_by else ""
        if command and command.status is CommandStatus.REQUESTED:
            second = words.pick("等待", "waiting")
        state = words.say(STATUSES[command.status]) if command else ""
        watch = words.number(widest_m(gate), 2) if gate and command else ""
        name = words.say(gate.name) if gate else ""
        running = self.step() >= 4
        return (name, target, flow, second, state if running else "", watch if running else "")

    def _on_commands(self, ids: tuple[str, ...]) -> None:
        if self.command_id in ids:
            self._refresh()

    def _on_gates(self, ids: tuple[str, ...]) -> None:
        if self.gate_id in ids:
            self._refresh()

    def _on_asked(self, ask: Ask) -> None:
        gate = self.gate
        if gate is None:
            return
        self.ask_form.wait()
        self._deeds.request(gate, ask, self._on_command, self._on_failed)

    def _on_command(self, command: GateCommand) -> None:
        self._say("")
        self.follow(command.item_id)

    def follow(self, command_id: str) -> None:
        """Show a command under way; one that waits for a second person has the keys there."""
        self.command_id = command_id
        self._refresh()
        if self.command is not None and self.command.status is CommandStatus.REQUESTED:
            self.second_form.account.setFocus()

    def _on_agreed(self, second: Second) -> None:
        command = self.command
        if command is not None:
            self.second_form.wait()
            self._deeds.authorise(command, second, self._on_command, self._on_failed)

    def take_back(self) -> None:
        """Take the command back."""
        command = self.command
        if command is not None:
            self._deeds.abort(command, self._on_command, self._on_failed)

    def _on_again(self) -> None:
        self.command_id = ""
        self.second_form.clear()  # the next one's second person may be another
        gate = self.gate
        if gate is not None:
            self.ask_form.begin(gate)
        self._refresh()

    def stop(self) -> None:
        """Stop every bay now: one person, no question asked, whatever the step."""
        gate = self.gate
        if gate is not None:
            self._say(self.room.words.pick("停止已发出", "stop sent"))
            self._deeds.stop(gate, self._on_stopped, self._on_failed)

    def _on_stopped(self, result: StopResult) -> None:
        words = self.room.words
        at = words.clock(result.at)
        accepted = Text(f"{at} 设备已接受停止", f"{at} the device accepted the stop")
        refused = Text(f"{at} 设备未接受停止,现场按急停", f"{at} stop not accepted, use the site's")
        self._say(words.say(accepted if result.accepted else refused))

    def _on_failed(self, error: Exception) -> None:
        self._say(failure_words(error, self.room.words))
        self.ask_form.ready()
        self.second_form.ready()

    def _say(self, words: str) -> None:
        self.message = words
        self.ask_form.say(words)
        self.second_form.say(words)
        self.outcome.say_also(words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a bay in or out by its column while the target is being set."""
        place = self.bays.mapFrom(self, event.position().toPoint())
        if self.command is None and self.bays.rect().contains(place):
            number = self.bays.bay_at(place.x())
            if number is not None:
                self.ask_form.toggle(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hold F12 for a second to stop; Esc leaves, the command goes on."""
        if event.key() == Qt.Key.Key_F12:
            if not event.isAutoRepeat():
                self._hold.start()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let F12 go."""
        if event.key() == Qt.Key.Key_F12 and not event.isAutoRepeat():
            self._hold.stop()
        super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Forget what the second person typed."""
        self.second_form.clear()
        super().closeEvent(event)
