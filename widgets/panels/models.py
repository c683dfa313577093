"""模型台账: every learned model, what each version reached, who let it in; learn now, go back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from backend_client.contract.base import Text
from backend_client.contract.models import Live, ModelLine, ModelState, ModelVersion
from widgets.button_bar import BAR
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.tables import Cell, Head, draw_table

LEARN, BACK = "T", "B"
_HELD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
STEPS: Final[tuple[tuple[str, Text], ...]] = (
    (BACK, Text("退回上一版", "Roll back")),
    (LEARN, Text("立即学习", "Learn now")),
)
STATES: Final[dict[ModelState, Text]] = {
    ModelState.CANDIDATE: Text("候选", "candidate"),
    ModelState.PROMOTED: Text("在用", "in use"),
    ModelState.RETIRED: Text("退役", "retired"),
}
SHOWN: Final = 4
"""Versions of a model that are listed, the newest first."""
TOLD_S: Final = 60.0
_ROW: Final = 34.0
_GAP: Final = 14.0
_MOVES: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class Models(Panel):
    """One block a model: what answers, its exam, its newest versions beside the rules.

    Signals:
        wanted(str): a step on the chosen model, `T` learn now or `B` roll back.
    """

    wanted = Signal(str)

    title = Text("模型", "Models")
    empty_words = Text("尚未读到", "Not read yet")
    empty_reason = Text("登录后由服务给出", "the service tells once you are signed in")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._at = 0
        self.message = ""
        self._bar = QWidget(self)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(16, 0, 16, 12)
        row.setSpacing(12)
        self.buttons = {key: QPushButton(self._bar) for key, _ in STEPS}
        for key, button in self.buttons.items():
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, step=key: self.wanted.emit(step))
        row.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        room.stores.models.changed.connect(self.refresh)
        room.words.changed.connect(self.refresh)
        self.refresh()

    @property
    def chosen(self) -> ModelLine | None:
        """Give the model the keys are about."""
        lines = self.room.stores.models.lines
        return lines[min(self._at, len(lines) - 1)] if lines else None

    def go(self, by: int) -> None:
        """Choose another model."""
        self._at = max(0, min(self._at + by, len(self.room.stores.models.lines) - 1))
        self.say_result("")

    def say_result(self, words: str) -> None:
        """Say what came of a step."""
        self.message = words
        self.refresh()

    def refresh(self) -> None:
        """Say the buttons' words, and which of them may be used."""
        line = self.chosen
        for key, words in STEPS:
            self.buttons[key].setText(f"{key}   {self.say(words)}")
            self.buttons[key].setVisible(line is not None)
        usable = {
            BACK: line is not None and line.in_use > 0,
            LEARN: line is not None and not line.learning,
        }
        for key, may in usable.items():
            if not may and self.buttons[key].hasFocus():
                self.setFocus()  # else the keys go on to the next field there is
            self.buttons[key].setEnabled(may)
        self.redraw()

    def freshen(self) -> None:
        """Read the models anew now and then while somebody looks."""
        if self.isVisible():
            self.room.stores.models.want()
        super().freshen()

    def face(self) -> Face:
        """Tell who may not see models that they may not."""
        known = super().face()
        if known is not Face.READY:
            return known
        models = self.room.stores.models
        if models.is_refused:
            return Face.REFUSED
        return Face.READY if models.lines else Face.EMPTY

    def age(self) -> Age | None:
        """Give how long ago the service told."""
        models = self.room.stores.models
        return Age(models.age_s(), TOLD_S) if models.lines else None

    # ---- keys ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Take the steps' keys from the desk while this panel has the keys."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & _HELD  # Ctrl+T is the palette's everywhere
        return plain and (event.text().upper() in self.buttons or event.key() in _MOVES)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a model, or ask for a step on it."""
        key, move = event.text().upper(), _MOVES.get(Qt.Key(event.key()))
        if not self._is_ours(event):
            super().keyPressEvent(event)
        elif move is not None:
            self.go(move)
        elif key in self.buttons and self.buttons[key].isEnabled():
            self.wanted.emit(key)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are here."""
        super().focusInEvent(event)
        self.redraw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they are not."""
        super().focusOutEvent(event)
        self.redraw()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the buttons at the foot."""
        self._bar.setGeometry(0, self.height() - BAR, self.width(), BAR)

    # ---- looks -----------------------------------------------------------------------------

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one block a model, then what came of the last step."""
        if self.hasFocus():
            board.fill(QRectF(0, 0, 5, self.height()), "t1")
        lines = self.room.stores.models.lines
        foot = self.height() - BAR - 4
        most, y = (foot - area.y()) / max(1, len(lines)), area.y()
        wanted = [self._height(board, line) for line in lines]
        fits = sum(wanted) <= foot - area.y()
        for line, own in zip(lines, wanted, strict=True):
            high = own if fits else most
            box = QRectF(area.x(), y, area.width(), high - _GAP)
            self._draw_line(board, box, line, is_chosen=line is self.chosen)
            y += high
        if self.message:
            last = self.buttons[LEARN].geometry()
            x = last.right() + 20.0
            box = QRectF(x, self._bar.y() + last.y(), max(area.right() - x, 1), last.height())
            board.text(box, self.message, Ink(tone="t1", bold=True, align="right", elide=True))

    def _height(self, board: Board, line: ModelLine) -> float:
        """Give the height of a model's head, table and the gap below."""
        rows = min(len(line.versions), SHOWN) + 2  # the rules and the head among them
        return board.line_height() + rows * board.u(_ROW) + _GAP + 8

    def _draw_line(self, board: Board, box: QRectF, line: ModelLine, *, is_chosen: bool) -> None:
        if is_chosen:
            board.fill(box.adjusted(-8, 0, 8, 0), "raise")
        head = QRectF(box.x(), box.y() + 2, box.width(), board.line_height())
        x = board.text(head, self.say(line.title), Ink(bold=True)) + 14
        board.text(head.adjusted(x, 0, 0, 0), self.standing(line), Ink(tone="t2", elide=True))
        table = QRectF(box.x(), head.bottom() + 2, box.width(), box.bottom() - head.bottom() - 2)
        rows = [self.row(line, one) for one in line.versions[:SHOWN]]
        rows.append(self.rules_row(line))
        draw_table(board, table, heads=self.heads(), rows=rows, row=_ROW)

    def standing(self, line: ModelLine) -> str:
        """Say what answers, by how many decisions it is examined, what keeps it back."""
        words = self.room.words
        if line.answers:
            said = [words.pick(f"第 {line.answers} 版作答", f"version {line.answers} answers")]
        else:
            said = [words.pick("规则作答", "the rules answer")]
        said.append(
            words.pick(f"考核 {line.exam}/{line.fewest}", f"exam {line.exam}/{line.fewest}")
        )
        if line.learning:
            said.append(words.pick("学习中", "learning"))
        if line.held:
            said.append(words.pick("已回退，由人启用", "rolled back: people promote"))
        if line.fault is not None:
            said.append(self.say(line.fault))
        return words.join(*said)

    def heads(self) -> tuple[Head, ...]:
        """Name the columns."""
        pick = self.room.words.pick
        return (
            Head(pick("版本", "Version"), 3),
            Head(pick("数据期", "Data from – to"), 3),
            Head(pick("条数", "Lessons"), 2, "right"),
            Head(pick("考核", "Exam"), 2, "right"),
            Head(pick("线上", "Live"), 3, "right"),
            Head(pick("启用", "Promoted by"), 4),
        )

    def row(self, line: ModelLine, version: ModelVersion) -> tuple[Cell, ...]:
        """Write one version's figures in the order of the columns."""
        words = self.room.words
        is_used = version.number == line.in_use
        state = words.say(STATES[version.state])
        by = "–"
        if version.promoted_at is not None:
            person = version.promoted_by
            name = person.name if person is not None else words.pick("服务", "service")
            by = words.join(name, self._moment(version.promoted_at))
        return (
            Cell(f"{version.number} {state}", bold=is_used),
            Cell(f"{self._day(version.from_at)} – {self._day(version.to_at)}", "t2"),
            Cell(words.number(version.decisions), "t2"),
            Cell(_share(version.frozen.get(line.metric)), bold=is_used),
            Cell(self._live(version.live), "t2"),
            Cell(by, "t2", elide=True),
        )

    def rules_row(self, line: ModelLine) -> tuple[Cell, ...]:
        """Write what the rules alone reached on the newest exam."""
        newest = line.versions[0] if line.versions else None
        reached = newest.rivals.get("rules", {}).get(line.metric) if newest else None
        return (
            Cell(self.room.words.pick("规则", "rules"), bold=line.in_use == 0),
            Cell("–", "t3"),
            Cell("–", "t3"),
            Cell(_share(reached), bold=line.in_use == 0),
            Cell(self._live(line.rules), "t2"),
            Cell("–", "t3"),
        )

    def _live(self, live: Live) -> str:
        right, decided = live.metrics.get("right"), live.metrics.get("decided", 0.0)
        if right is None:
            return "–"
        return f"{_share(right)} / {self.room.words.number(round(decided))}"

    def _day(self, at: datetime) -> str:
        return f"{self.room.words.local(at):%m-%d}"

    def _moment(self, at: datetime) -> str:
        return f"{self._day(at)} {self.room.words.minute(at)}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
