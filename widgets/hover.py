"""What lies under the pointer, in one line: name, sort, level, number, age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.details import Details
from app.places import feature_name
from maps.spec import LayerSpec
from widgets.panel import Room
from widgets.panels.object import Standing, level_words, standing_at
from widgets.panels.theme import value_words

REST_MS: Final = 150  # the name is fetched once the pointer rests
GONE_MS: Final = 6_000


class Hover(QObject):
    """Word the object under the pointer; nothing after a while.

    Signals:
        changed(str): the line to show, empty for none.
    """

    changed = Signal(str)

    def __init__(
        self,
        room: Room,
        details: Details,
        specs: Mapping[str, LayerSpec],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._room, self._details, self._specs = room, details, specs
        self._layer, self._oid = "", 0
        self._rests, self._goes = self._timer(REST_MS), self._timer(GONE_MS)
        self._rests.timeout.connect(self._tell_named)
        self._goes.timeout.connect(self.leave)
        details.changed.connect(self._on_detail)

    def _timer(self, length_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(length_ms)
        return timer

    def point(self, layer: str, oid: int) -> None:
        """Show another object, at first by what its row says."""
        self._layer, self._oid = layer, oid
        self._rests.start()
        self._goes.start()
        self.changed.emit(self.line(""))

    def leave(self) -> None:
        """Show nothing."""
        self._layer, self._oid = "", 0
        self.changed.emit("")

    def _tell_named(self) -> None:
        feature = self._details.feature(self._layer, self._oid) if self._layer else None
        if feature is not None:
            self.changed.emit(self.line(self._room.words.say(feature_name(feature))))

    def _on_detail(self, layer: str, oid: int) -> None:
        if (layer, oid) == (self._layer, self._oid):
            self._tell_named()

    def line(self, name: str) -> str:
        """Word the object as its row in the store has it now."""
        found = standing_at(self._room.stores, self._layer, self._oid)
        spec, words = self._specs.get(self._layer), self._room.words
        if found is None or spec is None:
            return name
        kind = spec.kind(found.kind)
        return words.join(
            name,
            words.say(kind.title) if kind else found.kind,
            level_words(self._room, kind, found.state),
            self._number(found, spec),
            words.age(self._room.stores.age_of_s(found.observed_at)),
        )

    def _number(self, found: Standing, spec: LayerSpec) -> str:
        kind = spec.kind(found.kind)
        if found.speed_kmh is not None:
            return f"{self._room.words.number(found.speed_kmh)} km/h"
        return (
            value_words(self._room, kind, found.value) if kind and found.value is not None else ""
        )
