"""A feed posts while the service is killed: every acknowledged fix is in the history once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from backend_client.client import Client
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.errors import ClientError
from tests.end2end.stack import Service, wait_for

OBJECTS = 30
KILLS = 3
Fix = tuple[str, int]


class Feed:
    """Post batch after batch in a thread; a batch without an answer is posted again later."""

    def __init__(self, begin: datetime) -> None:
        self.begin = begin
        self.acked: set[Fix] = set()
        self.answers = 0
        self.accepted = 0
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.client: Client | None = None

    def start(self) -> None:
        """Begin posting."""
        self._thread.start()

    def wait(self, answers: int) -> None:
        """Wait until so many batches were acknowledged."""
        wait_for(lambda: self.answers >= answers, 60, f"{answers} answers")

    def end(self) -> None:
        """Post until the batch in hand is acknowledged, then end."""
        self._ended.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ended.is_set():
            batch = self._next()
            while not self._post(batch):
                self._ended.wait(0.02)

    def _post(self, batch: list[Fix]) -> bool:
        client = self.client
        if client is None:
            return False
        try:
            made = client.send_positions(Fixes(layer="hazmat", fixes=tuple(map(self._fix, batch))))
        except ClientError:
            return False
        assert not made.rejected, made.rejected[0]
        self.acked.update(batch)
        self.accepted += made.accepted
        self.answers += 1
        return True

    def _next(self) -> list[Fix]:
        """Give a batch with a late fix and a double in it."""
        self._number += 1
        at = self._number * 1_000
        batch = [(f"V{oid}", at + oid) for oid in range(OBJECTS)]
        return [*batch, ("V0", at - 3_500), batch[0]]

    def _fix(self, fix: Fix) -> PositionIn:
        name, ms = fix
        return PositionIn(
            id=name, lon=121.0, lat=32.0, observed_at=self.begin + timedelta(milliseconds=ms)
        )


def in_files(data: Path) -> Counter[tuple[int, int]]:
    """Count each (object, instant) over every Parquet file."""
    found: Counter[tuple[int, int]] = Counter()
    for path in (data / "history" / "positions").glob("layer=hazmat/date=*/*.parquet"):
        table = pq.read_table(path, columns=["oid", "observed_ms"], partitioning=None)
        found.update(
            zip(
                table["oid"].to_numpy().tolist(),
                table["observed_ms"].to_numpy().tolist(),
                strict=True,
            )
        )
    return found


@pytest.mark.end2end
def test_every_acknowledged_fix_is_in_the_history_once(tmp_path: Path) -> None:
    service = Service(tmp_path / "data")
    begin = (datetime.now(UTC) - timedelta(hours=20)).replace(microsecond=0)
    feed = Feed(begin)
    draw = random.Random(11)
    try:
        service.start()
        rows = tuple(
            FeatureIn(
                id=f"V{oid}",
                kind="vehicle",
                name=f"V{oid}",
                lon=None,
                lat=None,
                region="3206",
                observed_at=begin,
                properties={},
            )
            for oid in range(OBJECTS)
        )
        feed.client = service.client("feed")
        feed.client.upsert("hazmat", Upsert(features=rows))
        feed.start()
        for _ in range(KILLS):
            feed.wait(feed.answers + draw.randint(3, 25))
            service.kill()
            feed.client = None
            service.start()
            feed.client = service.client("feed")
        feed.wait(feed.answers + 5)
        feed.end()
        oids = {name: oid for oid, name in enumerate((f"V{n}" for n in range(OBJECTS)), start=1)}
        wanted = {(oids[name], int(begin.timestamp() * 1000) + ms) for name, ms in feed.acked}
        reader = service.client("operator")
        track = reader.track("hazmat", 1, hours=24)
        mine = sorted(at for oid, at in wanted if oid == 1)
        assert [round(point.at.timestamp() * 1000) for point in track.points] == mine
    finally:
        service.stop()
    found = in_files(service.data)
    assert set(found) == wanted
    assert set(found.values()) == {1}
