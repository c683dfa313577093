"""Reports through the door while many are open: with the matching at work and without it.

`python -m tests.bench.intake_matching [--open 20000] [--seconds 20] [--doors 4]`. The open events
are written into the data folder before the service starts. Measured side by side: how many
reports the doors take a second at full pace and how long each waits, and how long a restart takes
until every open event is held, from the records and without them.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.domain import events as rules
from backend.storage.database import Database
from backend.storage.dialect import upsert
from backend.storage.place import FILE
from backend.storage.tables import META
from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from tests.bench.intake_load import intakes
from tests.bench.stage import Row, finish
from tests.end2end.stack import Service, wait_for

SLOWER: float = 0.5
"""Of the pace without matching that is left with it, at least."""
_AT_ONCE = 500
_WITHOUT = (
    "import sys; from backend.services.matching import Matching; "
    "Matching.tend = lambda self: 1.0; "
    "from backend.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


class Still(Service):
    """A service whose matching does nothing."""

    def command(self) -> list[str]:
        """Start it without its matching."""
        return [sys.executable, "-c", _WITHOUT]


@dataclass
class Paced:
    """What the doors took."""

    took_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def pace(self) -> float:
        """Give reports a second."""
        return len(self.took_ms) / self.seconds

    def said(self) -> str:
        """Say pace and wait."""
        took = sorted(self.took_ms)
        p99 = took[int(len(took) * 0.99)]
        return f"{self.pace:.0f}/s, p50 {statistics.median(took):.0f} p99 {p99:.0f} ms"


def fill(data: Path, count: int) -> None:
    """Write open events into a data folder, as if they had come in and been looked at."""
    database = Database(data / FILE, SystemClock(), lambda _: None, folder=data)
    at = datetime.now(UTC) - timedelta(days=1)
    made = intakes(count)
    for batch in iter(lambda: list(itertools.islice(made, _AT_ONCE)), []):
        new = [
            rules.register(
                one.model_copy(update={"intake_id": f"open-{one.intake_id}", "reported_at": at}),
                f"event-{one.intake_id[-6:]:>016}",
                at,
                None,
            )
            for one in batch
        ]
        with database.write() as unit:
            unit.put_all(new, [], by=None, action="event.intake")
            row = {"key": "matched_to", "value": str(unit.n())}
            unit.connection.execute(upsert(unit.connection, META, key=("key",)), [row])
    database.close()


def held_after_s(service: Service) -> float:
    """Wait until every open event is held; give the seconds since the service was ready."""
    began_s = time.monotonic()
    log = service.data.parent / f"{service.data.name}.log"
    wait_for(lambda: '"held"' in log.read_text(errors="replace"), 900, "every open event held")
    return time.monotonic() - began_s


def push(service: Service, doors: int, seconds: float, name: str) -> Paced:
    """Hand reports in at several doors as fast as they are taken."""
    paced, lock = Paced(), threading.Lock()
    queue = list(intakes(1_000))[::-1]
    clients = [service.client("feed") for _ in range(doors)]
    end_s = time.monotonic() + seconds

    def hand_in(client: Client) -> None:
        while time.monotonic() < end_s:
            with lock:
                if not queue:
                    return
                intake = queue.pop()
            intake = intake.model_copy(update={"intake_id": f"{name}-{intake.intake_id}"})
            began_s = time.monotonic()
            client.intake(intake)
            with lock:
                paced.took_ms.append((time.monotonic() - began_s) * 1000)

    hands = [threading.Thread(target=hand_in, args=(one,)) for one in clients]
    began_s = time.monotonic()
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    paced.seconds = time.monotonic() - began_s
    return paced


def main() -> None:
    """Measure with and without, then a restart with and without the records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--doors", type=int, default=4)
    asked, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        fill(data, asked.open)
        still = Still(data).start(180)
        time.sleep(10)
        without = push(still, asked.doors, asked.seconds, "still")
        still.stop()
        print(f"  without matching {without.said()}", flush=True)
        service = Service(data).start(180)
        anew_s = held_after_s(service)
        print(f"  all held from the reports after {anew_s:.0f} s", flush=True)
        with_it = push(service, asked.doors, asked.seconds, "with")
        service.stop()
        print(f"  with matching {with_it.said()}", flush=True)
        with suppress(FileNotFoundError):
            (data.parent / f"{data.name}.log").unlink()
        again = Service(data).start(180)
        kept_s = held_after_s(again)
        again.stop()
    share = with_it.pace / without.pace
    rows = [
        Row(
            f"{asked.open:,} open events, {asked.doors} doors at full pace",
            f"with matching {with_it.said()}",
            f"without {without.said()}",
            share,
            f"at least {SLOWER:.0%} of the pace is left",
            met=share >= SLOWER,
        ),
        Row(
            "a restart until every open event is held",
            f"from the records {kept_s:.0f} s",
            f"from the reports {anew_s:.0f} s",
            kept_s / anew_s,
            "less",
            met=kept_s < anew_s,
        ),
    ]
    finish("Intake beside matching", rows, "8 s of rest included.")


if __name__ == "__main__":
    main()
