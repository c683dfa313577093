"""What a desk does on its map by keyboard: move it, draw for everybody, use the lasso's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.drawings import LAYER as DRAWINGS
from widgets.commands import Command
from widgets.deeds import Deeds, Form, failure_words
from widgets.drawing import DrawingQuestion
from widgets.map_keys import map_commands
from widgets.panel import Room
from widgets.panels.object import ObjectPage
from widgets.panels.resources import ResourcesPanel


@dataclass(frozen=True, slots=True)
class MapSeat:
    """What the work on the map needs of the desk it belongs to.

    Args:
        desk: questions stand over it.
        view: its map, None without one.
        resources: the lasso's answer.
        object: the page of an object.
        front: gives what stands in front of these two.
        bring: puts one of them in front.
        middle: lon, lat of the middle of the map.
        show_layer: lets the map show a layer besides the others.
        show_object: opens an object.
        leave: goes back to the queue.
        export: writes the lasso's answer to a file of this form.
    """

    desk: QWidget
    view: QWidget | None
    resources: ResourcesPanel
    object: ObjectPage
    front: Callable[[], QWidget | None]
    bring: Callable[[QWidget], None]
    middle: Callable[[], tuple[float, float]]
    show_layer: Callable[[str], None]
    show_object: Callable[[str, int], None]
    leave: Callable[[], None]
    export: Callable[[Form, ResourcesPanel], None]


class MapWork:
    """The map's keys; results are said on the lasso's panel."""

    def __init__(self, room: Room, deeds: Deeds, seat: MapSeat) -> None:
        self._room, self._deeds, self._seat = room, deeds, seat

    def commands(self) -> tuple[Command, ...]:
        """Give the keys."""
        return (
            Command(("N",), Text("标绘", "draw"), self.draw),
            Command(("Delete",), Text("撤下标绘", "erase drawing"), self.erase),
            Command(("Shift+L",), Text("圈选明细", "rows of the lasso"), self.rows),
            Command(("Ctrl+E",), Text("导出圈选 CSV", "lasso to CSV"), partial(self.export, "csv")),
            Command(
                ("Ctrl+Shift+E",),
                Text("导出圈选 GeoJSON", "lasso to GeoJSON"),
                partial(self.export, "geojson"),
            ),
            *map_commands(lambda: self._seat.view),
        )

    def draw(self) -> None:
        """Put the area drawn last, or a mark, on everybody's map."""
        seat = self._seat
        area = self._room.stores.resources.area
        shown = seat.front() is seat.resources
        question = DrawingQuestion(self._room, area if shown else None, seat.middle(), seat.desk)
        if question.exec():
            now = self._room.stores.server_now()
            drawing = question.drawing(self._deeds.region(), now)
            self._deeds.draw(drawing, self._on_drawn, self.failed)

    def _on_drawn(self, oid: int) -> None:
        self._seat.show_layer(DRAWINGS)
        self._seat.show_object(DRAWINGS, oid)

    def erase(self) -> None:
        """Take the drawing that is open off everybody's map."""
        seat = self._seat
        feature = seat.object.feature
        if seat.front() is seat.object and feature and feature.layer == DRAWINGS:
            self._deeds.erase(feature.id, seat.leave, self.failed)

    def rows(self) -> None:
        """Let the arrows move in the rows of the lasso."""
        panel = self._seat.resources
        self._seat.bring(panel)
        if panel.inside is not None:
            panel.begin()

    def export(self, form: Form) -> None:
        """Write the lasso's answer to a file."""
        panel = self._seat.resources
        if panel.inside is not None:
            self._seat.bring(panel)
            self._seat.export(form, panel)

    def failed(self, error: Exception) -> None:
        """Say on the lasso's panel why something did not come about."""
        self._seat.resources.say_result(failure_words(error, self._room.words))
