"""What a desk sees of requests as a whole: hot spots to fly to, and the day's numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QStackedWidget

from backend_client.contract.base import Text
from backend_client.contract.requests import LAYER
from maps.view import MapView
from widgets.commands import Command
from widgets.panel import Room
from widgets.panels.hot_spots import HotRows
from widgets.panels.statistics import Statistics
from widgets.row_list import RowList

ZOOM: Final = 15.0


class RequestsWork:
    """The two pages among those below the event, and their keys."""

    def __init__(
        self,
        room: Room,
        under: QStackedWidget,
        view: MapView | None,
        *,
        bring: Callable[[RowList], None],
        show_layer: Callable[[str], None],
    ) -> None:
        self._under, self._view, self._bring, self._show_layer = under, view, bring, show_layer
        self.spots, self.statistics = HotRows(room, under), Statistics(room, under)
        for page in (self.spots, self.statistics):
            under.addWidget(page)
        self.spots.opened.connect(self._fly)

    def commands(self) -> tuple[Command, ...]:
        """Give the keys."""
        return (
            Command(("Shift+H",), Text("诉求热点", "hot spots"), partial(self._bring, self.spots)),
            Command(("Shift+I",), Text("诉求统计", "requests today"), self._show_statistics),
        )

    def _show_statistics(self) -> None:
        self.statistics.catch_up()
        self._under.setCurrentWidget(self.statistics)

    def _fly(self, _spot_id: str) -> None:
        """Fly to the selected hot spot, with the marks of all of them on the map."""
        spot = self.spots.spot
        self._show_layer(LAYER)
        if spot is not None and self._view is not None:
            self._view.fly(spot.lon, spot.lat, ZOOM)
