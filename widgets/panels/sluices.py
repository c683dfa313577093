"""Sluices on the wall: inner and outer level, opening, flow, what each is doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.figures import WATER, is_open
from app.i18n import MINUS, Words
from backend_client.contract.base import Text
from backend_client.contract.gates import Gate
from widgets.paint import Board
from widgets.panel import Age, Face, Panel, Room
from widgets.tables import Cell, Head, draw_table, more_note

LINKS: dict[str, Text] = {
    "late": Text("数据迟到", "data late"),
    "offline": Text("无数据", "no data"),
}


def gate_order(gate: Gate) -> tuple[bool, bool, str]:
    """Order sluices the same every day: those with bays in the city's register first."""
    return (gate.outer_level_m is None, not gate.bays, gate.item_id)


def opening_words(gate: Gate, words: Words) -> str:
    """Write the widest opening, or that there is no bay."""
    if not gate.bays:
        return "–"
    return words.number(max(bay.opening_m for bay in gate.bays), 2)


def doing(gate: Gate, words: Words, now: datetime) -> tuple[str, int]:
    """Say what a sluice is doing in few words, and the level of what is wrong."""
    faulty = any(bay.fault for bay in gate.bays)
    moving = any(bay.moving for bay in gate.bays)
    window = gate.next_window
    ahead = window is not None and now < window.end_at
    begun = window is not None and window.start_at <= now < window.end_at
    start, end = (
        (words.minute(window.start_at), words.minute(window.end_at)) if window else ("", "")
    )
    backward = (gate.flow_m3s or 0) < 0
    # What holds first is said; the last row always holds.
    cases: tuple[tuple[bool, Text, int], ...] = (
        (gate.link in LINKS, LINKS.get(gate.link, Text("", "")), 0),
        (faulty, Text("故障", "fault"), 2),
        (moving, Text("启闭中", "moving"), 0),
        (is_open(gate) and backward, Text("倒灌", "backflow"), 0),
        (is_open(gate), Text("开", "open"), 0),
        (begun, Text(f"可排至 {end}", f"drains to {end}"), 0),
        (ahead, Text(f"候潮 {start}", f"waits {start}"), 0),
        (True, Text("关", "closed"), 0),
    )
    text, level = next((text, level) for holds, text, level in cases if holds)
    return words.say(text), level


class Sluices(Panel):
    """A short table for the general scene."""

    layer = WATER
    title = Text("沿江沿海闸站", "Sluices")
    empty_words = Text("无闸站", "No sluices")
    empty_reason = Text("尚未收到", "none received yet")
    wide = False

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._rows: dict[str, tuple[Gate, tuple[str, str], tuple[Cell, ...]]] = {}

    def age(self) -> Age:
        """Give the age of the newest reading."""
        feed = self.room.figures.feed(WATER)
        times = [gate.observed_at for gate in self.room.stores.gates.all() if gate.observed_at]
        if not times:
            return Age(feed.age_s, feed.period_s)
        return Age(self.room.stores.age_of_s(max(times)), feed.period_s)

    def note(self) -> str:
        """Count the sluices that stand open."""
        now = self.room.figures.water
        return self.room.words.pick(
            f"开 {now.gates_open} / {now.gates}", f"{now.gates_open} of {now.gates} open"
        )

    def face(self) -> Face:
        """Show an empty face while no sluice is known."""
        known = super().face()
        if known is Face.READY and not self.room.stores.gates.all():
            return Face.EMPTY
        return known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per sluice."""
        gates = sorted(self.room.stores.gates.all(), key=gate_order)
        rows = [self._known_row(gate) for gate in gates]
        foot = board.u(34) if self.wide else 0
        shown = draw_table(board, area.adjusted(0, 0, 0, -foot), heads=self._heads(), rows=rows)
        left = len(rows) - shown
        if self.wide and left > 0:
            more_note(board, area, self.room.words.pick(f"另有 {left} 座", f"{left} more"))

    def _heads(self) -> Sequence[Head]:
        pick = self.room.words.pick
        return (
            Head(pick("闸站", "Sluice"), 2.55),
            Head(pick("内河", "Inner"), 1.1, "right"),
            Head(pick("外江", "Outer"), 1.15, "right"),
            Head(pick("开度", "Open"), 1.1, "right"),
            Head(pick("状态", "State"), 2.95),
        )

    def _known_row(self, gate: Gate) -> tuple[Cell, ...]:
        """Word a sluice once for as long as it stays as it is, yet each minute anew."""
        words = self.room.words
        when = (words.language, words.minute(self.room.stores.server_now()))
        known = self._rows.get(gate.item_id)
        if known is None or known[0] is not gate or known[1] != when:
            known = self._rows[gate.item_id] = (gate, when, self._row(gate))
        return known[2]

    def _row(self, gate: Gate) -> tuple[Cell, ...]:
        words = self.room.words
        state, level = doing(gate, words, self.room.stores.server_now())
        tone = "t3" if gate.link == "offline" else "t1"
        return (
            Cell(self.say(gate.name).removesuffix(" sluice"), tone, elide=True),
            Cell(words.number(gate.inner_level_m, 2), tone),
            Cell(words.number(gate.outer_level_m, 2), tone),
            Cell(opening_words(gate, words), tone),
            Cell(state, "t2", level=level),
        )


class SluiceTable(Sluices):
    """The long table of the water scene, with flow and next window."""

    title = Text("闸站", "Sluices")
    wide = True

    def _heads(self) -> Sequence[Head]:
        pick = self.room.words.pick
        english = self.room.words.language == "en"
        return (
            Head(pick("闸站", "Sluice"), 2.55 if english else 2.4),
            Head(pick("内河", "Inner"), 1.05, "right"),
            Head(pick("外江", "Outer"), 1.05, "right"),
            Head(pick("开度 m", "Open"), 1.3, "right"),
            Head(pick("流量 m³/s", "m³/s"), 1.85 if english else 1.9, "right"),
            Head(pick("状态", "State"), 2.75),
            Head(pick("下个窗口", "Window"), 2.2, "right"),
        )

    def _row(self, gate: Gate) -> tuple[Cell, ...]:
        words = self.room.words
        name, inner, outer, opening, state = super()._row(gate)
        window = gate.next_window
        span = "–"
        if window:
            span = words.range(words.minute(window.start_at), words.minute(window.end_at))
        flow = words.number(gate.flow_m3s, 1)
        backward = flow.startswith(MINUS)
        return (
            name,
            inner,
            outer,
            opening,
            Cell(flow, "t1" if backward else name.tone, bold=backward),
            state,
            Cell(span, "t2"),
        )
