"""The simulated city: an outsider that feeds the service over HTTP; same seed, same day."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.simulator import gauges, layers, lorries
from backend.simulator.desk import Desk
from backend.simulator.facts import dice, load
from backend.simulator.faults import Fault
from backend.simulator.feed import Feed
from backend.simulator.flow import Flow
from backend.simulator.gauges import Gauges
from backend.simulator.ground import survey
from backend.simulator.kinds import World
from backend.simulator.link import Link
from backend.simulator.lorries import Lorries
from backend.simulator.objects import Objects
from backend.simulator.requests import Requests
from backend.simulator.sources import HAZMAT, WATER, registrations
from backend.simulator.stages import Stages
from backend.simulator.streets import lay
from backend.simulator.troubles import Troubles
from backend_client.contract.clock import Clock, SystemClock
from backend_client.contract.feature import FeatureIn
from backend_client.contract.positions import PositionIn

FEED_ACCOUNT = "feed"
DESK_ACCOUNT, DESK_BEFORE = "dispatcher_second", "dispatcher"
"""A colleague's seat: whoever tries the product as `dispatcher` finds no deed they did not do."""
STEP_S = 1.0
_BREATH_S = 0.05
FIX_EVERY_S = 2.0
EVENTS_S = 0.2
"""So long at most between two batches of fixes: the start stock must not hold lorries up."""
STOCK_S = 0.5
"""As above, once all objects are described and only events are left of the start stock."""
STOCK_DAYS = 7.3
"""60,000 open events at scale 1, those graded left out."""
_SPAN = timedelta(minutes=10)
_RECENT = timedelta(hours=3)
_GRADED = timedelta(minutes=40)
_STOCK_SHARE = 0.5
CURVES_H = 24
_BUFFER = timedelta(minutes=10)
_LATE_S = (20, 150)
_TWICE_SHARE = 0.01
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_Held = tuple[datetime, PositionIn]


@dataclass(frozen=True, slots=True)
class Plan:
    """What city to play.

    Args:
        seed: the same seed gives the same day.
        scale: 1 is Nantong as the domain study counts it.
        rate: how many times the usual number of events come.
        tidy: whether the feeds behave: nothing late, nothing twice.
        stock_days: the events of how many days before are open when the city begins.
    """

    seed: int = 7
    scale: float = 0.1
    rate: float = 1.0
    tidy: bool = False
    stock_days: float = 0.0


class City:
    """Feed one service. What a source says depends on seed and instant alone, so what could
    not be sent is simply said again for the same instants once the service is back.
    """

    def __init__(
        self,
        plan: Plan,
        feed: Feed,
        clock: Clock,
        *,
        desk: Desk | None = None,
        objects: Objects | None = None,
        beside: Sequence[Troubles | Stages] = (),
    ) -> None:
        facts = load()
        self._plan, self._feed, self._clock, self._desk = plan, feed, clock, desk
        self._objects, self._beside = objects, tuple(beside)
        self._is_registered = objects is None
        self._gauges = Gauges(facts, seed=plan.seed, scale=plan.scale)
        self._lorries = Lorries(facts, seed=plan.seed, scale=plan.scale)
        self._requests = Requests(facts, seed=plan.seed, scale=plan.scale, rate=plan.rate)
        now = clock.now()
        others = {
            gauges.LAYER: len(self._gauges.all(now)) + len(facts.sluices),
            lorries.LAYER: len(self._lorries.places(now)) + len(self._lorries.register(now)),
        }
        self._flow = Flow(objects, feed, clock, others=others) if objects else None
        self._fixed_at = now - timedelta(seconds=15)
        self._asked_at = self._stock_at = now - _RECENT
        self._began_at = now
        self._is_stocked = plan.stock_days == 0
        self._water_at: datetime | None = None
        self._places_at: datetime | None = None
        self._late: list[_Held] = []

    def step(self) -> None:
        """Send everything that is due now."""
        now = self._clock.now()
        if not self._register() or not self._send_places(now):
            return
        self._send_water(now)
        if (now - self._fixed_at).total_seconds() >= FIX_EVERY_S:
            self._send_fixes(now)
        if self._flow is not None:
            self._flow.step()
        if self._flow is None or self._flow.is_whole:
            for one in self._beside:
                one.step(now.timestamp())
        if self._is_stocked or self._look_back():
            self._send_events(now)

    def _look_back(self) -> bool:
        """Begin with the events of days before, unless the service has most of them already."""
        known = self._feed.counts()
        if known is None:
            return False
        stock = timedelta(days=self._plan.stock_days)
        if known.get("requests", 0) < _STOCK_SHARE * self._requests.expected(stock):
            self._stock_at = self._began_at - stock
        self._is_stocked = True
        return True

    def _register(self) -> bool:
        """Say once which feeds there are."""
        if not self._is_registered and self._objects is not None:
            feeds = registrations(self._objects.sources, layers.load())
            self._is_registered = self._feed.register(feeds)
        return self._is_registered

    def _send_places(self, now: datetime) -> bool:
        """Register firms and lorries at the start and again each hour."""
        hour = _floor(now, _HOUR)
        if self._places_at == hour:
            return True
        rows = [*self._lorries.register(hour), *self._lorries.places(hour)]
        if self._feed.rows(lorries.LAYER, rows, HAZMAT):
            self._places_at = hour
        return self._places_at is not None

    def _send_water(self, now: datetime) -> None:
        minute = _floor(now, _MINUTE)
        if self._water_at is None:
            rows = [*self._gauges.all(minute), *self._gauges.past(minute, CURVES_H)]
        elif minute > self._water_at:
            rows = self._gauges.due(minute)
        else:
            return
        if self._say_water(rows, now):
            self._water_at = minute

    def _say_water(self, rows: Sequence[FeatureIn], now: datetime) -> bool:
        """Send what the gauges say, as their feed is able to just now."""
        fault = self._objects.gauge_fault(now.timestamp()) if self._objects else Fault.NONE
        if fault is Fault.SILENT:
            return True
        if fault is Fault.UNIT:
            rows = [_in_centimetres(row) for row in rows]
        times = 2 if fault is Fault.DOUBLED else 1
        return all(self._feed.rows(gauges.LAYER, rows, WATER) for _ in range(times))

    def _send_fixes(self, now: datetime) -> None:
        since = max(self._fixed_at, now - _BUFFER)
        fixes, late = self._lorries.fixes(since, now), self._late
        if not self._plan.tidy:
            fixes, late = self._disordered(fixes, now)
        if fixes and not self._feed.fixes(lorries.LAYER, fixes, HAZMAT):
            return
        self._fixed_at, self._late = now, late
        if fixes and not self._plan.tidy and self._happens("twice", now, _TWICE_SHARE):
            self._feed.fixes(lorries.LAYER, fixes, HAZMAT)

    def _disordered(
        self, fixes: Sequence[PositionIn], now: datetime
    ) -> tuple[list[PositionIn], list[_Held]]:
        """Hold some fixes back, and add those held back long enough."""
        held = list(self._late)
        for fix in fixes:
            if self._lorries.is_late(fix):
                wait_s = dice(self._plan.seed, "wait", fix.id, fix.observed_at).uniform(*_LATE_S)
                held.append((fix.observed_at + timedelta(seconds=wait_s), fix))
        ready = [fix for until, fix in held if until <= now]
        prompt = [fix for fix in fixes if not self._lorries.is_late(fix)]
        return prompt + ready, [one for one in held if one[0] > now]

    def _send_events(self, now: datetime) -> None:
        """Send what is new, then go on with what was open before the city began."""
        is_alone = self._flow is None or self._flow.is_whole
        until_s = self._clock.steady_s() + (STOCK_S if is_alone else EVENTS_S)
        self._asked_at = self._say_events(self._asked_at, now, until_s)
        self._stock_at = self._say_events(self._stock_at, self._began_at - _RECENT, until_s)
        if self._desk is not None:
            self._desk.step()

    def _say_events(self, since: datetime, until: datetime, until_s: float) -> datetime:
        """Send the events of a span while there is time; give up to when they are sent."""
        while since < until and self._clock.steady_s() < until_s:
            end = min(until, since + _SPAN)
            for intake in self._requests.between(since, end):
                if intake.level and intake.reported_at < self._began_at - _GRADED:
                    continue  # long since settled: only ordinary matters stay open for days
                head = self._feed.event(intake)
                if head is None:
                    return since
                since = intake.reported_at
                if self._desk is not None:
                    self._desk.take(intake, head)
                if self._clock.steady_s() > until_s:
                    break
            else:
                since = end
        return since

    def _happens(self, what: str, now: datetime, share: float) -> bool:
        return dice(self._plan.seed, what, int(now.timestamp())).random() < share


def _in_centimetres(row: FeatureIn) -> FeatureIn:
    """Give a level in centimetres, as a gauge does whose unit was changed by mistake."""
    if row.value is None or row.kind != "level_station":
        return row
    return row.model_copy(update={"value": row.value * 100})


def lay_out(plan: Plan) -> World:
    """Lay the ground and the streets."""
    facts, ground = load(), survey(plan.seed)
    streets = lay(ground, facts.roads, seed=plan.seed, scale=plan.scale)
    return World(facts, ground, streets, plan.seed, plan.scale)


def build(plan: Plan, clock: Clock, world: World | None = None) -> Objects:
    """Know every kind of object of a world, by itself of a new one."""
    world = world or lay_out(plan)
    began_s = clock.now().timestamp()
    return Objects(world, layers.load(), tidy=plan.tidy, began_s=began_s)


def run(city: City, ended: threading.Event, clock: Clock) -> None:
    """Play the city until told to end, a step each second."""
    while not ended.is_set():
        began_s = clock.steady_s()
        city.step()
        ended.wait(max(_BREATH_S, STEP_S - (clock.steady_s() - began_s)))


def main(words: Sequence[str]) -> int:
    """Play the city from the command line until SIGTERM."""
    asked = _parser().parse_args(words)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    clock = SystemClock()
    lines = [
        Link(asked.backend, asked.credentials, clock, account=account, before=before)
        for account, before in ((FEED_ACCOUNT, ""), (DESK_ACCOUNT, DESK_BEFORE))
    ]
    plan = Plan(asked.seed, asked.scale, asked.rate, asked.tidy, asked.stock_days)
    desk = None if asked.no_desk else Desk(lines[1], clock, seed=plan.seed)
    world, feed = lay_out(plan), Feed(lines[0])
    objects = build(plan, clock, world)
    beside = (Troubles(world, feed), Stages(world, feed, layers.load()))
    try:
        run(City(plan, feed, clock, desk=desk, objects=objects, beside=beside), ended, clock)
    finally:
        for line in lines:
            line.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backend simulate", description="模拟城市 / the city")
    parser.add_argument("--backend", required=True, help="服务地址 / address of the service")
    parser.add_argument("--credentials", type=Path, required=True, help="账号文件 / accounts")
    parser.add_argument("--seed", type=int, default=7, help="随机种子 / seed")
    parser.add_argument("--scale", type=float, default=0.1, help="规模 / size")
    parser.add_argument("--rate", type=float, default=1.0, help="事件倍率 / how many events")
    parser.add_argument(
        "--stock-days",
        type=float,
        default=STOCK_DAYS,
        help="开始时几天的存量 / days of open events",
    )
    parser.add_argument("--no-desk", action="store_true", help="无人处置 / nobody at the desk")
    parser.add_argument("--tidy", action="store_true", help="不迟到不重复 / nothing late or twice")
    return parser


def _floor(at: datetime, span: timedelta) -> datetime:
    seconds = span.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
