"""The list of sluices on the desk: choose one, Enter opens its gate panel."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.sluices import doing, gate_order, opening_words
from widgets.row_list import RowList

COLUMNS: tuple[tuple[Text, float], ...] = (
    (Text("内河 m", "Inner m"), 0.40),
    (Text("外江 m", "Outer m"), 0.53),
    (Text("开度 m", "Open m"), 0.66),
    (Text("流量 m³/s", "Flow m³/s"), 0.81),
)


class Gates(RowList):
    """One row per sluice with levels, opening, flow and what it is doing."""

    title = Text("闸站", "Sluices")
    empty_words = Text("无闸站", "No sluices")
    row_height = 32.0
    top_space = 30.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        room.stores.gates.changed.connect(self._on_gates)
        self._on_gates(())

    def note(self) -> str:
        """Name the keys."""
        return self.room.words.pick("J K 选 · Enter 指令", "J K choose · Enter command")

    def _on_gates(self, _ids: tuple[str, ...]) -> None:
        gates = sorted(self.room.stores.gates.all(), key=gate_order)
        self.take([gate.item_id for gate in gates])
        self.update()

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the heads, then the rows."""
        for title, end in COLUMNS:
            box = QRectF(area.x(), area.y(), area.width() * end, 28)
            board.text(box, self.say(title), Ink(tone="t3", align="right"))
        state = QRectF(area.x() + area.width() * 0.83, area.y(), area.width() * 0.17, 28)
        board.text(state, self.room.words.pick("状态", "State"), Ink(tone="t3"))
        super().draw(board, area)

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint one sluice."""
        gate = self.room.stores.gates.get(key)
        if gate is None:
            return
        words = self.room.words
        values = (
            words.number(gate.inner_level_m, 2),
            words.number(gate.outer_level_m, 2),
            opening_words(gate, words),
            words.number(gate.flow_m3s, 1),
        )
        tone = "t3" if gate.link == "offline" else "t1"
        name = QRectF(box.x(), box.y(), box.width() * 0.29, box.height())
        board.text(name, self.say(gate.name), Ink(tone=tone, bold=key == self.key, elide=True))
        for (_, end), value in zip(COLUMNS, values, strict=True):
            cell = QRectF(box.x(), box.y(), box.width() * end, box.height())
            board.text(cell, value, Ink(tone=tone, align="right"))
        state, level = doing(gate, words, self.room.stores.server_now())
        x = box.x() + box.width() * 0.83
        if level:
            board.state(QPointF(x, box.center().y() - 9), level, 18)
            x += 24
        board.text(QRectF(x, box.y(), box.right() - x, box.height()), state, Ink(tone="t2"))
