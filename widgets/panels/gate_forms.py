"""The two forms of the gate panel: what is asked for, and the second person's consent."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.gates import BayMode, Gate, GateCommand
from widgets.deeds import Ask, Second
from widgets.gate_view import Wish
from widgets.number_field import NumberField
from widgets.panel import Room

LEAST_REASON = 4


def fit_bays(gate: Gate) -> tuple[int, ...]:
    """Give the bays that can be asked for: remote and without a fault."""
    return tuple(bay.no for bay in gate.bays if bay.mode is BayMode.REMOTE and not bay.fault)


class _Form(QWidget):
    """A panel with fields on it."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("form")
        self.title = self.label("", tone="t2", strong=True)
        self.words = self.label("", tone="t1")
        self.words.setWordWrap(True)
        room.theme.changed.connect(self.dress)
        room.words.changed.connect(self.dress)

    def label(self, text: str, *, tone: str = "t2", strong: bool = False) -> QLabel:
        """Make a label of one tone."""
        made = QLabel(text, self)
        made.setProperty("tone", tone)
        made.setProperty("strong", "true" if strong else "false")
        return made

    def say(self, words: str) -> None:
        """Show a message under the form."""
        self.words.setText(words)

    def dress(self) -> None:
        """Say everything in the language in force."""
        panel = self.room.theme.color("panel")
        self.setStyleSheet(f"QWidget#form {{ background: {panel}; }}")


class AskForm(_Form):
    """Bays, target, reason and order number.

    Signals:
        changed: something was typed.
        asked(Ask): the form is complete and was sent.
    """

    changed = Signal()
    asked = Signal(object)

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._chosen: tuple[int, ...] = ()
        self._waits = False
        self._why: Text | None = None
        self.target = NumberField(self)
        self.reason, self.number = QLineEdit(self), QLineEdit(self)
        self.reason.setMaxLength(200)
        self.number.setMaxLength(40)
        self.send = QPushButton(self)
        self.send.setProperty("kind", "primary")
        self._labels = [self.label("") for _ in range(4)]
        self._bays_box = QHBoxLayout()
        self._bay_buttons: dict[int, QPushButton] = {}
        self._build()
        self.dress()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        fields: tuple[QWidget | QHBoxLayout, ...] = (
            self._bays_box,
            self.target,
            self.reason,
            self.number,
        )
        for row, (name, field) in enumerate(zip(self._labels, fields, strict=True)):
            grid.addWidget(name, row, 0)
            if isinstance(field, QWidget):
                grid.addWidget(field, row, 1)
            else:
                grid.addLayout(field, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(16)
        column.addWidget(self.title)
        column.addLayout(grid)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.send)
        self.target.valueChanged.connect(self._on_changed)
        self.reason.textChanged.connect(self._on_changed)
        self.number.textChanged.connect(self._on_changed)
        self.send.clicked.connect(self.submit)
        self.number.returnPressed.connect(self.submit)
        self.reason.returnPressed.connect(self.number.setFocus)

    def begin(self, gate: Gate) -> None:
        """Start with every bay that can move and the present opening."""
        while self._bays_box.count():
            item = self._bays_box.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        self._bay_buttons = {}
        fit = fit_bays(gate)
        for bay in gate.bays[:9]:
            button = QPushButton(str(bay.no), self)
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            button.setChecked(bay.no in fit)
            button.setEnabled(bay.no in fit)
            button.toggled.connect(self._on_changed)
            self._bays_box.addWidget(button)
            self._bay_buttons[bay.no] = button
        self.target.set_range(0.0, gate.full_open_m, step=0.05)
        self.target.set_value(max((bay.opening_m for bay in gate.bays), default=0.0))
        self.reason.clear()
        self.number.clear()
        self.ready()
        self.target.setFocus()
        self.target.selectAll()

    def toggle(self, number: int) -> None:
        """Take a bay in or out."""
        button = self._bay_buttons.get(number)
        if button is not None and button.isEnabled():
            button.toggle()

    def wish(self) -> Wish:
        """Give what is typed so far."""
        chosen = tuple(no for no, button in self._bay_buttons.items() if button.isChecked())
        return Wish(chosen, self.target.value())

    def order(self) -> str:
        """Give the order number typed so far."""
        return self.number.text().strip()

    def is_complete(self) -> bool:
        """Tell whether everything needed is there."""
        typed = (self.reason.text().strip(), self.order())
        return bool(self.wish().bays) and all(len(one) >= LEAST_REASON for one in typed)

    def allow(self, why_not: Text | None) -> None:
        """Say why nothing can be asked for; None when it can."""
        if why_not != self._why:
            self._why = why_not
            self.say(self.room.words.say(why_not) if why_not else "")
        self._update_send()

    def submit(self) -> None:
        """Send the wish when it is complete."""
        if not self.send.isEnabled():
            return
        wish = self.wish()
        target = wish.target_m if wish.target_m is not None else 0.0
        self.asked.emit(Ask(wish.bays, round(target, 2), self.reason.text().strip(), self.order()))

    def wait(self) -> None:
        """Wait for the answer."""
        self._waits = True
        self._update_send()

    def ready(self) -> None:
        """Take another wish."""
        self._waits = False
        self._update_send()

    def _on_changed(self) -> None:
        self._update_send()
        self.changed.emit()

    def _update_send(self) -> None:
        self.send.setEnabled(self.is_complete() and not self._waits and self._why is None)

    def dress(self) -> None:
        """Say everything in the language in force."""
        super().dress()
        words = self.room.words
        self.title.setText(words.pick("定目标", "Set the target"))
        names = (
            Text("闸孔", "Bays"),
            Text("目标开度 m", "Target, m"),
            Text("原因", "Reason"),
            Text("调度令", "Order no."),
        )
        for label, name in zip(self._labels, names, strict=True):
            label.setText(words.say(name))
        self.reason.setPlaceholderText(words.pick("至少 4 字", "at least 4 letters"))
        self.number.setPlaceholderText("DD-2026-118")
        self.send.setText(words.pick("提交校核与模拟", "Check and simulate"))


class SecondForm(_Form):
    """Account, password and one-time code of the second person.

    Signals:
        agreed(Second): all three were typed and sent.
        taken_back: the requester wants the command back.
    """

    agreed = Signal(object)
    taken_back = Signal()

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._command: GateCommand | None = None
        self._waits = False
        self.left = self.label("", tone="t3")
        self.asked_by = self.label("")
        self.rule = self.label("", tone="t3")
        self.rule.setWordWrap(True)
        self.account, self.password, self.code = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code.setMaxLength(6)
        self.execute, self.back = QPushButton(self), QPushButton(self)
        self.execute.setProperty("kind", "primary")
        self._build()
        self.dress()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self.title)
        top.addWidget(self.asked_by)
        top.addStretch(1)
        top.addWidget(self.left)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        fields.addWidget(self.account, 4)
        fields.addWidget(self.password, 4)
        fields.addWidget(self.code, 3)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.execute, 1)
        buttons.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(fields)
        column.addWidget(self.rule)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addLayout(buttons)
        self.words.hide()
        for field in (self.account, self.password, self.code):
            field.textChanged.connect(self._update)
        self.account.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.code.setFocus)
        self.code.returnPressed.connect(self.submit)
        self.execute.clicked.connect(self.submit)
        self.back.clicked.connect(self.taken_back)

    def show_command(self, command: GateCommand | None) -> None:
        """Show who asked and how long consent can wait."""
        self._command = command
        words = self.room.words
        if command is not None:
            asked = words.clock(command.created_at)
            by = command.requested_by.name
            self.asked_by.setText(words.pick(f"发起  {by} · {asked}", f"Asked by {by} · {asked}"))
            left = (command.expires_at - self.room.stores.server_now()).total_seconds()
            seconds = max(0, int(left))
            self.left.setText(words.pick(f"剩 {seconds} 秒", f"{seconds} s left"))
        self._update()

    def say(self, words: str) -> None:
        """Show a message in the place of the rule."""
        super().say(words)
        self.words.setVisible(bool(words))
        self.rule.setVisible(not words)

    def submit(self) -> None:
        """Send the consent when all three fields are filled."""
        if not self.execute.isEnabled():
            return
        second = Second(self.account.text().strip(), self.password.text(), self.code.text())
        self.agreed.emit(second)

    def wait(self) -> None:
        """Wait for the answer; what was typed is forgotten."""
        self._waits = True
        self.password.clear()
        self.code.clear()
        self._update()

    def ready(self) -> None:
        """Take another consent."""
        self._waits = False
        self._update()

    def clear(self) -> None:
        """Forget everything typed."""
        for field in (self.account, self.password, self.code):
            field.clear()
        self._waits = False

    def _update(self) -> None:
        command = self._command
        filled = bool(self.account.text().strip() and self.password.text())
        code = self.code.text()
        filled = filled and len(code) == 6 and code.isdigit()
        held = command is not None and all(one.ok for one in command.interlocks)
        self.execute.setEnabled(filled and held and not self._waits)

    def dress(self) -> None:
        """Say everything in the language in force."""
        super().dress()
        words = self.room.words
        self.title.setText(words.pick("第二人复核", "Second person"))
        self.account.setPlaceholderText(words.pick("账号", "account"))
        self.password.setPlaceholderText(words.pick("口令", "password"))
        self.code.setPlaceholderText(words.pick("动态码", "code"))
        self.execute.setText(words.pick("复核并执行", "Agree and execute"))
        self.back.setText(words.pick("撤回", "Take back"))
        self.rule.setText(
            words.pick(
                "复核人用本人账号与动态码,下发后不可撤销",
                "Their own account and code; not undone once sent",
            )
        )
        self.show_command(self._command)
