"""Rivers and the sea: tide charts of the main stations, and the list of stations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.details import Details
from app.figures import WATER
from app.i18n import NOT_SET
from app.places import feature_name
from backend_client.contract.base import CITY, Text
from backend_client.contract.columns import E7
from backend_client.contract.feature import Feature
from backend_client.contract.gates import Gate
from widgets.charts import LevelChart, chart_box
from widgets.easel import Painted
from widgets.levels import Levels, read_points
from widgets.paint import FAINT, Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.tables import Cell, Head, draw_table

# Stations people ask for first, from the river mouth up and along the sea.
MAIN: tuple[str, ...] = ("天生港", "青龙港", "三条港", "吕四", "洋口港", "营船港")
MOST_ASKED = 24
NEAR_KM = 15.0
# What a list of stations leaves out of each one's name.
_SORTS = ("潮位站", "水文站", " tide station", " hydrometric station", " ocean station")


@dataclass(frozen=True, slots=True)
class Station:
    """One level station as the block shows it, with its own fields once they are known."""

    oid: int
    value: float
    state: int
    region: str
    observed_at: datetime
    lon: float
    lat: float
    feature: Feature | None

    @property
    def name(self) -> str:
        """Give the name, or the number while the name is not known."""
        return self.feature.name if self.feature else f"#{self.oid}"

    @property
    def short(self) -> Text:
        """Give the name in both languages without the sort of station."""
        if self.feature is None:
            return Text(self.name, self.name)
        name = feature_name(self.feature)
        for sort in _SORTS:
            name = Text(name.zh.replace(sort, ""), name.en.replace(sort, ""))
        return name

    def metres(self, key: str) -> float | None:
        """Give a level among the station's own fields; None when nobody configured it."""
        found = self.feature.properties.get(key) if self.feature else None
        return float(found) if isinstance(found, int | float) else None


def stations(room: Room, details: Details) -> list[Station]:
    """List the level stations of the water block."""
    block = room.stores.blocks.get(WATER)
    if "level_station" not in block.kinds:
        return []
    rows = np.flatnonzero(block.kind == block.kinds.index("level_station"))[:200]
    found = []
    for order, row in enumerate(rows.tolist()):
        oid = int(block.oid[row])
        asked = order < MOST_ASKED or 0 < int(block.state[row]) <= 3
        found.append(
            Station(
                oid=oid,
                value=float(block.value[row]),
                state=int(block.state[row]),
                region=block.regions[block.region[row]],
                observed_at=datetime.fromtimestamp(int(block.observed_s[row]), UTC),
                lon=float(block.lon_e7[row]) / E7,
                lat=float(block.lat_e7[row]) / E7,
                feature=details.feature(WATER, oid) if asked else None,
            )
        )
    return found


def main_stations(found: Sequence[Station], count: int) -> list[Station]:
    """Choose the stations a wall shows: the main ones first, then the others with a name."""

    def rank(station: Station) -> tuple[int, int]:
        places = [place for place, name in enumerate(MAIN) if station.name.startswith(name)]
        return (places[0] if places else len(MAIN), station.oid)

    named = [station for station in found if station.feature and math.isfinite(station.value)]
    return sorted(named, key=rank)[:count]


def nearest_gate(station: Station, gates: Sequence[Gate]) -> Gate | None:
    """Give the sluice beside a station whose inner level is known."""

    def far_km(gate: Gate) -> float:
        east = (gate.lon - station.lon) * math.cos(math.radians(station.lat))
        return math.hypot(east, gate.lat - station.lat) * 111.2

    known = [gate for gate in gates if gate.inner_level_m is not None]
    best = min(known, key=far_km, default=None)
    return best if best and far_km(best) <= NEAR_KM else None


class Tides(Panel):
    """Charts of the main stations side by side."""

    layer = WATER
    title = Text("潮位 · 实测与预报(m, 吴淞)", "Levels, measured and forecast (m)")
    count = 2
    empty_words = Text("无站点", "No stations")
    empty_reason = Text("尚未收到水位", "no level received yet")

    def __init__(self, room: Room, details: Details, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._details = details
        self._charts = [LevelChart(room, self) for _ in range(self.count)]
        self._shown: list[Station] = []
        self._gates: list[Gate | None] = []
        details.changed.connect(self._on_detail)
        self.refresh()

    def age(self) -> Age:
        """Give the age of the newest level."""
        feed = self.room.figures.feed(WATER)
        return Age(feed.age_s, feed.period_s)

    def note(self) -> str:
        """Say what the kinds of line mean."""
        return self.room.words.pick("实线实测 · 点线预报", "solid measured · dots forecast")

    def face(self) -> Face:
        """Show an empty face while no station is known."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self._shown else known

    def refresh(self) -> None:
        """Take the stations' newest levels into the charts."""
        gates = self.room.stores.gates.all()
        self._shown = main_stations(stations(self.room, self._details), self.count)
        self._gates = [nearest_gate(station, gates) for station in self._shown]
        for number, chart in enumerate(self._charts):
            chart.setVisible(number < len(self._shown))
            if number < len(self._shown):
                chart.show_levels(self._levels(self._shown[number], self._gates[number]))
        self.redraw()

    def freshen(self) -> None:
        """Take the newest levels in when somebody can see them."""
        if self.isVisible():
            self.refresh()

    def catch_up(self) -> None:
        """Take the newest levels in."""
        self.refresh()

    def pieces(self) -> tuple[Painted, ...]:
        """Give the panel and the charts that have a station."""
        return (self, *self._charts[: len(self._shown)])

    def _on_detail(self, layer: str, _oid: int) -> None:
        if layer == WATER:
            self.redraw()

    def _levels(self, station: Station, gate: Gate | None) -> Levels:
        series = self._details.series(WATER, station.oid)
        measured = tuple((one.at, one.value) for one in series.points) if series else ()
        if not measured or measured[-1][0] < station.observed_at:
            measured = (*measured, (station.observed_at, station.value))
        properties = station.feature.properties if station.feature else {}
        window = gate.next_window if gate else None
        return Levels(
            measured=measured,
            forecast=read_points(properties.get("forecast")),
            limit_m=station.metres("warning_level_m"),
            inner_m=gate.inner_level_m if gate else None,
            windows=((window.start_at, window.end_at),) if window else (),
            at=self.room.stores.server_now().replace(second=0, microsecond=0),
            level=station.state if station.state <= 3 else 0,
        )

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Put the charts side by side under their heads."""
        unit = self.room.theme.size("s", self.room.seat) / 24
        top, pad, gap = 124 * unit, 16 * unit, 20 * unit
        wide = (self.width() - 2 * pad - gap * (self.count - 1)) / self.count
        for number, chart in enumerate(self._charts):
            area = QRectF(pad + number * (wide + gap), top, wide, self.height() - top - 4 * unit)
            chart.setGeometry(*chart_box(area))

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint each chart's name, present level, limit and inner water."""
        gap = board.u(20)
        wide = (area.width() - gap * (self.count - 1)) / self.count
        for number, station in enumerate(self._shown):
            box = QRectF(area.x() + number * (wide + gap), area.y(), wide, board.u(36))
            self._draw_head_line(board, box, station)
            below = box.translated(0, board.u(34))
            self._draw_limits(board, below, station, self._gates[number])

    def _draw_head_line(self, board: Board, box: QRectF, station: Station) -> None:
        name = self.say(station.short)
        value = self.room.words.number(station.value, 2)
        strong = Ink(bold=True)
        size = board.u(30)
        tail = board.width(value, strong) + board.u(8) + board.width("m") + board.u(10)
        tail += size if 0 < station.state <= 3 else 0
        x = box.x() + board.text(
            QRectF(box.x(), box.y(), box.width() - tail, box.height()),
            name,
            Ink(bold=True, elide=True),
        )
        x += board.u(10)
        x += board.text(QRectF(x, box.y(), box.right() - x, box.height()), value, strong)
        x += board.u(6)
        x += board.text(QRectF(x, box.y(), box.right() - x, box.height()), "m", FAINT)
        if 0 < station.state <= 3:
            place = QPointF(x + board.u(8), box.center().y() - size / 2)
            board.state(place, station.state, size)

    def _draw_limits(self, board: Board, box: QRectF, station: Station, gate: Gate | None) -> None:
        words = self.room.words
        limit = station.metres("warning_level_m")
        limit_text = words.number(limit, 2) if limit is not None else words.say(NOT_SET)
        parts = [words.pick(f"警戒 {limit_text}", f"warn {limit_text}")]
        if gate is not None and gate.inner_level_m is not None:
            inner = words.number(gate.inner_level_m, 2)
            parts.append(words.pick(f"内河 {inner}", f"inner {inner}"))
        while len(parts) > 1 and board.width(words.join(*parts)) > box.width():
            parts.pop()  # the chart draws the inner level too
        board.text(box, words.join(*parts), FAINT)


class RiverTides(Tides):
    """Three charts for the water scene."""

    count = 3


class Stations(Panel):
    """Stations by how near they are to their warning level, those over it first."""

    layer = WATER
    title = Text("水位站", "Level stations")
    empty_words = Text("无站点", "No stations")
    empty_reason = Text("尚未收到水位", "no level received yet")

    def __init__(self, room: Room, details: Details, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._details = details
        details.changed.connect(self._on_detail)

    def _on_detail(self, layer: str, _oid: int) -> None:
        if layer == WATER:
            self.update()

    def age(self) -> Age:
        """Give the age of the newest level."""
        feed = self.room.figures.feed(WATER)
        return Age(feed.age_s, feed.period_s)

    def note(self) -> str:
        """Say how many stand over their warning level."""
        now = self.room.figures.water
        return self.room.words.pick(
            f"超警 {now.over_warning} / {now.stations} 站",
            f"{now.over_warning} of {now.stations} over warning",
        )

    def face(self) -> Face:
        """Show an empty face while no station is known."""
        known = super().face()
        empty = not self.room.figures.water.stations
        return Face.EMPTY if known is Face.READY and empty else known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per station; equal states stand by their margin to the limit."""
        pick = self.room.words.pick
        heads = (
            Head(pick("站", "Station"), 3.0),
            Head(pick("县区", "County"), 1.6),
            Head(pick("水位 m", "Level m"), 1.3, "right"),
            Head(pick("警戒 m", "Warning m"), 1.6, "right"),
            Head(pick("距警戒", "Margin"), 1.3, "right"),
        )
        found = [one for one in stations(self.room, self._details) if one.feature]
        rows = [self._row(station) for station in sorted(found, key=_margin)]
        draw_table(board, area, heads=heads, rows=rows)

    def _county(self, station: Station) -> str:
        outside = station.region == CITY  # a neighbour's station the city watches
        return "–" if outside else self.say(self.room.names.county(station.region))

    def _row(self, station: Station) -> tuple[Cell, ...]:
        words = self.room.words
        limit = station.metres("warning_level_m")
        over = 0 < station.state <= 3
        margin = words.number(limit - station.value, 2) if limit is not None else "–"
        return (
            Cell(
                self.say(station.short), level=station.state if over else 0, bold=over, elide=True
            ),
            Cell(self._county(station), "t3", elide=True),
            Cell(words.number(station.value, 2), bold=over),
            Cell(words.number(limit, 2) if limit is not None else words.say(NOT_SET), "t2"),
            Cell(margin, "t1" if over else "t2"),
        )


def _margin(station: Station) -> tuple[bool, float, int]:
    limit = station.metres("warning_level_m")
    over = 0 < station.state <= 3
    return (not over, limit - station.value if limit is not None else math.inf, station.oid)
