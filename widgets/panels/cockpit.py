"""领导驾驶舱: the page that holds the cockpit's panels and lets the keys move among its tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.cockpit_layout import cockpit_boxes
from backend_client.contract.base import Text
from widgets.easel import Painted
from widgets.paint import Board
from widgets.panel import Age, Panel, Room
from widgets.panels.accountability import Accountability, UnitTable
from widgets.panels.county_map import INDICATOR, CountyMap
from widgets.panels.decisions import Decisions
from widgets.panels.drill import Drill, Step
from widgets.panels.linkage import Linkage
from widgets.panels.tiles import GROUP_PANELS, CockpitPanel, Focus, Shared
from widgets.spark import Sparks

MAKERS: Final[Mapping[str, type[CockpitPanel]]] = {
    **GROUP_PANELS,
    "accountability": Accountability,
    "units": UnitTable,
    "counties": CountyMap,
    "decisions": Decisions,
    "linkage": Linkage,
}
TOLD_MS: Final = 30_000
_SIDEWAYS: Final = 2.4
"""How much more a step aside counts than a step ahead when the next tile is looked for."""


class PageKey(NamedTuple):
    """One key of a page: its sequences, what it does in words, and the deed."""

    keys: tuple[str, ...]
    words: Text
    run: Callable[[], None]


class KeyedPage(Panel):
    """A page that takes a whole screen and has keys of its own.

    Signals:
        brief_wanted: the daily brief is to be written.
        object_wanted(str, int): an object is to be shown on the map: layer, number.
        gate_wanted(str): a sluice's panel is to be opened at a desk.
    """

    brief_wanted = Signal()
    object_wanted = Signal(str, int)
    gate_wanted = Signal(str)
    _told: QLabel | None = None

    def commands(self) -> tuple[PageKey, ...]:
        """Give the keys that work here."""
        return ()

    def go(self, x: int, y: int) -> None:
        """Move by an arrow key."""

    def arrows(self, what: Text) -> tuple[PageKey, ...]:
        """Give the four arrow keys, named after what they move among."""

        def key(name: str, zh: str, en: str, x: int, y: int) -> PageKey:
            words = Text(f"{zh}{what.zh}", f"{what.en} {en}")
            return PageKey((name,), words, lambda: self.go(x, y))

        return (
            key("Left", "左边的", "to the left", -1, 0),
            key("Right", "右边的", "to the right", 1, 0),
            key("Up", "上面的", "above", 0, -1),
            key("Down", "下面的", "below", 0, 1),
        )

    def leave(self) -> bool:
        """Go back a step; False when there is none."""
        return False

    def tell(self, text: Text) -> None:
        """Say something at the foot of the page for a while."""
        if self._told is None:
            self._told = QLabel(self)
            self._told.setAccessibleName("told")
        theme = self.room.theme
        small, pad = theme.size("s", self.room.seat), theme.size("s", self.room.seat) // 2
        self._told.setStyleSheet(
            f"background: {theme.color('raise')}; color: {theme.color('t1')};"
            f"font-size: {small}px; font-weight: bold; padding: {pad}px;"
        )
        self._told.setText(self.say(text))
        self._told.adjustSize()
        self._told.move(0, self.height() - self._told.height())
        self._told.show()
        self._told.raise_()
        QTimer.singleShot(TOLD_MS, self._told, self._told.hide)

    def age(self) -> Age | None:
        """Leave ages to the parts."""
        return None


class CockpitPage(KeyedPage):
    """Every group on one page; a tile opens down to its rows."""

    title = Text("领导驾驶舱", "Leader cockpit")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.shared = Shared(Focus(), Sparks(room, self))
        self.parts: dict[str, CockpitPanel] = {}
        self.drill = Drill(room, self.shared, self)
        self.drill.hide()
        room.theme.changed.connect(self._arrange)

    def commands(self) -> tuple[PageKey, ...]:
        """Give the keys: arrows move, Enter opens, I defines, R rows, P the brief."""
        return (
            *self.arrows(Text("指标", "tile")),
            PageKey(("Return", "Enter"), Text("下钻", "open"), self.enter),
            PageKey(("I",), Text("指标定义", "definition"), self.define),
            PageKey(("R",), Text("指标明细", "rows"), self.drill.rows),
            PageKey(("P",), Text("每日简报", "daily brief"), self.brief_wanted.emit),
        )

    def catch_up(self) -> None:
        """Let every part ask for what it shows."""
        self._arrange()
        for part in self.parts.values():
            part.catch_up()

    def pieces(self) -> tuple[Painted, ...]:
        """Give the page and its parts."""
        return (self, *self.parts.values())

    def ground(self) -> str:
        """Give the page's colour."""
        return self.room.theme.color("bg")

    def paint(self, painter: QPainter) -> None:
        """Paint the ground between the parts."""
        Board(painter, self.room.theme, self.room.seat).fill(QRectF(self.rect()), "bg")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put every part in its place."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        scale, seat = self.room.theme.scale(self.room.seat), self.room.seat
        modular = seat == "wall"
        boxes = cockpit_boxes(self.width(), self.height(), scale, modular=modular)
        for name in set(self.parts) - set(boxes):
            self.parts[name].hide()
        for name, box in boxes.items():
            if name not in self.parts:
                self.parts[name] = MAKERS[name](self.room, self.shared, self)
                self.parts[name].lower()
            self.parts[name].setGeometry(box.x, box.y, box.width, box.height)
            self.parts[name].show()
        top = boxes["decisions"].bottom
        first = boxes.get("linkage", boxes.get("units"))
        right = first.x if modular and first else self.width()
        self.drill.setGeometry(0, top, right, self.height() - top)
        self.drill.raise_()

    # ---- keys ------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Tell whether something is opened."""
        return not self.drill.isHidden()

    def go(self, x: int, y: int) -> None:
        """Move to the next tile in a direction, or in the list that is open."""
        if self.is_open:
            self.drill.go(y or x)
            return
        spots = self._spots()
        focus = self.shared.focus
        if focus.key not in spots:
            focus.key = min(spots, key=lambda key: (spots[key].y(), spots[key].x()), default="")
        else:
            focus.key = nearest(spots, focus.key, x, y)
        self.redraw_all()

    def enter(self) -> None:
        """Open the tile the keys are on, or go one level deeper."""
        if self.is_open:
            self._deeper()
            return
        step = step_of(self.shared.focus.key)
        if step is not None:
            self.open(step)
        elif self.shared.focus.key.startswith("decision:alarm:"):
            self._show_alarm(self.shared.focus.key.removeprefix("decision:alarm:"))
        elif self.shared.focus.key.startswith("decision:gate:"):
            self.gate_wanted.emit(self.shared.focus.key.removeprefix("decision:gate:"))

    def open(self, step: Step) -> None:
        """Open an indicator or a unit over the page."""
        self.drill.begin(step)
        self.drill.show()
        self.drill.raise_()

    def define(self) -> None:
        """Show what the tile under the keys means."""
        if not self.is_open:
            step = step_of(self.shared.focus.key)
            if step is None or not step.indicator:
                return
            self.open(step)
        self.drill.define()

    def leave(self) -> bool:
        """Close one level; False when nothing is open."""
        if not self.is_open:
            return False
        if not self.drill.back():
            self.drill.hide()
            self.redraw_all()
        return True

    def redraw_all(self) -> None:
        """Show where the keys are."""
        for part in self.parts.values():
            part.redraw()

    def _deeper(self) -> None:
        step = self.drill.step
        entries = self.drill.entries()
        if step.is_rows and entries is not None and self.drill.at < len(entries.entries):
            chosen = entries.entries[self.drill.at]
            if chosen.layer:
                self.object_wanted.emit(chosen.layer, chosen.oid)
            return
        self.drill.enter()

    def _show_alarm(self, alarm_id: str) -> None:
        alarm = self.room.stores.alarms.get(alarm_id)
        if alarm is not None:
            self.open(Step(f"alarms_{alarm.level}", "", is_rows=True))

    def _spots(self) -> dict[str, QRectF]:
        """Give where every tile lies on the page."""
        return {
            key: box.translated(QPointF(owner.pos()))
            for key, (owner, box) in self.shared.focus.spots.items()
            if owner.isVisibleTo(self)
        }


def step_of(key: str) -> Step | None:
    """Tell what a tile opens: an indicator, a county's part of one, a unit, what is overdue."""
    kind, _, rest = key.partition(":")
    if kind == "unit":
        return Step(unit=rest)
    if kind == "decision":
        return Step("overdue") if rest == "overdue" else None
    indicator, _, region = key.partition("@")
    return Step(indicator, region) if indicator else None


def nearest(spots: Mapping[str, QRectF], key: str, x: int, y: int) -> str:
    """Find the next tile in a direction: near ahead beats near aside; the same one at the edge."""
    here = spots[key]
    best, least = key, float("inf")
    for other, box in spots.items():
        ahead = (box.center().x() - here.center().x()) * x + (
            box.center().y() - here.center().y()
        ) * y
        aside = _gap(here, box, across=bool(x))
        if other == key or ahead <= 1:
            continue
        cost = ahead + _SIDEWAYS * aside
        if cost < least:
            best, least = other, cost
    return best


def _gap(one: QRectF, other: QRectF, *, across: bool) -> float:
    """Give how far two boxes are apart across the way; 0 where they overlap."""
    if across:
        return max(other.top() - one.bottom(), one.top() - other.bottom(), 0.0)
    return max(other.left() - one.right(), one.left() - other.right(), 0.0)


__all__ = ["INDICATOR", "CockpitPage", "KeyedPage", "nearest", "step_of"]
