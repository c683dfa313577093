"""The service is killed while it matches: no pair of reports is left out, none is asked twice."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.client import Client
from backend_client.contract.events import Channel, Intake
from backend_client.contract.matches import Match
from backend_client.errors import Unreachable
from tests.end2end.stack import Service, wait_for

pytestmark = pytest.mark.end2end
KILLS, PAIRS = 4, 16
STREETS = ("望江路", "青石路", "柳堤街", "海桐大道", "濠北路", "金沙街", "东洲路", "文峰巷")
THINGS = ("路面满地玻璃碴扎破轮胎", "井盖裂开行人容易掉下去")
_AT_ONCE = (
    "import sys; from backend import background; background.MATCH_REST_S = 0.1; "
    "from backend.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


@dataclass
class Eager(Service):
    """A service that matches from its first second."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", _AT_ONCE]


def report(number: int, turn: int) -> Intake:
    street, thing = STREETS[number % 8], THINGS[number // 8]
    return Intake(
        intake_id=f"pair-{number}-{turn}",
        channel=Channel.HOTLINE,
        title=f"{street}{thing}",
        text=f"{street}{thing}，请尽快处理",
        place=street,
        lon=120.8 + number / 100,
        lat=32.0,
        region="320613",
        reported_at=datetime.now(UTC),
    )


def hand_in(service: Service, intake: Intake) -> str:
    """Hand a report in until it is acknowledged; the same number again is the same event."""
    end_s = time.monotonic() + 60
    while True:
        try:
            return service.client("feed").intake(intake).item_id
        except Unreachable:
            if time.monotonic() > end_s:
                raise


def asked(client: Client) -> Counter[frozenset[str]]:
    found: Counter[frozenset[str]] = Counter()
    after = ""
    while True:
        page = client.items("match", after=after)
        for one in page.items:
            assert isinstance(one, Match)
            found[frozenset((one.event_id, one.other_id))] += 1
        if page.next is None:
            return found
        after = page.next


@pytest.mark.slow
def test_no_pair_is_left_out_or_asked_twice(tmp_path: Path) -> None:
    service, chance = Eager(tmp_path / "data").start(120), random.Random(3)
    pairs: dict[int, list[str]] = {}
    try:
        for number in range(PAIRS):
            pairs[number] = [hand_in(service, report(number, turn)) for turn in (0, 1)]
            if number % (PAIRS // KILLS) == PAIRS // KILLS - 1:
                time.sleep(chance.uniform(0.0, 1.5))
                service.kill()
                service.start(120)
        clerk = service.client("dispatcher")
        wanted = {frozenset(pair) for pair in pairs.values()}
        wait_for(lambda: wanted <= asked(clerk).keys(), 120, "every pair asked")
        assert set(asked(clerk).values()) == {1}
        assert (service.data / "matching.db").exists()
    finally:
        service.stop()
