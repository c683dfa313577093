"""One object of the map: what it is, its own fields with units, whose it is, how old that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.details import Details
from app.places import feature_name
from app.stores import Stores
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.feature import Feature
from backend_client.contract.gates import Gate
from maps.spec import Field, Kind, LayerSpec
from widgets.levels import read_instant
from widgets.paint import FAINT, Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.panels.events import STATES
from widgets.panels.resources import kind_words
from widgets.panels.sluices import doing, opening_words
from widgets.panels.theme import value_words

ROW = 42
FOOT = 60
NORMAL = Text("正常", "normal")
YES_NO = (Text("否", "no"), Text("是", "yes"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an object says now: its sort, its state, its value, and when it said so."""

    kind: str
    state: int
    value: float | None
    observed_at: datetime
    speed_kmh: float | None = None


def level_words(room: Room, kind: Kind | None, level: int) -> str:
    """Say an object's level and what it means for its kind."""
    words = room.words
    if not level:
        return words.say(NORMAL)
    means = kind.states.get(level) if kind else None
    return words.join(words.level(level), words.say(means) if means else "")


def standing_at(stores: Stores, layer: str, oid: int) -> Standing | None:
    """Find an object in its layer's fixes or block; None when it is in neither."""
    fixes = stores.positions.latest(layer)
    row = _row(fixes.oid, oid)
    if row is not None:
        at = datetime.fromtimestamp(int(fixes.observed_ms[row]) / 1000, UTC)
        word, speed = fixes.kinds[int(fixes.kind[row])], float(fixes.speed_kmh[row])
        return Standing(word, int(fixes.state[row]), None, at, speed)
    block = stores.blocks.get(layer)
    row = _row(block.oid, oid)
    if row is None:
        return None
    value = float(block.value[row])
    at = datetime.fromtimestamp(int(block.observed_s[row]), UTC)
    known = value if math.isfinite(value) else None
    return Standing(block.kinds[int(block.kind[row])], int(block.state[row]), known, at)


def _row(oids: npt.NDArray[np.uint32], oid: int) -> int | None:
    """Find an object's row; the columns are sorted by oid."""
    row = int(np.searchsorted(oids, oid))
    return row if row < oids.size and int(oids[row]) == oid else None


def standing_of(room: Room, feature: Feature) -> Standing:
    """Take the newest of the layer's block or positions; the fetched fields may be older."""
    found = standing_at(room.stores, feature.layer, feature.oid)
    if found is None:
        return Standing(feature.kind, feature.state, feature.value, feature.observed_at)
    if found.speed_kmh is None:
        return found
    return replace(found, value=feature.value)  # a fix carries none


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
        self._has_button = room.seat == "desk"  # nobody commands a sluice from the wall
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
        self.button.setVisible(self.gate is not None and self._has_button)
        self._place_button()
        self.redraw()

    def _on_detail(self, layer: str, oid: int) -> None:
        if (layer, oid) == (self._layer, self._oid):
            self.refresh()

    def heading(self) -> str:
        """Give the object's name, in English where its source has one."""
        feature = self.feature
        return super().heading() if feature is None else self.say(feature_name(feature))

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
        known = [field for field in spec.shown_fields if values.get(field.key) is not None]
        own = [(self.say(field.title), self._words_of(field, values)) for field in known]
        return [*found, *own, *self._of_source(feature)]

    def _live(self, feature: Feature, spec: LayerSpec) -> list[tuple[str, str]]:
        """Word what changes from minute to minute: state, value, since when."""
        words, now = self.room.words, standing_of(self.room, feature)
        at = f"{words.day(now.observed_at)} {words.clock(now.observed_at)}"
        kind = spec.kind(now.kind)
        found = [
            (words.pick("状态", "State"), level_words(self.room, kind, now.state)),
            (words.pick("观测", "Observed"), at),
        ]
        if now.speed_kmh is not None:
            found.append((words.pick("车速", "Speed"), f"{words.number(now.speed_kmh)} km/h"))
        if kind and kind.value and now.value is not None:
            shown = value_words(self.room, kind, now.value)
            found.append((words.say(kind.value.title), shown))
        return found

    def _of_source(self, feature: Feature) -> list[tuple[str, str]]:
        """Name the registered feed that brought it last, and whom to call about it."""
        words, feed = self.room.words, self.room.stores.feeds.get(feature.feed)
        if feed is None:
            return []
        unit = words.say(self.room.names.department(feed.department))
        rows = [
            (words.pick("来源", "Feed"), words.say(feed.title)),
            (words.pick("数据单位", "Its owner"), words.join(unit, feed.contact)),
        ]
        phone = (words.pick("单位电话", "Owner's phone"), feed.phone)
        return [*rows, phone] if feed.phone else rows  # a line of its own: never cut

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

    def _words_of(self, field: Field, values: Mapping[str, object]) -> str:
        words, value = self.room.words, values[field.key]
        if words.language == "en":
            value = values.get(f"{field.key}_en") or value
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
        left, high = area.x(), board.u(ROW)
        if spec is not None:
            size = board.u(27)
            at = QPointF(left, area.y() + (high - size) / 2)
            board.glyph(at, spec.glyph, f"g_{spec.group}", size)
            left += size + board.u(15)
        head = QRectF(left, area.y(), area.right() - left, high)
        board.text(head, self.line(), Ink(tone="t2", elide=True))
        foot = FOOT if self.gate is not None and self._has_button else 0
        rows, label = self.rows(), area.width() * 0.34
        fit = max(1, int((area.height() - foot) // high) - 1)
        shown = rows if len(rows) <= fit else rows[: fit - 1]
        y = area.y() + high
        for title, value in shown:
            board.text(QRectF(area.x(), y, label, high), title, Ink(tone="t2", elide=True))
            box = QRectF(area.x() + label, y, area.width() - label, high)
            board.text(box, value, Ink(elide=True))
            y += high
        hidden = len(rows) - len(shown)
        if hidden and feature is not None:
            more = self.room.words.pick(f"另有 {hidden} 项", f"{hidden} more")
            board.text(QRectF(area.x(), y, area.width(), high), more, FAINT)

    def _place_button(self) -> None:
        size = self.button.sizeHint()
        y = self.height() - size.height() - 10
        self.button.setGeometry(16, y, size.width(), size.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the button at the foot."""
        self._place_button()
