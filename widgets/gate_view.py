"""The gate drawn to scale: both waters, head, leaf, target and present opening; one box per bay."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.i18n import Words
from backend_client.contract.base import Text
from backend_client.contract.gates import Bay, BayMode, Gate
from widgets.paint import FAINT, LABEL, STRONG, Board, Ink
from widgets.panel import Age, Panel, Room

LEVELS_DUE_S = 60.0  # domain 1.7: levels older than this block a command
BED_M = 1.2
BAY_MODES: dict[BayMode, Text] = {
    BayMode.REMOTE: Text("远程", "remote"),
    BayMode.LOCAL: Text("现地", "local"),
    BayMode.MAINTENANCE: Text("检修", "maintenance"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator means to do: which bays, how far open; None while not decided."""

    bays: tuple[int, ...] = ()
    target_m: float | None = None


def widest_m(gate: Gate) -> float:
    """Give the widest present opening."""
    return max((bay.opening_m for bay in gate.bays), default=0.0)


def water_color(board: Board) -> QColor:
    """Give the colour of water in a cut."""
    color = QColor(board.theme.color("wl"))
    color.setAlphaF(0.28)
    return color


class _GatePanel(Panel):
    """What both drawings share: the gate shown and the wish."""

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._gate_id = ""
        self.wish = Wish()
        room.stores.gates.changed.connect(self._on_gates)

    @property
    def gate(self) -> Gate | None:
        """Give the gate as last read."""
        return self.room.stores.gates.get(self._gate_id)

    def show_gate(self, gate_id: str) -> None:
        """Show another gate."""
        self._gate_id = gate_id
        self.update()

    def show_wish(self, wish: Wish) -> None:
        """Show what is asked for."""
        self.wish = wish
        self.update()

    def age(self) -> Age:
        """Give the age of the device's reading."""
        gate = self.gate
        if gate is None or gate.observed_at is None:
            return Age(math.inf, LEVELS_DUE_S)
        return Age(self.room.stores.age_of_s(gate.observed_at), LEVELS_DUE_S)

    def _on_gates(self, ids: tuple[str, ...]) -> None:
        if self._gate_id in ids:
            self.update()


class _Scale:
    """Metres to pixels, upwards."""

    def __init__(self, area: QRectF, low_m: float, high_m: float) -> None:
        self.area, self.low_m, self.high_m = area, low_m, high_m

    def y(self, metres: float) -> float:
        """Give the pixel row of a level."""
        share = (metres - self.low_m) / (self.high_m - self.low_m)
        return self.area.bottom() - share * self.area.height()


class GateSection(_GatePanel):
    """The cut through the sluice, levels to scale."""

    title = Text("内外水位剖面", "Section and levels")

    def note(self) -> str:
        """Say until when gravity drains, or when it next will."""
        gate, words = self.gate, self.room.words
        if gate is None or gate.next_window is None:
            return ""
        window = gate.next_window
        if window.start_at <= self.room.stores.server_now() <= window.end_at:
            at = words.minute(window.end_at)
            return words.pick(f"自流排水可行至 {at}", f"gravity drains until {at}")
        at = words.minute(window.start_at)
        return words.pick(f"下个自流窗口 {at}", f"next drain window {at}")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint axis, waters, bed, leaf, openings and head."""
        gate = self.gate
        if gate is None:
            return
        known = [one for one in (gate.inner_level_m, gate.outer_level_m) if one is not None]
        top = max([*known, gate.sill_m + gate.full_open_m]) + 0.9
        scale = _Scale(area.adjusted(44, 4, 0, 0), gate.sill_m - BED_M, top)
        board.painter.setRenderHint(board.painter.RenderHint.Antialiasing)
        self._draw_axis(board, scale)
        middle = scale.area.center().x() - 20
        self._draw_waters(board, scale, gate, middle)
        self._draw_bed(board, scale, gate, middle)
        self._draw_leaf(board, scale, gate, middle)
        self._draw_openings(board, scale, gate, middle)
        self._draw_difference(board, scale, gate, middle)

    @staticmethod
    def _draw_axis(board: Board, scale: _Scale) -> None:
        for metres in range(math.ceil(scale.low_m + 0.4), math.floor(scale.high_m) + 1):
            y = scale.y(metres)
            board.rule(scale.area.x(), y, scale.area.width())
            label = QRectF(scale.area.x() - 44, y - 12, 34, 24)
            board.text(label, Words.number(metres), Ink(tone="t3", align="right"))

    def _draw_waters(self, board: Board, scale: _Scale, gate: Gate, middle: float) -> None:
        area = scale.area
        sides = (
            (gate.inner_level_m, area.x(), middle, Text("内河 m", "inner m"), "left"),
            (gate.outer_level_m, middle, area.right(), self._outer_words(gate), "right"),
        )
        for level, left, right, words, side in sides:
            if level is None:
                continue
            water = QRectF(left, scale.y(level), right - left, area.bottom() - scale.y(level))
            board.painter.fillRect(water, water_color(board))
            board.painter.setPen(QPen(QColor(board.theme.color("wl")), 3))
            board.painter.drawLine(water.topLeft(), water.topRight())
            line = QRectF(left + 12, water.top() - 46, right - left - 24, 42)
            self._write_level(board, line, level=level, words=words, right=side == "right")

    @staticmethod
    def _outer_words(gate: Gate) -> Text:
        sea = any(word in gate.outlet for word in ("海", "Sea"))
        return Text("外海 m", "sea m") if sea else Text("外江 m", "outer m")

    def _write_level(
        self, board: Board, line: QRectF, *, level: float, words: Text, right: bool
    ) -> None:
        number = self.room.words.number(level, 2)
        big = Ink(role="l", bold=True)
        wide = board.width(number, big)
        unit = board.width(self.say(words), LABEL)
        if right:
            x = line.right() - wide
            board.text(QRectF(x, line.y(), wide + 1, line.height()), number, big)
            board.text(QRectF(x - 12 - unit, line.y() + 8, unit + 1, 30), self.say(words), LABEL)
            return
        board.text(QRectF(line.x(), line.y(), wide + 1, line.height()), number, big)
        board.text(QRectF(line.x() + wide + 12, line.y() + 8, unit + 1, 30), self.say(words), LABEL)

    @staticmethod
    def _draw_bed(board: Board, scale: _Scale, gate: Gate, middle: float) -> None:
        area, sill = scale.area, scale.y(gate.sill_m)
        low = scale.y(gate.sill_m - BED_M * 0.45)
        corners = [
            (area.x(), low + 4),
            (middle - 100, low),
            (middle - 80, sill),
            (middle + 80, sill),
            (middle + 100, low),
            (area.right(), low + 8),
            (area.right(), area.bottom()),
            (area.x(), area.bottom()),
        ]
        board.painter.setPen(QPen(QColor(board.theme.color("line2")), 1))
        board.painter.setBrush(QColor(board.theme.color("raise")))
        board.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))

    @staticmethod
    def _draw_leaf(board: Board, scale: _Scale, gate: Gate, middle: float) -> None:
        top = scale.area.y()
        for offset in (-30, 24):
            frame = QRectF(middle + offset, top + 12, 6, scale.y(gate.sill_m) - top - 12)
            board.fill(frame, "line")
        board.fill(QRectF(middle - 46, top, 92, 14), "line2")
        foot = scale.y(gate.sill_m + widest_m(gate))
        head = max(top + 18, scale.y(gate.sill_m + widest_m(gate) + gate.full_open_m))
        board.fill(QRectF(middle - 9, head, 18, foot - head), "t2")

    def _draw_openings(self, board: Board, scale: _Scale, gate: Gate, middle: float) -> None:
        words = self.room.words
        present = widest_m(gate)
        y = scale.y(gate.sill_m + present)
        board.painter.setPen(QPen(QColor(board.theme.color("t2")), 1))
        board.painter.drawLine(QPointF(middle - 58, y), QPointF(middle + 58, y))
        label = words.pick("现开", "open")
        text = f"{label} {words.number(present, 2)}"
        board.text(QRectF(middle + 66, y - 10, 200, 28), text, LABEL)
        if self.wish.target_m is None:
            return
        target = scale.y(gate.sill_m + self.wish.target_m)
        pen = QPen(QColor(board.theme.color("t1")), 2, Qt.PenStyle.DashLine)
        board.painter.setPen(pen)
        board.painter.drawLine(QPointF(middle - 58, target), QPointF(middle + 58, target))
        place = target - 22 if target < y else target + 14
        place = min(place, y - 36) if target < y else max(place, y + 14)
        named = words.pick("目标", "target")
        text = f"{named} {words.number(self.wish.target_m, 2)}"
        board.text(QRectF(middle + 66, place, 200, 28), text, STRONG)

    def _draw_difference(self, board: Board, scale: _Scale, gate: Gate, middle: float) -> None:
        if gate.inner_level_m is None or gate.outer_level_m is None:
            return
        head_m = gate.inner_level_m - gate.outer_level_m
        upper, lower = sorted((scale.y(gate.inner_level_m), scale.y(gate.outer_level_m)))
        if lower - upper < 44:
            return
        x = middle + 36
        board.painter.setPen(QPen(QColor(board.theme.color("t1")), 2))
        board.painter.drawLine(QPointF(x, upper + 2), QPointF(x, lower - 2))
        for y, turn in ((upper + 2, 7), (lower - 2, -7)):
            board.painter.drawLine(QPointF(x, y), QPointF(x - 4, y + turn))
            board.painter.drawLine(QPointF(x, y), QPointF(x + 4, y + turn))
        centre = (upper + lower) / 2
        label = self.room.words.pick("水头", "head")
        board.text(QRectF(x + 12, centre - 24, 120, 24), label, LABEL)
        number = self.room.words.number(head_m, 2)
        board.text(QRectF(x + 12, centre - 2, 120, 26), number, Ink(role="m", bold=True))


class GateBays(_GatePanel):
    """One column per bay: leaf, opening, target, who has it in hand."""

    title = Text("闸孔开度 m", "Bay openings, m")

    def age(self) -> Age | None:  # type: ignore[override]  # the section above carries the age
        """Leave the age to the section."""
        return None

    def note(self) -> str:
        """Say how far a bay opens in full."""
        gate = self.gate
        if gate is None:
            return ""
        full = self.room.words.number(gate.full_open_m, 2)
        return self.room.words.pick(f"全开 {full}", f"full {full}")

    def bay_at(self, x: float) -> int | None:
        """Give the bay whose column lies at a pixel."""
        gate = self.gate
        if gate is None or not gate.bays:
            return None
        column = (self.width() - 32) / len(gate.bays)
        index = int((x - 16) // column)
        return gate.bays[index].no if 0 <= index < len(gate.bays) else None

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint every bay."""
        gate = self.gate
        if gate is None or not gate.bays:
            return
        column = area.width() / len(gate.bays)
        for index, bay in enumerate(gate.bays):
            wide = min(column - 14, 150)
            self._draw_bay(
                board, QRectF(area.x() + index * column, area.y(), wide, area.height()), bay
            )

    def _draw_bay(self, board: Board, box: QRectF, bay: Bay) -> None:
        gate, words = self.gate, self.room.words
        if gate is None:
            return
        hole = QRectF(box.x(), box.y() + 4, box.width(), box.height() - 68)
        board.fill(hole, "bg")
        fit = bay.mode is BayMode.REMOTE and not bay.fault
        if fit:
            self._draw_hole(board, hole, bay, gate)
        else:
            board.hatch(hole)
        board.outline(hole.adjusted(0.5, 0.5, -0.5, -0.5), "line2")
        chosen = bay.no in self.wish.bays
        line = QRectF(box.x(), hole.bottom() + 4, box.width(), 28)
        name = words.pick(f"{bay.no} 号孔", f"Bay {bay.no}")
        board.text(line, name, Ink(tone="t1" if chosen else "t2", bold=chosen))
        number = Ink(role="m", bold=True, align="right", tone="t1" if fit else "t3")
        board.text(line, words.number(bay.opening_m, 2), number)
        below = line.translated(0, 28)
        state = words.pick("故障", "fault") if bay.fault else self.say(BAY_MODES[bay.mode])
        board.text(below, words.pick("启闭中", "moving") if bay.moving else state, FAINT)
        if chosen and self.wish.target_m is not None:
            board.text(
                below, f"→ {words.number(self.wish.target_m, 2)}", Ink(tone="t2", align="right")
            )

    def _draw_hole(self, board: Board, hole: QRectF, bay: Bay, gate: Gate) -> None:
        share = min(1.0, max(0.0, bay.opening_m / gate.full_open_m)) if gate.full_open_m else 0.0
        water = hole.height() * share
        below = QRectF(hole.x(), hole.bottom() - water, hole.width(), water)
        board.painter.fillRect(below, water_color(board))
        leaf = QRectF(hole.x() + 8, hole.y(), hole.width() - 16, hole.height() - water)
        board.fill(leaf, "fill")
        if bay.no in self.wish.bays and self.wish.target_m is not None and gate.full_open_m:
            up = min(1.0, self.wish.target_m / gate.full_open_m) * hole.height()
            pen = QPen(QColor(board.theme.color("t1")), 2, Qt.PenStyle.DashLine)
            board.painter.setPen(pen)
            y = hole.bottom() - up
            board.painter.drawLine(QPointF(hole.x(), y), QPointF(hole.right(), y))
