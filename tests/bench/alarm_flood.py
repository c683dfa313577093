"""Ten thousand alarms in ten seconds: none lost, the first-out on the strip, no stall."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

from backend_client.client import Client
from backend_client.contract.alarms import Alarm, CauseIn, Causes
from backend_client.contract.base import Text
from tests.bench.stage import Row, finish
from tests.end2end.stack import Service, wait_for
from tests.end2end.walls import WallProcess, wall_of

MONITORS = ["*LEFT=2880x1000+0+0", "RIGHT=2880x1000+0+1000"]
COUNT, BATCH, SPAN_S = 10_000, 500, 10.0
FAMILIES = 31
FIRST = "flood-0"
VISIBLE_S, STALL_MS = 1.0, 100.0


def cause(number: int) -> CauseIn:
    """Give one of an upset in one county and layer: all of one level, the first is the first."""
    return CauseIn(
        cause=f"flood-{number}",
        layer="utilities",
        level=3,
        title=Text(f"{number} 号调压站压力低", f"Station {number}: pressure low"),
        action=Text("派人核查并关阀", "Send somebody, close the valve"),
        owner=Text("燃气公司", "Gas company"),
        family=f"kind-{number % FAMILIES}",
        region="320613",
        department="D33",
        observed_at=datetime.now(UTC),
    )


class Flood(threading.Thread):
    """Tell a batch every half second, whatever the answers take."""

    def __init__(self, feed: Client) -> None:
        super().__init__(daemon=True)
        self._feed = feed
        self.began_s = 0.0
        self.answered_s: list[float] = []
        self.begun = 0

    def run(self) -> None:
        batches = [
            tuple(cause(number) for number in range(first, first + BATCH))
            for first in range(0, COUNT, BATCH)
        ]
        self.began_s = time.monotonic()
        for turn, batch in enumerate(batches):
            due_s = self.began_s + turn * SPAN_S / len(batches)
            time.sleep(max(0.0, due_s - time.monotonic()))
            sent_s = time.monotonic()
            self.begun += self._feed.tell_causes(Causes(source="flood", raised=batch)).begun
            self.answered_s.append(time.monotonic() - sent_s)
        self.ended_s = time.monotonic()


def kept(client: Client) -> int:
    """Count the flood's alarms in the database, by id."""
    found: set[str] = set()
    after = ""
    while True:
        page = client.items("alarm", after=after, limit=500)
        found |= {
            one.source_id
            for one in page.items
            if isinstance(one, Alarm) and one.source_kind == "system"
        }
        if page.next is None:
            return len(found)
        after = page.next


def measure(service: Service, wall: WallProcess) -> tuple[list[Row], str]:
    """Let the flood come and watch the console."""
    wall.until(lambda seen: seen["online"] and len(seen["windows"]) == 2, 90)
    time.sleep(8)  # maps stand, the picture is whole
    wall.ask("measure")
    flood = Flood(service.client("feed"))
    flood.start()
    visible_s: list[float] = []

    def arrived() -> bool:
        seen = wall.ask("alarms")
        if not visible_s and all(FIRST in strip for strip in seen["strips"]):
            visible_s.append(time.monotonic() - flood.began_s)
        time.sleep(0.03)
        return bool(seen["count"] >= COUNT) and not flood.is_alive()

    wait_for(arrived, 90, "every alarm on the console")
    all_s = time.monotonic() - flood.began_s
    seen = wall.ask("alarms")
    if folder := os.environ.get("FLOOD_PICTURE"):
        wall.ask("save", folder)
    stored = kept(service.client("operator"))
    sent_s = flood.ended_s - flood.began_s
    shown = visible_s[0] if visible_s else float("inf")
    return (
        [
            Row(
                what=f"{COUNT:,} alarms told in {SPAN_S:.0f} s: in the database / on the console",
                ours=f"{stored:,} / {seen['count']:,}",
                other=f"told in {sent_s:.1f} s, all on the console after {all_s:.1f} s",
                ratio=None,
                target="none lost",
                met=stored == seen["count"] == flood.begun == COUNT,
            ),
            Row(
                what="first-out painted on the strips of both screens",
                ours=f"{shown:.2f} s",
                other=f"a batch of {BATCH} answered in {max(flood.answered_s):.2f} s at most",
                ratio=None,
                target=f"≤ {VISIBLE_S:.0f} s",
                met=shown <= VISIBLE_S,
            ),
            Row(
                what="console's main thread meanwhile, longest stall",
                ours=f"{seen['most_ms']:.0f} ms",
                other=f"p99.9 {seen['stall_ms']:.0f} ms of {seen['pings']} pings",
                ratio=None,
                target=f"≤ {STALL_MS:.0f} ms",
                met=seen["most_ms"] <= STALL_MS,
            ),
        ],
        "Two walls of 2880 × 1000, one console process, the reference service, no city.",
    )


def main() -> None:
    """Run the flood once."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data").start()
        try:
            console = Path(folder) / "console"
            with wall_of(service, console, None, MONITORS, size="2880x2000") as wall:
                rows, note = measure(service, wall)
            if kept_at := os.environ.get("FLOOD_PICTURE"):
                copy(console / "stalls.txt", kept_at)
        finally:
            service.stop()
    finish("Alarm flood", rows, note)


if __name__ == "__main__":
    main()
