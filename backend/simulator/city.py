"""The simulated city: an outsider that feeds the service over HTTP; same seed, same day."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.simulator import gauges, lorries
from backend.simulator.desk import Desk
from backend.simulator.facts import dice, load
from backend.simulator.feed import Feed
from backend.simulator.gauges import Gauges
from backend.simulator.link import Link
from backend.simulator.lorries import Lorries
from backend.simulator.requests import Requests
from backend_client.contract.clock import Clock, SystemClock
from backend_client.contract.positions import PositionIn

FEED_ACCOUNT = "feed"
DESK_ACCOUNT = "dispatcher"
STEP_S = 1.0
FIX_EVERY_S = 2.0
EVENTS_PER_STEP = 20
"""So many at most between two batches of fixes: the start stock must not hold lorries up."""
STOCK = timedelta(hours=3)
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
    """

    seed: int = 7
    scale: float = 0.1
    rate: float = 1.0
    tidy: bool = False


class City:
    """Feed one service. What a source says depends on seed and instant alone, so what could
    not be sent is simply said again for the same instants once the service is back.
    """

    def __init__(self, plan: Plan, feed: Feed, clock: Clock, *, desk: Desk | None = None) -> None:
        facts = load()
        self._plan, self._feed, self._clock, self._desk = plan, feed, clock, desk
        self._gauges = Gauges(facts, seed=plan.seed, scale=plan.scale)
        self._lorries = Lorries(facts, seed=plan.seed, scale=plan.scale)
        self._requests = Requests(facts, seed=plan.seed, scale=plan.scale, rate=plan.rate)
        now = clock.now()
        self._fixed_at = now - timedelta(seconds=15)
        self._asked_at = now - STOCK
        self._water_at: datetime | None = None
        self._places_at: datetime | None = None
        self._late: list[_Held] = []

    def step(self) -> None:
        """Send everything that is due now."""
        now = self._clock.now()
        if not self._send_places(now):
            return
        self._send_water(now)
        if (now - self._fixed_at).total_seconds() >= FIX_EVERY_S:
            self._send_fixes(now)
        self._send_events(now)

    def _send_places(self, now: datetime) -> bool:
        """Register firms and lorries at the start and again each hour."""
        hour = _floor(now, _HOUR)
        if self._places_at == hour:
            return True
        rows = [*self._lorries.register(hour), *self._lorries.places(hour)]
        if self._feed.rows(lorries.LAYER, rows):
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
        if self._feed.rows(gauges.LAYER, rows):
            self._water_at = minute

    def _send_fixes(self, now: datetime) -> None:
        since = max(self._fixed_at, now - _BUFFER)
        fixes, late = self._lorries.fixes(since, now), self._late
        if not self._plan.tidy:
            fixes, late = self._disordered(fixes, now)
        if fixes and not self._feed.fixes(lorries.LAYER, fixes):
            return
        self._fixed_at, self._late = now, late
        if fixes and not self._plan.tidy and self._happens("twice", now, _TWICE_SHARE):
            self._feed.fixes(lorries.LAYER, fixes)

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
        due = self._requests.between(self._asked_at, now)
        for intake in due[:EVENTS_PER_STEP]:
            head = self._feed.event(intake)
            if head is None:
                return
            self._asked_at = intake.reported_at
            if self._desk is not None:
                self._desk.take(intake, head.item_id)
        if len(due) <= EVENTS_PER_STEP:
            self._asked_at = now
        if self._desk is not None:
            self._desk.step()

    def _happens(self, what: str, now: datetime, share: float) -> bool:
        return dice(self._plan.seed, what, int(now.timestamp())).random() < share


def run(city: City, ended: threading.Event) -> None:
    """Play the city until told to end."""
    while not ended.is_set():
        city.step()
        ended.wait(STEP_S)


def main(words: Sequence[str]) -> int:
    """Play the city from the command line until SIGTERM."""
    asked = _parser().parse_args(words)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    clock = SystemClock()
    lines = [
        Link(asked.backend, asked.credentials, clock, account=account)
        for account in (FEED_ACCOUNT, DESK_ACCOUNT)
    ]
    plan = Plan(seed=asked.seed, scale=asked.scale, rate=asked.rate, tidy=asked.tidy)
    desk = None if asked.no_desk else Desk(lines[1], clock, seed=plan.seed)
    try:
        run(City(plan, Feed(lines[0]), clock, desk=desk), ended)
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
    parser.add_argument("--no-desk", action="store_true", help="无人处置 / nobody at the desk")
    parser.add_argument("--tidy", action="store_true", help="不迟到不重复 / nothing late or twice")
    return parser


def _floor(at: datetime, span: timedelta) -> datetime:
    seconds = span.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
