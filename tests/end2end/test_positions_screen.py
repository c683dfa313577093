"""Fixes come shuffled, late and doubled: nothing on the screen goes back, all arrive in time."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PySide6.QtGui import QColor

from backend_client.client import Client
from backend_client.contract.columns import E7, FixBlock
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from maps.painter import Painted
from tests.end2end.seat import COLOURS, EXTENT, REACH_PX, Seat, screen_now
from tests.end2end.stack import Service

pytestmark = [pytest.mark.end2end, pytest.mark.display]

COLUMNS, ROWS = 8, 5
VEHICLES = COLUMNS * ROWS
STEPS = 26
LATEST_BY = 4  # a fix is posted up to so many rounds after its turn
ROUND_S = 0.2
CONVERGED_S = 1.0
ARRIVALS = 3  # their median is judged: a machine busy with others is slow once, a console always
Sent = tuple[int, int]  # vehicle, step


def place(vehicle: int, step: int) -> tuple[float, float]:
    """Give where a vehicle is: every step leads east, the last ones by tens of pixels."""
    row, column = divmod(vehicle, COLUMNS)
    width, height = EXTENT.east - EXTENT.west, EXTENT.north - EXTENT.south
    west = EXTENT.west + width * (0.06 + 0.9 * column / COLUMNS)
    leaps = max(0, step - STEPS + 2)
    lon = west + (0.003 + leaps * 0.005 if leaps else step * 0.00005)
    return lon, EXTENT.south + height * (0.12 + 0.8 * row / ROWS)


class Feed:
    """Post every vehicle's way in a thread: out of order, some of it late, some of it twice."""

    def __init__(self, client: Client) -> None:
        self.accepted = self.doubled = 0
        self.ended_s = 0.0
        self._client = client
        self._begin = datetime.now(UTC) - timedelta(seconds=STEPS)
        self._draw = random.Random(5)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Make the vehicles known and begin posting."""
        rows = [
            FeatureIn(
                id=f"V{vehicle}",
                kind="vehicle",
                name=f"苏F{vehicle:05d}",
                lon=None,
                lat=None,
                region="320612",
                observed_at=self._begin,
                properties={"generated": True},
            )
            for vehicle in range(VEHICLES)
        ]
        self._client.upsert("hazmat", Upsert(features=tuple(rows)))
        self._thread.start()

    def _run(self) -> None:
        for number, batch in enumerate(self._rounds()):
            if number:
                time.sleep(ROUND_S)
            self._send(batch)
        self.ended_s = time.monotonic()

    def leap(self, step: int) -> None:
        """Post one more step of every vehicle at once."""
        self._send([(vehicle, step) for vehicle in range(VEHICLES)])
        self.ended_s = time.monotonic()

    def _send(self, batch: list[Sent]) -> None:
        fixes = tuple(self._fix(*sent) for sent in batch)
        made = self._client.send_positions(Fixes(layer="hazmat", fixes=fixes))
        assert not made.rejected
        self.accepted += made.accepted
        self.doubled += made.duplicate

    def _rounds(self) -> list[list[Sent]]:
        rounds: list[list[Sent]] = [[] for _ in range(STEPS + LATEST_BY)]
        for vehicle in range(VEHICLES):
            for step in range(STEPS):
                turn = step + self._draw.randint(0, LATEST_BY)
                rounds[turn].append((vehicle, step))
                if self._draw.random() < 0.2:
                    again = self._draw.randint(turn, len(rounds) - 1)
                    rounds[again].append((vehicle, step))
        for one in rounds:
            self._draw.shuffle(one)
        return rounds

    def _fix(self, vehicle: int, step: int) -> PositionIn:
        lon, lat = place(vehicle, step)
        at = self._begin + timedelta(seconds=step)
        return PositionIn(id=f"V{vehicle}", lon=lon, lat=lat, observed_at=at)


class Echo:
    """Something on the way to the console that now and then hands out an older answer again."""

    def __init__(self, ask: Callable[..., FixBlock | None]) -> None:
        self.repeated = 0
        self.is_on = True
        self._ask = ask
        self._old: deque[FixBlock] = deque(maxlen=3)
        self._answers = 0

    def positions(self, *, since: int, wait_s: float = 1.0) -> FixBlock | None:
        """Answer as the service does, every other time with what it said some answers ago."""
        block = self._ask(since=since, wait_s=wait_s)
        if block is None:
            return None
        self._old.append(block)
        self._answers += 1
        if not self.is_on or self._answers % 2 or len(self._old) < 3:
            return block
        self.repeated += 1
        return self._old[0]


class Watcher:
    """See every state of the store and every picture the map shows; note what goes back."""

    def __init__(self, seat: Seat) -> None:
        self.states = self.pictures = 0
        self.went_back: list[str] = []
        self._seat = seat
        self._store: dict[int, float] = {}
        self._screen: dict[int, float] = {}
        self._by_number: dict[int, dict[int, float]] = {}
        self._positions = seat.console.reach.stores.positions
        self._positions.changed.connect(self._on_changed)
        seat.host.painter.painted.connect(self._on_painted)
        seat.view.shown.connect(self._on_shown)

    def _on_changed(self) -> None:
        self.states += 1
        fixes = self._positions.latest("hazmat")
        now = dict(zip(fixes.oid.tolist(), fixes.observed_ms.tolist(), strict=True))
        self._compare("store", self._store, now)

    def _on_painted(self, painted: Painted) -> None:
        picture = painted.picture
        if picture.channel == "moving":
            east = zip(picture.oid.tolist(), picture.xy[:, 0].tolist(), strict=True)
            self._by_number[painted.seq] = dict(east)

    def _on_shown(self, channel: str, layer: str, number: int) -> None:
        if (channel, layer) == ("moving", "hazmat") and number in self._by_number:
            self.pictures += 1
            self._compare("screen", self._screen, self._by_number[number])

    def _compare(self, where: str, known: dict[int, float], now: dict[int, float]) -> None:
        for oid, value in now.items():
            if value < known.get(oid, value):
                self.went_back.append(f"{where}: {oid} from {known[oid]} to {value}")
        known.update(now)


def in_store(seat: Seat, step: int) -> bool:
    """Tell whether the store holds every vehicle at the place of a step."""
    fixes = seat.console.reach.stores.positions.latest("hazmat")
    last = {tuple(round(x * E7) for x in place(v, step)) for v in range(VEHICLES)}
    return last == set(zip(fixes.lon_e7.tolist(), fixes.lat_e7.tolist(), strict=True))


def on_screen(seat: Seat, step: int) -> bool:
    """Tell whether every vehicle's colour stands at a step's place and not at the one before."""
    picture, colour = screen_now(), QColor(COLOURS["hazmat"]).rgb()
    words = np.frombuffer(picture.constBits(), np.uint32)
    painted = words.reshape(picture.height(), picture.bytesPerLine() // 4) == colour

    def stands(vehicle: int, step: int) -> bool:
        spot = seat.view.mapToGlobal(seat.view.locate(*place(vehicle, step)).toPoint())
        x, y = spot.x() - REACH_PX, spot.y() - REACH_PX
        return bool(painted[y : y + 2 * REACH_PX, x : x + 2 * REACH_PX].any())

    return all(stands(v, step) and not stands(v, step - 1) for v in range(VEHICLES))


def arrived_s(seat: Seat, feed: Feed, step: int) -> float:
    """Wait until all vehicles stand where the last post put them; give how long that took."""
    seat.wait(lambda: in_store(seat, step) and on_screen(seat, step), 5)
    return time.monotonic() - feed.ended_s


def test_no_vehicle_goes_back_and_all_arrive_within_a_second(
    seat: Seat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = seat.console.reach.client
    echo = Echo(client.positions)
    monkeypatch.setattr(client, "positions", echo.positions)
    watcher, feed = Watcher(seat), Feed(service.client("feed"))
    feed.start()
    seat.wait(lambda: feed.accepted > VEHICLES * STEPS * 0.8, 30)
    echo.is_on = False  # the last second is the product's own
    seat.wait(lambda: feed.ended_s > 0, 30)
    took_s = [arrived_s(seat, feed, STEPS - 1)]
    for step in range(STEPS, STEPS + ARRIVALS - 1):
        feed.leap(step)
        took_s.append(arrived_s(seat, feed, step))
    said = ", ".join(f"{one:.2f}" for one in took_s)
    print(f"{watcher.states} states, {watcher.pictures} pictures, converged in {said} s")
    assert feed.accepted == VEHICLES * (STEPS + ARRIVALS - 1)
    assert feed.doubled > 0
    assert echo.repeated >= 2
    assert min(watcher.states, watcher.pictures) >= 5
    assert not watcher.went_back, watcher.went_back[:5]
    assert statistics.median(took_s) <= CONVERGED_S, said
