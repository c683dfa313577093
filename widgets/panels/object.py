"""One object of the map: what it is, its own fields with units, whose it is, how old that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.details import Details
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.feature import Feature
from backend_client.contract.gates import Gate
from maps.spec import Field, LayerSpec
from widgets.charts import read_instant
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.panels.events import STATES
from widgets.panels.resources import kind_words
from widgets.panels.sluices import doing, opening_words

ROW = 28
FOOT = 60
NORMAL = Text("正常", "normal")
YES_NO = (Text("否", "no"), Text("是", "yes"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an object says now: its state, its value, and when it said so."""

    state: int
    value: float | None
    observed_at: datetime


def standing_of(room: Room, feature: Feature) -> Standing:
    """Take the newest of the layer's block or positions; the fetched fields may be older."""
    fixes = room.stores.positions.latest(feature.layer)
    rows = np.flatnonzero(fixes.oid == feature.oid)
    if rows.size:
        at = datetime.fromtimestamp(int(fixes.observed_ms[rows[0]]) / 1000, UTC)
        return Standing(int(fixes.state[rows[0]]), feature.value, at)
    block = room.stores.blocks.get(feature.layer)
    rows = np.flatnonzero(block.oid == feature.oid)
    if rows.size:
        value = float(block.value[rows[0]])
        at = datetime.fromtimestamp(int(block.observed_s[rows[0]]), UTC)
        return Standing(int(block.state[rows[0]]), value if math.isfinite(value) else None, at)
    return Standing(feature.state, feature.value, feature.observed_at)


class ObjectPage(Panel):
    """The object last clicked on the map.

    Signals:
        gate_wanted(str): the gate panel of this sluice was asked for.
    """

    gate_wanted = Signal(str)
    title = Text("对象", "Object")
    empty_words = Text("读不到此对象", "This object cannot be read")
    empty_reason = Text(
        "已撤下、不在权限内或与后台断开；自动重试",
        "gone, outside your scope, or the service is lost; tried again by itself",
    )

    def __init__(
        self,
        room: Room,
        details: Details,
        specs: Mapping[str, LayerSpec],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(room, parent)
        self._details, self._specs = details, specs
        self._layer, self._oid = "", -1
        self.button = QPushButton(self)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.ask_for_gate)
        details.changed.connect(self._on_detail)
        room.words.changed.connect(self.refresh)
        room.stores.gates.changed.connect(self.refresh)
        self.refresh()

    def show_object(self, layer: str, oid: int) -> None:
        """Show another object."""
        self._layer, self._oid = layer, oid
        self._details.feature(layer, oid)  # asks for the fields
        self.refresh()

    @property
    def feature(self) -> Feature | None:
        """Give the object's fields as last fetched."""
        return self._details.feature(self._layer, self._oid) if self._layer else None

    @property
    def gate(self) -> Gate | None:
        """Give the sluice this object is, if it is one."""
        feature = self.feature
        return self.room.stores.gates.get(feature.id) if feature else None

    def ask_for_gate(self) -> None:
        """Ask for the gate panel when this is a sluice."""
        gate = self.gate
        if gate is not None:
            self.gate_wanted.emit(gate.item_id)

    def refresh(self) -> None:
        """Word the button and show it for a sluice only."""
        self.button.setText(self.room.words.pick("G 闸门指令", "G gate command"))
        self.button.setVisible(self.gate is not None)
        self._place_button()
        self.redraw()

    def _on_detail(self, layer: str, oid: int) -> None:
        if (layer, oid) == (self._layer, self._oid):
            self.refresh()

    def heading(self) -> str:
        """Give the object's name, in English where its source has one."""
        feature = self.feature
        if feature is None:
            return super().heading()
        english = feature.properties.get("name_en")
        return self.room.words.pick(
            feature.name, english if isinstance(english, str) else feature.name
        )

    def note(self) -> str:
        """Name the key that leaves."""
        return self.room.words.pick("Esc 关闭", "Esc close")

    def age(self) -> Age | None:
        """Give the age of the object's state."""
        feature = self.feature
        spec = self._specs.get(self._layer)
        if feature is None or spec is None:
            return None
        kind = spec.kind(feature.kind)
        period_s = (kind.period_s if kind else None) or spec.refresh_s
        observed_at = standing_of(self.room, feature).observed_at
        return Age(self.room.stores.age_of_s(observed_at), period_s)

    def face(self) -> Face:
        """Wait while the fields are being fetched; say so when they do not come."""
        known = super().face()
        if known is not Face.READY or self.feature is not None:
            return known
        missing = self._details.is_missing(self._layer, self._oid)
        return Face.EMPTY if missing else Face.LOADING

    def rows(self) -> list[tuple[str, str]]:
        """Give label and words of everything known of the object."""
        feature, spec = self.feature, self._specs.get(self._layer)
        if feature is None or spec is None:
            return []
        values: dict[str, object] = dict(feature.properties)
        values |= self._of_event(self.room.stores.events.get(feature.id))
        found = [*self._live(feature, spec), *self._of_gate(self.gate)]
        known = [field for field in spec.fields if values.get(field.key) is not None]
        own = [(self.say(field.title), self._words_of(field, values[field.key])) for field in known]
        return [*found, *own]

    def _live(self, feature: Feature, spec: LayerSpec) -> list[tuple[str, str]]:
        """Word what changes from minute to minute: state, value, since when."""
        words, now = self.room.words, standing_of(self.room, feature)
        level = words.level(now.state) if now.state else words.say(NORMAL)
        at = f"{words.day(now.observed_at)} {words.clock(now.observed_at)}"
        found = [(words.pick("状态", "State"), level), (words.pick("观测", "Observed"), at)]
        kind = spec.kind(feature.kind)
        if kind and kind.unit and now.value is not None:
            value = f"{words.number(now.value, kind.digits)} {words.say(kind.unit)}"
            found.append((words.pick("当前值", "Value"), value))
        return found

    def _of_gate(self, gate: Gate | None) -> list[tuple[str, str]]:
        if gate is None:
            return []
        words = self.room.words
        return [
            (words.pick("工况", "Doing"), doing(gate, words, self.room.stores.server_now())[0]),
            (words.pick("内河", "Inner"), f"{words.number(gate.inner_level_m, 2)} m"),
            (words.pick("外江", "Outer"), f"{words.number(gate.outer_level_m, 2)} m"),
            (words.pick("开度", "Opening"), f"{opening_words(gate, words)} m"),
            (words.pick("流量", "Flow"), f"{words.number(gate.flow_m3s, 1)} m³/s"),
        ]

    def _of_event(self, event: Event | None) -> dict[str, object]:
        if event is None:
            return {}
        return {
            "place": event.place,
            "state": self.say(STATES[event.state]),
            "due_at": event.due_at.isoformat() if event.due_at else None,
        }

    def _words_of(self, field: Field, value: object) -> str:
        words = self.room.words
        match value:
            case bool():
                text = words.say(YES_NO[value])
            case int() | float():
                text = words.number(float(value), field.digits)
            case list() | tuple():
                text = ", ".join(str(one) for one in value)
            case str() if field.kind == "instant":
                at = read_instant(value)
                text = f"{words.day(at)} {words.minute(at)}" if at else value
            case _:
                text = str(value)
        return f"{text} {words.say(field.unit)}".strip()

    def line(self) -> str:
        """Give kind, place and whose data it is."""
        feature, words = self.feature, self.room.words
        if feature is None:
            return ""
        simulated = bool(feature.properties.get("generated"))
        return words.join(
            words.say(kind_words(self._specs, feature.layer, feature.kind)),
            words.say(self.room.names.where(feature.region)),
            words.pick("来源 ", "from ")
            + words.say(self.room.names.department(feature.department)),
            words.pick("演示生成", "generated") if simulated else "",
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the line, then one row per field; what has no room is counted."""
        spec, feature = self._specs.get(self._layer), self.feature
        left = area.x()
        if spec is not None:
            board.glyph(QPointF(left, area.y() + 5), spec.glyph, f"g_{spec.group}", 18)
            left += 28
        head = QRectF(left, area.y(), area.right() - left, ROW)
        board.text(head, self.line(), Ink(tone="t2", elide=True))
        foot = FOOT if self.gate is not None else 0
        rows, label = self.rows(), area.width() * 0.34
        fit = max(1, int((area.height() - foot) // ROW) - 1)
        shown = rows if len(rows) <= fit else rows[: fit - 1]
        y = area.y() + ROW
        for title, value in shown:
            board.text(QRectF(area.x(), y, label, ROW), title, LABEL)
            box = QRectF(area.x() + label, y, area.width() - label, ROW)
            board.text(box, value, Ink(elide=True))
            y += ROW
        hidden = len(rows) - len(shown)
        if hidden and feature is not None:
            more = self.room.words.pick(f"另有 {hidden} 项", f"{hidden} more")
            board.text(QRectF(area.x(), y, area.width(), ROW), more, FAINT)

    def _place_button(self) -> None:
        size = self.button.sizeHint()
        y = self.height() - size.height() - 10
        self.button.setGeometry(16, y, size.width(), size.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the button at the foot."""
        self._place_button()
