"""One wall scene on one surface: header, strip, both wings of panels, the map between them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.band import places_of
from app.details import Details
from app.scenes import Place, Scene, Side
from app.wall import GAP, Box, Layout, Zone, band_place, place, whole_layout
from app.wall_plan import Piece, own_layout
from widgets.panel import Panel, Room
from widgets.panel_table import make_panel
from widgets.panels.cockpit import KeyedPage
from widgets.panels.object import ObjectPage
from widgets.shell import Header, Standing
from widgets.strip import Strip

Key = tuple[str, Side, Place]
OBJECT_SIZE = (600, 620)  # drawn lengths; the wall scales them with its text


class Stage(QWidget):
    """Show a scene; panels of a scene seen before are kept as they were.

    Signals:
        arranged(Layout): everything lies where it belongs now.
        page_made(KeyedPage): a page with keys of its own was made.
    """

    arranged = Signal(object)
    page_made = Signal(object)

    def __init__(
        self,
        room: Room,
        details: Details,
        facts: Standing,
        *,
        scene: Scene,
        map_view: QWidget | None = None,
        piece: Piece | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.room = room
        self._piece = piece
        self._details = details
        self._scene = scene
        self._is_turned = False
        self._made: Collection[str] = ()
        self.header = Header(room, facts, scene, modular=True, parent=self)
        self.strip = Strip(room, facts, self, modular=True)
        self.map_view = map_view
        if map_view is not None:
            map_view.setParent(self)
        self._panels: dict[Key, Panel] = {}
        self.object: ObjectPage | None = None
        room.theme.changed.connect(self._on_theme)
        self.show_scene(scene)

    @property
    def scene(self) -> Scene:
        """Give the scene shown."""
        return self._scene

    def panels(self) -> tuple[Panel, ...]:
        """Give the panels of the scene shown."""
        return tuple(
            panel for (scene, _, _), panel in self._panels.items() if scene == self._scene.scene_id
        )

    def show_scene(self, scene: Scene) -> None:
        """Show another scene, once its pictures are made."""
        self._scene = scene
        self.header.show_scene(scene)
        here = self._made = self._sides()
        for side, places in places_of(scene).items():
            for where in places if side in here else ():
                key = (scene.scene_id, side, where)
                self._soon(f"make {key}", partial(self._make, key))
        self._soon(f"made {scene.scene_id}", partial(self._on_made, scene))

    def _soon(self, what: str, job: Callable[[], None]) -> None:
        self.room.pulse.easel.soon(self, what, job)

    def _make(self, key: Key) -> None:
        """Make a panel and its pictures before anybody sees it."""
        _scene, side, where = key
        if key not in self._panels:
            made = make_panel(where.panel, self.room, self._details, self)
            made.hide()
            self._panels[key] = made
            if isinstance(made, KeyedPage):
                self.page_made.emit(made)
        panel, found = self._panels[key], self.layout_now()
        wing = found.zones.get(side)
        if wing is None or not self.isVisible() or not self.room.pulse.easel.is_running:
            return
        _put(panel, place(wing, where, found.scale, side))
        panel.catch_up()
        for piece in panel.pieces():
            self.room.pulse.easel.soon(piece, "picture", piece.draw_picture)

    def _on_made(self, scene: Scene) -> None:
        """Wait for the pictures asked for meanwhile, then change scenes in one go."""
        self._soon(f"show {scene.scene_id}", partial(self._swap, scene))

    def _swap(self, scene: Scene) -> None:
        if scene == self._scene:
            self._arrange()

    def show_object(self, layer: str, oid: int) -> None:
        """Lay an object's page over the map's corner; the map marks it."""
        if self.object is None:
            self.object = ObjectPage(self.room, self._details, self.room.pulse.specs, self)
        self.object.show_object(layer, oid)
        self.object.show()
        self._arrange()
        self.object.raise_()

    def hide_object(self) -> None:
        """Take the object's page away."""
        if self.object is not None:
            self.object.hide()

    def pages(self) -> tuple[KeyedPage, ...]:
        """Give the pages with keys of their own that were made."""
        return tuple(made for made in self._panels.values() if isinstance(made, KeyedPage))

    def leave(self) -> bool:
        """Go back a step in the page shown; False when there is nothing to go back from."""
        return any(page.leave() for page in self.panels() if isinstance(page, KeyedPage))

    def turn(self) -> None:
        """Show the other wing where only one has room."""
        self._is_turned = not self._is_turned
        self._arrange()

    def use_piece(self, piece: Piece | None) -> None:
        """Show another part of the wall; None makes this window a wall of its own."""
        if piece != self._piece:
            self._piece = piece
            self._arrange()
            self.show_scene(self._scene)  # a wing may have come to this screen

    def _sides(self) -> Collection[str]:
        """Give the wings that have room here, or would have when turned."""
        if "whole" in self._scene.wings:
            return {"whole"}
        if self._piece is None:
            return {"left", "right"} | set(self._plain_layout().zones)
        scale = self.room.theme.scale(self.room.seat)
        ways = (self._piece.layout(scale, turned=turned) for turned in (False, True))
        return {zone for layout in ways for zone in layout.zones}

    def layout_now(self) -> Layout:
        """Give the zones at the present size; a page has all that is under the header."""
        found = self._plain_layout()
        return whole_layout(found) if "whole" in self._scene.wings else found

    def _plain_layout(self) -> Layout:
        scale, turned = self.room.theme.scale(self.room.seat), self._is_turned
        if self._piece is None:
            return own_layout(self.width(), self.height(), scale, turned=turned)
        return self._piece.layout(scale, turned=turned)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Put everything in its zone; a band may have come or gone."""
        self._arrange()
        if self._sides() != self._made:
            self.show_scene(self._scene)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the page's ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.room.theme.color("bg")))
        painter.end()

    def _on_theme(self) -> None:
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        found = self.layout_now()
        bars: tuple[tuple[Header | Strip, Zone], ...] = (
            (self.header, "header"),
            (self.strip, "strip"),
        )
        for bar, zone in bars:
            box = found.zones.get(zone)
            bar.setVisible(box is not None)
            if box is not None:
                _put(bar, box)
                bar.stretch_over(tuple((x - box.x, width) for x, width in found.stretches))
        self._put_map(found)
        self._put_object(found)
        for (scene, side, where), panel in self._panels.items():
            wing = found.zones.get(side)
            if scene != self._scene.scene_id or wing is None:
                panel.hide()
                continue
            is_band = side == "bottom"
            box = band_place(found, where) if is_band else place(wing, where, found.scale, side)
            _put(panel, box)
            panel.show()
        self.arranged.emit(found)

    def _put_map(self, found: Layout) -> None:
        box = found.zones.get("map")
        if self.map_view is None:
            return
        self.map_view.setVisible(box is not None)
        if box is not None:
            _put(self.map_view, box)

    def _put_object(self, found: Layout) -> None:
        """Keep the object's page in the upper right corner of the part of the map seen here."""
        box = found.zones.get("map")
        if self.object is None or box is None:
            return
        right, top = min(box.right, self.width()), max(box.y, 0)
        wide, high = (round(length * found.scale) for length in OBJECT_SIZE)
        gap = round(GAP * found.scale)
        wide = min(wide, max(right - max(box.x, 0) - 2 * gap, 1))
        _put(self.object, Box(right - gap - wide, top + gap, wide, min(high, box.height - 2 * gap)))


def _put(widget: QWidget, box: Box) -> None:
    widget.setGeometry(box.x, box.y, box.width, box.height)
