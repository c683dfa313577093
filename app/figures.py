"""The numbers of the cards, counted from the stores once a second and never invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from app.blocks import Mask
from app.census import Census
from app.event_table import CHANNELS, Column, EventTable
from app.i18n import CITY_ZONE
from app.link_watch import LATE_S
from app.stores import Link, Stores
from app.tally import NO_LAYER, NOTHING, Abnormal, LayerFigures
from backend_client.contract.columns import FeatureBlock
from backend_client.contract.events import Channel, Event
from backend_client.contract.feeds import FeedState
from backend_client.contract.gates import Gate
from backend_client.contract.orders import Order, OrderState

WATER, HAZMAT, REQUESTS = "water", "hazmat", "requests"
# Events are pushed when somebody calls, and a calm city is no dead feed: their period is that of
# the stream's beat.
PUSHED = frozenset({REQUESTS})
LIVING = frozenset({FeedState.LIVE, FeedState.LATE})
STREAMED = frozenset({Link.ONLINE, Link.LATE, Link.OFFLINE})
DAY_S = 86_400.0
_CENTURY_S = 100 * 366 * DAY_S  # a level outweighs any instant
MOST_LISTED = 24


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """Citizens' events; `by_channel` and `newest` look back 24 hours, `graded` is open ones."""

    open: int = 0
    waiting: int = 0
    today: int = 0
    closed_today: int = 0
    overdue: int = 0
    due_soon: int = 0
    by_channel: tuple[tuple[Channel, int], ...] = ()
    by_county: dict[str, int] = field(default_factory=dict)
    abnormal: Abnormal = NOTHING
    newest: tuple[Event, ...] = ()
    graded: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class WaterFigures:
    """Stations and sluices."""

    stations: int = 0
    over_warning: int = 0
    gates: int = 0
    gates_open: int = 0
    gates_silent: int = 0
    next_window_at: datetime | None = None
    abnormal: Abnormal = NOTHING
    rain_gauges: int = 0
    most_rain_mm: float | None = None
    most_rain_oid: int = 0
    waterlogged: int = 0

    @property
    def next_window_s(self) -> float | None:
        """Give the next drain window's start in seconds since 1970 UTC."""
        return self.next_window_at.timestamp() if self.next_window_at else None


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """Orders by how far they have come; `due` ones are reported or past their deadline."""

    sent: int = 0
    signed: int = 0
    reported: int = 0
    overdue: int = 0
    due: int = 0
    on_time: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """One layer's feed: objects, when the newest of them was measured, how old the picture is.

    A pushed layer's picture is as old as the last sign of life of the stream that brings it,
    whenever its newest event was; without a stream it is as old as its newest event.
    """

    layer: str
    count: int
    newest_at: datetime | None
    age_s: float
    period_s: float

    @property
    def is_late(self) -> bool:
        """Tell whether the feed is behind its period."""
        return self.age_s >= self.period_s


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything counted at one instant."""

    at: datetime
    requests: RequestFigures
    water: WaterFigures
    orders: OrderFigures
    feeds: tuple[Feed, ...]
    layers: Mapping[str, LayerFigures]

    def feed(self, layer: str) -> Feed:
        """Give one layer's feed."""
        known = (feed for feed in self.feeds if feed.layer == layer)
        return next(known, Feed(layer, 0, None, float("inf"), 1.0))

    def layer(self, layer: str) -> LayerFigures:
        """Give one layer's count; of a layer that is not there, nothing."""
        return self.layers.get(layer, NO_LAYER)


def worst(states: Iterable[int]) -> Abnormal:
    """Count the abnormal states and name the gravest; level I is the smallest number."""
    found = [state for state in states if state]
    return Abnormal(len(found), min(found, default=0))


def count_requests(events: EventTable, now: datetime) -> RequestFigures:
    """Count citizens' events by state, channel, county and deadline, from their columns."""
    now_s = now.timestamp()
    midnight = now.astimezone(CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    alive, closed, level = (events.column(name) for name in ("alive", "closed", "level"))
    reported_s, due_s = events.column("reported_s"), events.column("due_s")
    open_ = alive & ~closed
    lately = alive & (reported_s > now_s - DAY_S)
    graded = open_ & (level > 0)
    channels = np.bincount(events.column("channel")[lately], minlength=len(CHANNELS))
    counties = np.bincount(events.column("county")[open_], minlength=len(events.counties))
    return RequestFigures(
        open=int(open_.sum()),
        waiting=int((open_ & events.column("registered")).sum()),
        today=int((lately & (reported_s >= midnight.timestamp())).sum()),
        closed_today=int(
            (alive & closed & (events.column("updated_s") >= midnight.timestamp())).sum()
        ),
        overdue=int((open_ & (due_s < now_s)).sum()),
        due_soon=int((open_ & (due_s >= now_s) & (due_s < now_s + DAY_S)).sum()),
        by_channel=_ranked(CHANNELS, channels.tolist()),
        by_county={
            code: count
            for code, count in zip(events.counties, counties.tolist(), strict=True)
            if count
        },
        abnormal=_counted(level[graded]),
        newest=_chosen(events, lately, -reported_s),
        graded=_chosen(events, graded, level * _CENTURY_S - reported_s),
    )


def _ranked(channels: Sequence[Channel], counts: Sequence[int]) -> tuple[tuple[Channel, int], ...]:
    found = [(channel, count) for channel, count in zip(channels, counts, strict=True) if count]
    return tuple(sorted(found, key=lambda row: -row[1]))


def _counted(levels: Column) -> Abnormal:
    counts = np.bincount(levels, minlength=1)
    return Abnormal(int(counts.sum()), int(np.argmax(counts > 0)) if counts.any() else 0)


def _chosen(events: EventTable, mask: Mask, key: Column) -> tuple[Event, ...]:
    """Give the first events of a mask by a key, without sorting the rest."""
    rows = np.flatnonzero(mask)
    if rows.size > MOST_LISTED:
        rows = rows[np.argpartition(key[rows], MOST_LISTED)[:MOST_LISTED]]
    found = (events.at(row) for row in rows[np.argsort(key[rows])].tolist())
    return tuple(event for event in found if event is not None)


def _of_kinds(block: FeatureBlock, kinds: Sequence[str]) -> Mask:
    wanted = [index for index, kind in enumerate(block.kinds) if kind in kinds]
    return np.isin(block.kind, wanted)


def is_open(gate: Gate) -> bool:
    """Tell whether any bay of a gate is open by more than a crack."""
    return any(bay.opening_m > 0.01 for bay in gate.bays)


def count_water(block: FeatureBlock, gates: Sequence[Gate], now: datetime) -> WaterFigures:
    """Count stations over warning and sluices open, and find the next drain window."""
    levels = _of_kinds(block, ("level_station",))
    over = levels & (block.state > 0) & (block.state <= 3)
    rain = _of_kinds(block, ("rain_gauge",)) & np.isfinite(block.value)
    most = int(np.argmax(np.where(rain, block.value, -1.0))) if rain.any() else -1
    logged = _of_kinds(block, ("waterlogging",)) & (block.state > 0)
    starts = [gate.next_window.start_at for gate in gates if gate.next_window]
    return WaterFigures(
        stations=int(levels.sum()),
        over_warning=int(over.sum()),
        gates=len(gates),
        gates_open=sum(is_open(gate) for gate in gates),
        gates_silent=sum(gate.link == "offline" for gate in gates),
        next_window_at=min((at for at in starts if at > now), default=None),
        abnormal=worst(block.state.tolist()),
        rain_gauges=int(rain.sum()),
        most_rain_mm=float(block.value[most]) if most >= 0 else None,
        most_rain_oid=int(block.oid[most]) if most >= 0 else 0,
        waterlogged=int(logged.sum()),
    )


def count_orders(orders: Sequence[Order], now: datetime) -> OrderFigures:
    """Count orders by state, and those past their deadline."""
    states = Counter(order.state for order in orders)
    reported = [order for order in orders if order.state is OrderState.REPORTED]
    late = sum(order.is_open and order.due_at < now for order in orders)
    return OrderFigures(
        sent=len(orders),
        signed=states[OrderState.SIGNED] + len(reported),
        reported=len(reported),
        overdue=late,
        due=len(reported) + late,
        on_time=sum(order.updated_at <= order.due_at for order in reported),
    )


def _newest(census: Census, layer: str) -> datetime | None:
    if layer not in PUSHED:
        return census.of(layer).newest_at
    # closed events leave the map, but their change is news as well
    updated_s = census.events.column("updated_s")[census.events.column("alive")]
    return datetime.fromtimestamp(updated_s.max(), CITY_ZONE) if updated_s.size else None


def _feed(stores: Stores, census: Census, layer: str) -> Feed:
    newest_at = _newest(census, layer)
    age_s = stores.age_of_s(newest_at) if newest_at else float("inf")
    period_s = LATE_S if layer in PUSHED else _period_s(stores, census, layer)
    if layer in PUSHED and stores.link in STREAMED:
        age_s = stores.silent_s()
    return Feed(layer, census.of(layer).count, newest_at, age_s, period_s)


def _period_s(stores: Stores, census: Census, layer: str) -> float:
    """Give how often a layer's fastest living feed is due; without one what the layer plans."""
    own = [feed for feed in stores.feeds.all() if feed.layer == layer]
    living = [feed.period_s for feed in own if feed.state in LIVING]
    return min(living or [feed.period_s for feed in own], default=census.plan(layer).period_s)


def tell(stores: Stores, census: Census | None = None) -> Figures:
    """Count everything the walls show; without a census one is taken on the spot."""
    taken = census or Census(stores)
    taken.update()
    now = stores.server_now()
    layers = dict.fromkeys((*taken.layers(), *PUSHED))
    return Figures(
        at=now,
        requests=count_requests(taken.events, now),
        water=count_water(stores.blocks.get(WATER), stores.gates.all(), now),
        orders=count_orders(stores.orders.all(), now),
        feeds=tuple(_feed(stores, taken, layer) for layer in layers),
        layers=taken.all(),
    )


def is_known(link: Link) -> bool:
    """Tell whether the stores hold a picture, live or last known."""
    return link is not Link.STARTING
