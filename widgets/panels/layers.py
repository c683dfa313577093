"""The layer card drawn from its LayerSpec: a new layer needs no line here."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from app.i18n import NOT_SET, Words
from backend_client.contract.base import Text
from maps.spec import Card as Measured
from maps.spec import LayerSpec
from widgets.card import Card, CardFigures
from widgets.panel import Age, Face, Room


class LayerCard(Card):
    """One layer's number, two rows, abnormal count, owner and age."""

    def __init__(self, room: Room, spec: LayerSpec, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._spec = spec
        self.layer = spec.layer_id
        self.title = spec.title
        self.owner = room.names.department(spec.department)
        self.glyph, self.group = spec.glyph, f"g_{spec.group}"

    def age(self) -> Age:
        """Give the age of the layer's newest value."""
        feed = self.room.figures.feed(self._spec.layer_id)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show that nothing came yet rather than a zero."""
        known = super().face()
        feed = self.room.figures.feed(self._spec.layer_id)
        return Face.EMPTY if known is Face.READY and feed.newest_at is None else known

    def figures(self) -> CardFigures:
        """Give what the spec measures."""
        first, *others = self._spec.cards
        whole, words = self._whole(first), self.room.words
        unit = Text(f"{whole} {first.unit.zh}".strip(), f"{whole} {first.unit.en}".strip())
        return CardFigures(
            number=self._measure(first),
            unit=unit,
            rows=tuple((one.title, self._row(one, words)) for one in others[:2]),
            abnormal=self._spec.bad(self.room.figures),
            trend=self.room.pulse.trend(self._spec.layer_id),
        )

    def _row(self, card: Measured, words: Words) -> str:
        value = self._measure(card)
        if value == "–" or card.kind == "instant":
            return value
        if card.of:
            return f"{words.compact(card.measure(self.room.figures))}{self._whole(card)}"
        gap = " " if words.language == "en" else ""
        return f"{value}{gap}{words.say(card.unit)}".strip()

    def _whole(self, card: Measured) -> str:
        """Write what the number is a part of."""
        return f"/{self.room.words.compact(card.of(self.room.figures))}" if card.of else ""

    def _measure(self, card: Measured) -> str:
        value, words = card.measure(self.room.figures), self.room.words
        if card.kind == "instant":
            at = datetime.fromtimestamp(value, UTC) if value is not None else None
            return words.minute(at) if at else words.say(NOT_SET)
        if card.kind == "change":
            return words.change(value, card.digits)
        if value is not None and not card.digits:
            return words.short(round(value))
        return words.number(value, card.digits)
