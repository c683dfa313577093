"""The numbers of the cards, counted from the stores once a second and never invented."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from app.blocks import Mask
from app.i18n import CITY_ZONE
from app.link_watch import LATE_S
from app.stores import Link, Stores
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.columns import FeatureBlock
from backend_client.contract.events import Channel, Event, EventState
from backend_client.contract.gates import Gate
from backend_client.contract.orders import Order, OrderState

WATER, HAZMAT, REQUESTS = "water", "hazmat", "requests"
LAYERS: tuple[str, ...] = (REQUESTS, HAZMAT, WATER)
# How often each feed is due. Source: domain section 5, column Refresh. Events are pushed when
# somebody calls, and a calm city is no dead feed: their period is that of the stream's beat.
PERIOD_S: dict[str, float] = {REQUESTS: LATE_S, HAZMAT: 30.0, WATER: 300.0}
PUSHED = frozenset({REQUESTS})
STREAMED = frozenset({Link.ONLINE, Link.LATE, Link.OFFLINE})
MOVING_KMH = 3.0
DAY = timedelta(hours=24)
MOST_LISTED = 12
UNACKNOWLEDGED = frozenset({AlarmState.NEW, AlarmState.RETURNED})
STANDING = frozenset({AlarmState.NEW, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED})


@dataclass(frozen=True, slots=True)
class Abnormal:
    """How many objects are abnormal and the worst of their levels, 0 for none."""

    count: int = 0
    level: int = 0


NOTHING = Abnormal()


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
class CountyCount:
    """One county's vehicles: how many, moving, abnormal."""

    code: str
    count: int
    moving: int
    abnormal: int


@dataclass(frozen=True, slots=True)
class HazmatFigures:
    """Hazardous-goods vehicles and sites."""

    vehicles: int = 0
    moving: int = 0
    sites: int = 0
    abnormal: Abnormal = NOTHING
    by_county: tuple[CountyCount, ...] = ()


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
    """Orders by how far they have come."""

    sent: int = 0
    signed: int = 0
    reported: int = 0
    overdue: int = 0


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
    hazmat: HazmatFigures
    water: WaterFigures
    orders: OrderFigures
    feeds: tuple[Feed, ...]

    def feed(self, layer: str) -> Feed:
        """Give one layer's feed."""
        return next(feed for feed in self.feeds if feed.layer == layer)


def worst(states: Iterable[int]) -> Abnormal:
    """Count the abnormal states and name the gravest; level I is the smallest number."""
    found = [state for state in states if state]
    return Abnormal(len(found), min(found, default=0))


@dataclass(slots=True)
class _Tally:
    """The running sums of one pass over the events."""

    waiting: int = 0
    today: int = 0
    closed_today: int = 0
    overdue: int = 0
    due_soon: int = 0
    open: list[Event] = field(default_factory=list)
    lately: list[Event] = field(default_factory=list)


def count_requests(events: Sequence[Event], now: datetime) -> RequestFigures:
    """Count citizens' events by state, channel, county and deadline, in one pass."""
    midnight = now.astimezone(CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    day_ago, soon = now - DAY, now + DAY
    sums = _Tally()
    for event in events:
        closed = event.state is EventState.CLOSED
        if event.reported_at > day_ago:
            sums.lately.append(event)
            sums.today += event.reported_at >= midnight
        if closed:
            sums.closed_today += event.updated_at >= midnight
            continue
        sums.open.append(event)
        sums.waiting += event.state is EventState.REGISTERED
        if event.due_at is not None:
            sums.overdue += event.due_at < now
            sums.due_soon += now <= event.due_at < soon
    graded = [event for event in sums.open if event.level]
    return RequestFigures(
        open=len(sums.open),
        waiting=sums.waiting,
        today=sums.today,
        closed_today=sums.closed_today,
        overdue=sums.overdue,
        due_soon=sums.due_soon,
        by_channel=tuple(Counter(event.channel for event in sums.lately).most_common()),
        by_county=dict(Counter(event.region[:6] for event in sums.open)),
        abnormal=worst(event.level for event in graded),
        newest=tuple(heapq.nlargest(MOST_LISTED, sums.lately, key=_reported)),
        graded=tuple(sorted(graded, key=lambda one: (one.level, -one.reported_at.timestamp()))),
    )


def _reported(event: Event) -> datetime:
    return event.reported_at


def count_hazmat(stores: Stores) -> HazmatFigures:
    """Count vehicles by county and state, and fixed sites."""
    fixes = stores.positions.latest(HAZMAT)
    block = stores.blocks.get(HAZMAT)
    fixed = _of_kinds(block, tuple(kind for kind in block.kinds if kind != "vehicle"))
    county = np.array([region[:6] for region in fixes.regions] or [""])[fixes.region]
    moving = fixes.speed_kmh > MOVING_KMH
    rows = [
        CountyCount(
            str(code),
            int((county == code).sum()),
            int((moving & (county == code)).sum()),
            int(((fixes.state > 0) & (county == code)).sum()),
        )
        for code in np.unique(county)
        if code
    ]
    return HazmatFigures(
        vehicles=int(fixes.oid.size),
        moving=int(moving.sum()),
        sites=int(fixed.sum()),
        abnormal=worst(fixes.state[fixes.state > 0].tolist()),
        by_county=tuple(sorted(rows, key=lambda row: -row.count)),
    )


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
    late = (order.state is not OrderState.REPORTED and order.due_at < now for order in orders)
    return OrderFigures(
        sent=len(orders),
        signed=states[OrderState.SIGNED] + states[OrderState.REPORTED],
        reported=states[OrderState.REPORTED],
        overdue=sum(late),
    )


def _newest(stores: Stores, layer: str) -> datetime | None:
    if layer == REQUESTS:  # closed events leave the map, but their change is news as well
        return max((event.updated_at for event in stores.events.all()), default=None)
    block = stores.blocks.get(layer)
    fixes = stores.positions.latest(layer)
    newest_s = max(
        float(block.observed_s.max()) if block.oid.size else 0.0,
        float(fixes.observed_ms.max()) / 1000 if fixes.oid.size else 0.0,
    )
    return datetime.fromtimestamp(newest_s, CITY_ZONE) if newest_s else None


def _feed(stores: Stores, layer: str) -> Feed:
    block = stores.blocks.get(layer)
    newest_at = _newest(stores, layer)
    age_s = stores.age_of_s(newest_at) if newest_at else float("inf")
    if layer in PUSHED and stores.link in STREAMED:
        age_s = stores.silent_s()
    return Feed(layer, int(block.oid.size), newest_at, age_s, PERIOD_S.get(layer, 300.0))


def tell(stores: Stores) -> Figures:
    """Count everything the walls show."""
    now = stores.server_now()
    return Figures(
        at=now,
        requests=count_requests(stores.events.all(), now),
        hazmat=count_hazmat(stores),
        water=count_water(stores.blocks.get(WATER), stores.gates.all(), now),
        orders=count_orders(stores.orders.all(), now),
        feeds=tuple(_feed(stores, layer) for layer in LAYERS),
    )


def unacknowledged(alarms: Iterable[Alarm]) -> dict[int, int]:
    """Count the alarms nobody has acknowledged, by level I to IV, zero included."""
    counts = Counter(alarm.level for alarm in alarms if alarm.state in UNACKNOWLEDGED)
    return {level: counts[level] for level in (1, 2, 3, 4)}


def standing(alarms: Iterable[Alarm]) -> list[Alarm]:
    """List alarms that still need someone: gravest first, then unacknowledged, then newest."""
    kept = [alarm for alarm in alarms if alarm.state in STANDING]
    return sorted(
        kept,
        key=lambda alarm: (
            alarm.level,
            alarm.state is AlarmState.ACKNOWLEDGED,
            -alarm.raised_at.timestamp(),
        ),
    )


def is_known(link: Link) -> bool:
    """Tell whether the stores hold a picture, live or last known."""
    return link is not Link.STARTING
