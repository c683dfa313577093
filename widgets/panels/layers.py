"""The layer card drawn from its LayerSpec: a new layer needs no line here."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from app.i18n import NOT_SET
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
        self.title, self.owner = spec.title, spec.owner
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
        return CardFigures(
            number=self._measure(first),
            unit=first.unit,
            rows=tuple((one.title, self._measure(one)) for one in others[:2]),
            abnormal=self._spec.abnormal(self.room.figures),
            trend=self.room.pulse.trend(self._spec.layer_id),
        )

    def _measure(self, card: Measured) -> str:
        value, words = card.measure(self.room.figures), self.room.words
        if value is None:
            return words.say(NOT_SET) if card.kind == "instant" else words.number(None)
        if card.kind == "instant":
            return words.minute(datetime.fromtimestamp(value, UTC))
        return words.number(value, card.digits)
