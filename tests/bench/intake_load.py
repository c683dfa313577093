"""10,000 reports in 10 minutes through the door while 50 operators work, whole or with kills.

`python -m tests.bench.intake_load [--minutes 10] [--kills 20] [--json FILE]`; the reports are the
made-up city's. Counted at the end: every acknowledged report once, every order of an acknowledged
dispatch once, nothing else.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from itertools import count as itertools_count
from pathlib import Path

from backend_client.client import Client
from backend_client.contract.change import Item, ItemKind
from backend_client.contract.claims import Claiming
from backend_client.contract.events import (
    Channel,
    Close,
    Dispatch,
    Event,
    EventState,
    Intake,
    Touch,
)
from backend_client.contract.orders import Order, OrderState
from backend_client.errors import Refused, Unreachable
from tests.bench.events_city import city
from tests.bench.stage import Row, finish
from tests.end2end.stack import Service

PER_MINUTE = 1_000
OPERATORS = 50
DOORS = 4
STEP_S = 3.0  # an operator's time between two steps
TARGET_MS = 200.0
DESKS = ("dispatcher", "dispatcher_second", "operator")


@dataclass
class Load:
    """What was done and how long the door took."""

    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: dict[str, str] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    steps: Counter[str] = field(default_factory=Counter)
    again: int = 0


def hand_in(load: Load, client: Client, queue: Iterator[Intake], pause_s: float) -> None:
    """Hand reports in at a steady pace; one without an answer is handed in again."""
    due_s = time.monotonic()
    while not load.stop.is_set():
        with load.lock:
            intake = next(queue, None)
        if intake is None:
            return
        due_s += pause_s
        time.sleep(max(0.0, due_s - time.monotonic()))
        while intake.intake_id not in load.taken:
            began_s = time.monotonic()
            try:
                head = client.intake(intake)
            except Unreachable:
                load.again += 1
                time.sleep(0.05)
                continue
            with load.lock:
                load.taken[intake.intake_id] = head.item_id
                load.took_ms.append((time.monotonic() - began_s) * 1000)


def work(load: Load, client: Client, seed: int) -> None:
    """Take events on, one step at a time, as an operator does."""
    chance = random.Random(seed)
    time.sleep(chance.uniform(0, STEP_S))
    while not load.stop.is_set():
        with load.lock:
            known = list(load.taken.values())
        if known:
            with suppress(Refused, Unreachable):
                step(load, client, chance.choice(known[-400:]))
        time.sleep(chance.uniform(0.5, 1.5) * STEP_S)


def step(load: Load, client: Client, event_id: str) -> None:
    """Take an event's next step, whatever it is."""
    event = client.item("event", event_id)
    assert isinstance(event, Event)
    if event.state is EventState.REGISTERED:
        client.claim_event(event_id, Claiming())
        client.accept_event(event_id, Touch(version=event.version))
        client.release_event(event_id)
    elif event.state is EventState.ACCEPTED:
        due_at = datetime.now(UTC) + timedelta(days=1)
        body = Dispatch(version=event.version, department="D24", due_at=due_at)
        client.dispatch_event(event_id, body)
        with load.lock:
            load.sent.add(event_id)
    elif event.state in (EventState.DISPATCHED, EventState.SIGNED) and event.order_id:
        order = client.item("order", event.order_id)
        assert isinstance(order, Order)
        if order.state is OrderState.SENT:
            client.sign_order(order.item_id, Touch(version=order.version))
        else:
            done = Close(version=order.version, answer="已处置")
            client.report_order(order.item_id, done)
    elif event.state is EventState.REPORTED:
        client.close_event(event_id, Close(version=event.version, answer="已处置，感谢反映"))
    load.steps[event.state.value] += 1


def everything(client: Client, kind: ItemKind) -> list[Item]:
    """Read all present items of a kind."""
    found: list[Item] = []
    after = ""
    while True:
        page = client.items(kind, after=after)
        found += page.items
        if page.next is None:
            return found
        after = page.next


def intakes(count: int) -> Iterator[Intake]:
    """Give made-up reports, their times now."""
    channels = tuple(Channel)
    written = chain.from_iterable(city("practice", seed) for seed in itertools_count(41))
    for number, report in enumerate(islice(written, count)):
        row = report.row
        yield Intake(
            intake_id=f"load-{number:06d}",
            channel=channels[number % len(channels)],
            title=(row["title"] or row["text"])[:60],
            text=row["text"],
            place=row.get("place", ""),
            lon=float(row["lon"]) if row["lon"] else None,
            lat=float(row["lat"]) if row["lat"] else None,
            region="320613",
            reported_at=datetime.now(UTC),
        )


def run(minutes: float, kills: int) -> tuple[Load, list[str]]:
    """Drive it and give what was done and what is wrong with what is held."""
    count = round(PER_MINUTE * minutes)
    load = Load()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data").start()
        try:
            queue = intakes(count)
            doors = [service.client("feed") for _ in range(DOORS)]
            desks = [service.client(DESKS[at % len(DESKS)]) for at in range(OPERATORS)]
            pause_s = 60.0 / PER_MINUTE * DOORS
            hands = [
                threading.Thread(target=hand_in, args=(load, one, queue, pause_s), daemon=True)
                for one in doors
            ]
            people = [
                threading.Thread(target=work, args=(load, one, at), daemon=True)
                for at, one in enumerate(desks)
            ]
            for one in (*hands, *people):
                one.start()
            chance, end_s = random.Random(5), time.monotonic() + minutes * 60
            for number in range(kills):
                left = (end_s - time.monotonic()) / (kills - number)
                time.sleep(max(0.2, chance.uniform(0.3, 1.7) * left))
                service.kill()
                service.start()
            for one in hands:
                one.join()
            load.stop.set()
            for one in people:
                one.join(30)
            faults = check(load, service.client("dispatcher"))
        finally:
            service.stop()
    return load, faults


def check(load: Load, client: Client) -> list[str]:
    """Count what is held against what was acknowledged."""
    events = [one for one in everything(client, "event") if isinstance(one, Event)]
    orders = [one for one in everything(client, "order") if isinstance(one, Order)]
    held = Counter(event.intake_id for event in events)
    faults = []
    if lost := set(load.taken) - set(held):
        faults.append(f"{len(lost)} reports lost")
    if more := [one for one, times in held.items() if times > 1]:
        faults.append(f"{len(more)} reports doubled")
    if len(events) != len(load.taken):
        faults.append(f"{len(events)} events of {len(load.taken)} reports")
    by_event = Counter(order.event_id for order in orders)
    if lost := load.sent - set(by_event):
        faults.append(f"{len(lost)} orders lost")
    if twice := [one for one, times in by_event.items() if times > 1]:
        faults.append(f"{len(twice)} events with two orders")
    merged = sum(event.reports - 1 for event in events if event.main_id is None)
    if merged != sum(event.main_id is not None for event in events):
        faults.append("a main event counts other reports than are merged with it")
    return faults


def main() -> None:
    """Run once whole; with `--kills` once more, killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=0)
    asked, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    load, faults = run(asked.minutes, asked.kills)
    took = sorted(load.took_ms)
    p99 = took[int(len(took) * 0.99)] if took else float("nan")
    steps = sum(load.steps.values())
    row = Row(
        f"{len(load.taken):,} reports in {asked.minutes:g} min, {OPERATORS} operators took"
        f" {steps:,} steps, {asked.kills} kills",
        f"door p50 {statistics.median(took):.0f} / p99 {p99:.0f} ms",
        f"{load.again} handed in again",
        None,
        f"p99 <= {TARGET_MS:.0f} ms, nothing lost or doubled",
        met=not faults and (p99 <= TARGET_MS or asked.kills > 0),
    )
    note = "Counted at the end: " + ("all as acknowledged." if not faults else "; ".join(faults))
    finish("Reports under load", [row], note)


if __name__ == "__main__":
    main()
