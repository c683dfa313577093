"""模型台账: every learned model, what each version reached, who let it in; learn now, go back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.models import Live, ModelLine, ModelState, ModelVersion
from widgets.button_bar import BAR
from widgets.key_panel import KeyPanel
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Room
from widgets.tables import Cell, Head, draw_table

LEARN, BACK = "T", "B"
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


class Models(KeyPanel):
    """One block a model: what answers, its exam, its newest versions beside the rules.

    Signals:
        wanted(str): a step on the chosen model, `T` learn now or `B` roll back.
    """

    wanted = Signal(str)

    title = Text("模型", "Models")
    empty_words = Text("尚未读到", "Not read yet")
    empty_reason = Text("登录后由服务给出", "the service tells once you are signed in")

    moves = _MOVES

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, STEPS, parent)
        self._at = 0
        room.stores.models.changed.connect(self.refresh)
        self.refresh()

    @property
    def chosen(self) -> ModelLine | None:
        """Give the model the keys are about."""
        lines = self.room.stores.models.lines
        return lines[min(self._at, len(lines) - 1)] if lines else None

    def go(self, by: int) -> None:
        """Choose another model."""
        self._at = max(0, min(self._at + by, len(self.room.stores.models.lines) - 1))
        self.message = ""
        self.refresh()

    def press(self, key: str) -> None:
        """Ask for a step on the chosen model."""
        if self.buttons[key].isEnabled():
            self.wanted.emit(key)

    def refresh(self) -> None:
        """Say the buttons' words, and which of them may be used."""
        line, fault = self.chosen, self.room.stores.models.fault
        self.empty_reason = fault or Models.empty_reason
        usable = {
            BACK: line is not None and line.in_use > 0,
            LEARN: line is not None and not line.learning,
        }
        self.dress(usable, shown=line is not None)
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

    # ---- looks -----------------------------------------------------------------------------

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one block a model, then what came of the last step."""
        self.draw_keys(board)
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
        self.draw_message(board, area)

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
