"""The service is killed at random moments: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest

from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Channel, Event, Intake
from backend_client.errors import Unreachable
from backend_client.stream import Batch, Stream
from tests.end2end.pen import writing
from tests.end2end.stack import Service, wait_for

KILLS = (6, pytest.param(20, marks=pytest.mark.slow))


@dataclass
class Door:
    """A channel that hands in events for ever; what got no answer is handed in again."""

    client: Client
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[Exception] = field(default_factory=list)
    tries: int = 0

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self.hand_in(f"kill-{number:05d}")

    def hand_in(self, intake_id: str) -> None:
        while intake_id not in self.acknowledged:
            self.tries += 1
            try:
                self.acknowledged[intake_id] = self.client.intake(an_intake(intake_id)).item_id
            except Unreachable:
                time.sleep(0.02)
            except Exception as error:  # noqa: BLE001  # shown by the test
                self.refused.append(error)
                return


def an_intake(intake_id: str) -> Intake:
    return Intake(
        intake_id=intake_id,
        channel=Channel.HOTLINE,
        title="路灯不亮",
        text=f"人民路路灯不亮 {intake_id}",
        place="人民路",
        lon=120.86,
        lat=32.01,
        region="320613",
        reported_at=datetime.now(UTC),
    )


@dataclass
class Reader:
    """A console's ear: follows the stream through every kill and notes what it heard."""

    client: Client
    stop: threading.Event = field(default_factory=threading.Event)
    numbers: list[int] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    others: list[str] = field(default_factory=list)

    def run(self) -> None:
        stream = Stream(self.client, SystemClock())
        for frame in stream.frames(self.stop.is_set):
            if isinstance(frame, Batch):
                self.numbers += [change.n for change in frame.changes]
                self.events.update(c.item_id for c in frame.changes if c.kind == "event")
            elif type(frame).__name__ == "Resync":
                self.others.append("resync")


def everything(client: Client) -> list[Event]:
    found: list[Event] = []
    after = ""
    while True:
        page = client.items("event", after=after)
        found += [item for item in page.items if isinstance(item, Event)]
        if page.next is None:
            return found
        after = page.next


@pytest.mark.end2end
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", KILLS)
def test_kills_lose_and_double_nothing(service: Service, kills: int) -> None:
    """Events, the stream's numbers, the shift's lines and a locked page, through the same kills."""
    with writing(service, f"kills-{kills}"):
        survives(service, kills)


def takes_more(door: Door, before: int) -> bool:
    return len(door.acknowledged) > before


def survives(service: Service, kills: int) -> None:
    """Kill a service under load some times; count every event and every number afterwards."""
    chance = random.Random(7)
    door = Door(service.client("feed"))
    reader = Reader(service.client("dispatcher"))
    first = service.client("dispatcher")
    hands = [threading.Thread(target=each.run, daemon=True) for each in (door, reader)]
    hands[1].start()
    hands[0].start()
    wait_for(lambda: reader.numbers, 10, "the stream speaks")
    for number in range(kills):
        if number % 2:  # however slow the machine: every other life takes something in
            wait_for(partial(takes_more, door, len(door.acknowledged)), 20, "an event taken")
        time.sleep(chance.uniform(0.05, 0.6))
        service.kill()
        service.start()
    wait_for(partial(takes_more, door, len(door.acknowledged)), 20, "the last life takes events in")
    door.stop.set()
    hands[0].join(10)
    newest = first.health().n
    wait_for(lambda: reader.numbers[-1] >= newest, 40, "the stream catches up")
    reader.stop.set()
    hands[1].join(10)

    held = Counter(event.intake_id for event in everything(first))
    assert not door.refused
    assert len(door.acknowledged) >= kills // 2, "too few events for the test to mean anything"
    assert door.tries > len(door.acknowledged), "no post was cut off: the kills missed"
    assert set(door.acknowledged) <= set(held), "an acknowledged event is lost"
    assert set(held.values()) == {1}, "an event is doubled"
    assert reader.others == [], "the stream had to start anew"
    span = range(reader.numbers[0], reader.numbers[-1] + 1)
    assert reader.numbers == list(span), "the stream has a gap or a repeat"
