"""Two writers of unequal fences: each keeps alive only the devices that are its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from backend.simulator.plant.permit import HEARTBEAT_S
from backend.simulator.plant.plant import build
from backend.simulator.plant.spec import load

FACTS = Path(__file__).parents[5] / "resources" / "facts"
AT = datetime(2026, 7, 20, tzinfo=UTC)
KEPT, LOST = "NT-S34", "NT-S01"


def test_a_superseded_writer_keeps_alive_only_what_it_still_holds() -> None:
    plant = build(load(FACTS, seed=7), at=AT, seed=7)
    old, new = {KEPT: 9, LOST: 1}, {LOST: 2}  # the old writer's highest fence beats the new one's
    for fences in (old, new):
        for device_id, fence in fences.items():
            assert plant.devices[device_id].claim(fence).refused is None
    assert plant.heartbeat(old | new) == 2

    plant.step(HEARTBEAT_S + 1)
    assert plant.heartbeat(old) == 1
    assert plant.devices[KEPT].silent_s == 0.0
    assert plant.devices[LOST].silent_s > HEARTBEAT_S

    assert plant.heartbeat(new) == 1
    assert plant.devices[LOST].silent_s == 0.0


def test_a_device_nobody_knows_takes_no_beat_from_the_others() -> None:
    plant = build(load(FACTS, seed=7), at=AT, seed=7)
    plant.devices[KEPT].claim(1)
    assert plant.heartbeat({"NT-S99": 1, KEPT: 1}) == 1
