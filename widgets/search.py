"""The search box: words in, a list to walk through by keys, Enter goes there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.actions.search import Search
from app.figures import REQUESTS
from app.stores import Stores
from backend_client.contract.base import Text
from backend_client.contract.columns import E7
from backend_client.contract.search import Hit
from maps.spec import LayerSpec
from widgets.commands import walk
from widgets.paint import glyph_pixmap, state_pixmap
from widgets.panel import Room
from widgets.panels.resources import kind_words

HINT = Text("名称 · 车牌 · 编号 · 地点", "name, plate, number or place")
NOTHING = Text(
    "没有找到。换个说法，或检查是否在权限内。", "Nothing found. Other words, or not in your scope."
)
WAITING = Text("查找中…", "searching …")
WHAT = {
    "place": Text("地点", "place"),
    "event": Text("事件", "event"),
    "feature": Text("对象", "object"),
}
MORE = Text("还有更多，请写得更具体。", "There is more: be more precise.")


def object_of(stores: Stores, hit: Hit) -> tuple[str, int]:
    """Give layer and oid of a hit; of an event those of its chip, empty when it has none."""
    if hit.what == "feature":
        return hit.layer, hit.oid
    event = stores.events.get(hit.item_id)
    if event is None or event.lon is None or event.lat is None:
        return "", 0
    return REQUESTS, stores.blocks.at(REQUESTS, event.lon, event.lat) or 0


def place_of(stores: Stores, hit: Hit) -> tuple[float, float] | None:
    """Give where a hit is now: a moving object by its latest fix."""
    fixes = stores.positions.latest(hit.layer)
    row = int(np.searchsorted(fixes.oid, hit.oid))
    if hit.what == "feature" and row < fixes.oid.size and int(fixes.oid[row]) == hit.oid:
        return float(fixes.lon_e7[row] / E7), float(fixes.lat_e7[row] / E7)
    if hit.lon is not None and hit.lat is not None:
        return hit.lon, hit.lat
    return _middle_of(stores, hit.region) if hit.what == "place" else None


def _middle_of(stores: Stores, region: str) -> tuple[float, float] | None:
    """Give the middle of what stands in a region: not every town's place is in our tables."""
    for layer in stores.blocks.layers():
        block = stores.blocks.get(layer)
        if region not in block.regions:
            continue
        rows = np.flatnonzero(block.region == block.regions.index(region))
        if rows.size:
            lon, lat = np.median(block.lon_e7[rows]) / E7, np.median(block.lat_e7[rows]) / E7
            return float(lon), float(lat)
    return None


class SearchBox(QDialog):
    """Type, walk with the arrows, go with Enter.

    Signals:
        chosen(Hit): the thing to go to.
    """

    chosen = Signal(object)

    def __init__(
        self,
        room: Room,
        search: Search,
        specs: Mapping[str, LayerSpec],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._room, self._search, self._specs = room, search, specs
        self._small = room.theme.size("s", room.seat)
        self.shown: list[Hit] = []
        self.query, self.list, self.said = QLineEdit(self), QListWidget(self), QLabel(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(self._small, self._small))
        self.said.setProperty("tone", "t3")
        self.said.setWordWrap(True)
        self.setStyleSheet(room.theme.qss(room.seat))
        self.setWindowTitle(room.words.pick("搜索", "Search"))
        self.query.setPlaceholderText(room.words.say(HINT))
        box = QVBoxLayout(self)
        box.setContentsMargins(self._small, self._small, self._small, self._small)
        for part in (self.query, self.list, self.said):
            box.addWidget(part)
        self.resize(self._small * 40, self._small * 34)
        self.query.setText(search.query)
        self.query.selectAll()
        self.query.textChanged.connect(search.ask)
        self.query.returnPressed.connect(self.go)
        self.list.itemClicked.connect(self.go)
        search.changed.connect(self._fill)
        self._fill()

    def go(self) -> None:
        """Go to the chosen row; nothing is gone to before there is one."""
        at = self.list.currentRow()
        if 0 <= at < len(self.shown):
            hit = self.shown[at]
            self.accept()
            self.chosen.emit(hit)

    def _fill(self) -> None:
        """Show the answer; rows of layers that are not offered are left out."""
        search, words = self._search, self._room.words
        self.shown = [hit for hit in search.hits if self._is_offered(hit)]
        self.list.clear()
        for hit in self.shown:
            self.list.addItem(QListWidgetItem(self._icon(hit), self.line(hit)))
        self.list.setCurrentRow(0)
        text = search.fault
        if text is None and search.is_waiting:
            text = WAITING
        if text is None and search.query and not self.shown:
            text = NOTHING
        if text is None and search.answer is not None and search.answer.more:
            text = MORE
        self.said.setText(words.say(text) if text else "")

    def _is_offered(self, hit: Hit) -> bool:
        return hit.what != "feature" or self._room.sees(hit.layer)

    def line(self, hit: Hit) -> str:
        """Word one thing: name, sort, county, level, and the words it was found by."""
        words, names = self._room.words, self._room.names
        name = hit.name_en if words.language == "en" and hit.name_en else hit.name
        sort = (
            kind_words(self._specs, hit.layer, hit.kind)
            if hit.what == "feature"
            else WHAT[hit.what]
        )
        found = hit.text if hit.text and hit.text not in (hit.name, hit.name_en) else ""
        return words.join(
            name,
            words.say(sort),
            words.say(names.county(hit.region)),
            self._level(hit),
            found,
        )

    def _level(self, hit: Hit) -> str:
        if not hit.state:
            return ""
        spec = self._specs.get(hit.layer)
        kind = spec.kind(hit.kind) if spec else None
        means = kind.states.get(hit.state) if kind else None
        words = self._room.words
        return words.join(words.level(hit.state), words.say(means) if means else "")

    def _icon(self, hit: Hit) -> QIcon:
        """Give the layer's glyph; an abnormal object's level shape takes its place."""
        theme, size = self._room.theme, self._small
        if hit.state:
            return QIcon(state_pixmap(hit.state, size, outlined=bool(theme.state_outline)))
        spec = self._specs.get(hit.layer)
        if spec is None:
            return QIcon()
        return QIcon(glyph_pixmap(spec.glyph, theme.color(f"g_{spec.group}"), size))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the list while typing."""
        if not walk(self.list, event):
            super().keyPressEvent(event)
