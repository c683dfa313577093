"""Whatever order fixes come in, no reader sees an object go back and all see the last one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.services.features import Batch, Features
from backend.services.feeds import Feeds
from backend.services.fixes import batch_of_fixes
from backend.services.policy import load_policy
from backend.services.positions import Positions, Reports
from backend.storage.database import Database
from backend_client.contract.auth import Person, Role
from backend_client.contract.clock import ManualClock
from backend_client.contract.feature import FeatureIn
from backend_client.contract.positions import PositionIn
from backend_client.contract.rows import FixRows

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
FEED = Person(person_id="feed", name="源", role=Role.FEED, regions=("3206",), departments=("*",))
READER = Person(
    person_id="op", name="甲", role=Role.OPERATOR, regions=("3206",), departments=("*",)
)


def test_readers_converge_and_never_see_time_turn_back(tmp_path: Path) -> None:
    clock, draw = ManualClock(NOW), random.Random(4)
    database = Database(tmp_path / "city.db", clock, lambda _committed: None)
    policy = load_policy()
    feeds = Feeds(database, policy, clock)
    features = Features(database, policy, clock, feeds)
    rows = [
        FeatureIn(
            id=f"V{n}",
            kind="vehicle",
            name=f"V{n}",
            lon=None,
            lat=None,
            region="3206",
            observed_at=NOW,
            properties={},
        )
        for n in range(20)
    ]
    features.upsert(FEED, "hazmat", Batch(list(enumerate(rows))))
    positions = Positions(tmp_path / "history", features, policy, clock=clock, feeds=feeds)
    said = [
        (n, second) for n in range(20) for second in range(0, 200, 10) for _ in range(2)
    ]  # each fix twice, in any order
    draw.shuffle(said)
    shown: dict[int, int] = {}
    since, accepted = 0, 0
    for start in range(0, len(said), 37):
        batch = [
            PositionIn(
                id=f"V{n}",
                lon=121.0,
                lat=32.0,
                observed_at=NOW - timedelta(seconds=second),
            )
            for n, second in said[start : start + 37]
        ]
        accepted += positions.post(FEED, Reports(FixRows(batch_of_fixes(batch), "hazmat"))).accepted
        block = positions.block(READER, since)
        assert block.seq >= since
        since = block.seq
        for oid, at in zip(block.oid.tolist(), block.observed_ms.tolist(), strict=True):
            assert at > shown.get(oid, 0)
            shown[oid] = at
        clock.advance(0.1)
    assert accepted == 400
    assert set(shown.values()) == {int(NOW.timestamp() * 1000)}
    assert len(positions.track(READER, "hazmat", 1, hours=1).points) == 20
    assert len(positions.block(READER, 0, layers=["water"]).oid) == 0
    assert len(positions.block(READER, since + 99).oid) == 20  # a number of another run
    positions.close()
    database.close()
