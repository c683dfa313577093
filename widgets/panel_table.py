"""Every panel a scene can name: plain ones, and those drawn from a layer's spec as `kind:LAYER`."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from PySide6.QtWidgets import QWidget

from app.details import Details
from maps.spec import LayerSpec
from widgets.panel import Panel, Room
from widgets.panels.alarm_kpis import AlarmKpis
from widgets.panels.alarms import Alarms, WaterAlarms
from widgets.panels.cockpit import CockpitPage
from widgets.panels.commands import CommandLog
from widgets.panels.due_list import DueList
from widgets.panels.events import Channels, Newest
from widgets.panels.feeds import DataHealth, Feeds, Sources
from widgets.panels.handover import HandoverPanel
from widgets.panels.hot_spots import HotSpots
from widgets.panels.layers import LayerCard
from widgets.panels.legend import Legend
from widgets.panels.linkage import LinkageTile
from widgets.panels.linkage_page import LinkagePage
from widgets.panels.models import Models
from widgets.panels.orders import Orders
from widgets.panels.performance import Performance
from widgets.panels.rain import Rain
from widgets.panels.shift_log import ShiftFigures, ShiftLogPanel
from widgets.panels.sluices import Sluices, SluiceTable
from widgets.panels.statistics import Statistics
from widgets.panels.theme import ByCounty, HotList, Kinds
from widgets.panels.trend import Trend
from widgets.panels.water import RiverTides, Stations, Tides

Maker = Callable[[Room, Details, QWidget], Panel]
Drawer = Callable[[Room, Details, LayerSpec, QWidget], Panel]


def _plain(kind: type[Panel]) -> Maker:
    return lambda room, _details, parent: kind(room, parent)


PANELS: Mapping[str, Maker] = {
    "channels": _plain(Channels),
    "newest": _plain(Newest),
    "alarms": _plain(Alarms),
    "alarm_kpis": _plain(AlarmKpis),
    "feeds": _plain(Feeds),
    "models": _plain(Models),
    "data_health": _plain(DataHealth),
    "performance": _plain(Performance),
    "tides": Tides,
    "sluices": _plain(Sluices),
    "orders": _plain(Orders),
    "due_list": _plain(DueList),
    "hot_spots": _plain(HotSpots),
    "statistics": _plain(Statistics),
    "river_tides": RiverTides,
    "sluice_table": _plain(SluiceTable),
    "stations": Stations,
    "rain": Rain,
    "water_alarms": _plain(WaterAlarms),
    "command_log": _plain(CommandLog),
    "shift_log": _plain(ShiftLogPanel),
    "shift_figures": _plain(ShiftFigures),
    "handover": _plain(HandoverPanel),
    "cockpit": _plain(CockpitPage),
    "linkage": _plain(LinkagePage),
    "linkage_tile": _plain(LinkageTile),
}
DRAWN: Mapping[str, Drawer] = {
    "card": lambda room, _details, spec, parent: LayerCard(room, spec, parent),
    "kinds": Kinds,
    "counties": ByCounty,
    "hot": HotList,
    "legend": Legend,
    "trend": Trend,
    "sources": Sources,
}


def make_panel(name: str, room: Room, details: Details, parent: QWidget) -> Panel:
    """Make the panel a scene names; `card:ID` is the card of that layer, and so on."""
    kind, _, layer = name.partition(":")
    if layer:
        made = DRAWN[kind](room, details, room.pulse.specs[layer], parent)
    else:
        made = PANELS[name](room, details, parent)
    made.panel_name = name
    return made


def is_panel(name: str, layers: Container[str]) -> bool:
    """Tell whether a panel of that name can be made."""
    kind, _, layer = name.partition(":")
    return (kind in DRAWN and layer in layers) if layer else name in PANELS
