"""What a desk sees of requests as a whole: hot spots to fly to, and the day's numbers."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtWidgets import QStackedWidget

from backend_client.contract.base import Text
from backend_client.contract.requests import LAYER
from maps.view import MapView
from widgets.commands import Command
from widgets.panel import Room
from widgets.panels.hot_spots import HotRows
from widgets.panels.statistics import Statistics
from widgets.row_list import RowList
from widgets.shown_layers import ShownLayers

ZOOM: Final = 15.0


class Below(Protocol):
    """What the two pages need of the desk they belong to."""

    under: QStackedWidget
    layers: ShownLayers

    def bring(self, listed: RowList) -> None:
        """Show a list and let the keys move in it."""
        ...


class RequestsWork:
    """The two pages among those below the event, and their keys."""

    def __init__(
        self,
        room: Room,
        desk: Below,
        view: MapView | None,
    ) -> None:
        self._desk, self._view = desk, view
        self.spots, self.statistics = HotRows(room, desk.under), Statistics(room, desk.under)
        for page in (self.spots, self.statistics):
            desk.under.addWidget(page)
        self.spots.opened.connect(self._fly)

    def commands(self) -> tuple[Command, ...]:
        """Give the keys."""
        return (
            Command(("Shift+H",), Text("诉求热点", "hot spots"), self._show_spots),
            Command(("Shift+I",), Text("诉求统计", "requests today"), self._show_statistics),
        )

    def _show_spots(self) -> None:
        self._desk.bring(self.spots)

    def _show_statistics(self) -> None:
        self.statistics.catch_up()
        self._desk.under.setCurrentWidget(self.statistics)

    def _fly(self, _spot_id: str) -> None:
        """Fly to the selected hot spot, with the marks of all of them on the map."""
        spot = self.spots.spot
        self._desk.layers.add(LAYER)
        if spot is not None and self._view is not None:
            self._view.fly(spot.lon, spot.lat, ZOOM)
