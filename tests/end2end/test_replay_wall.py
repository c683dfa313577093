"""All maps of a wall go back in time together, marked on every zone; one that is unlinked stays."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.replay import LEAST_BACK
from backend_client.client import Client
from backend_client.contract.feature import FeatureIn, Upsert
from tests.end2end.stack import Service
from tests.end2end.walls import WallProcess, wall_of

pytestmark = [pytest.mark.end2end, pytest.mark.display]
PLUGS = ["*WALL-1=1280x720+0+0", "WALL-2=1280x720+1280+0", "DESK=1366x768+0+720"]
WALL = """
[wall]
pitch_mm = 0.5
farthest_m = 2

[screens.WALL-1]
seat = "wall"
size = [1280, 720]

[screens.WALL-2]
seat = "wall"
size = [1280, 720]

[screens.DESK]
seat = "desk"
size = [1366, 768]
"""
HERE, THERE = ("121.20", "32.25"), ("121.00", "32.25")
COLOUR = "#2FA37C"  # the group of water


def flood(feed: Client, lonlat: tuple[str, str], *, remove: tuple[str, ...] = ()) -> None:
    """Let a pump stand somewhere in the county's fields, away from all others."""
    lon, lat = map(float, lonlat)
    now = datetime.now(UTC)
    pump = FeatureIn(
        id=f"P-{lonlat[0]}",
        kind="pump",
        name="P",
        lon=lon,
        lat=lat,
        region="320612",
        observed_at=now,
        properties={},
    )
    feed.upsert("water", Upsert(features=(pump,), remove=remove))


def rest(since_s: float, seconds: float) -> None:
    """Wait until so many seconds have passed."""
    time.sleep(max(0.0, since_s + seconds - time.monotonic()))


def stands(wall: WallProcess, window: str, lonlat: tuple[str, str]) -> bool:
    return bool(wall.ask("spot", window, *lonlat, COLOUR)["here"])


@pytest.mark.timeout(180)
def test_maps_go_back_together(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "wall.toml"
    file.write_text(WALL, "utf-8")
    feed = service.client("feed")
    flood(feed, HERE)
    begun = time.monotonic()
    with wall_of(service, tmp_path / "console", file, PLUGS, size="2560x1488") as wall:
        names = ("WALL-1", "WALL-2")
        wall.until(
            lambda seen: (
                seen["windows"].keys() >= {*names, "DESK"}
                and all(one["painted"] for one in seen["windows"].values())
            ),
            60,
        )
        wall.ask("scene", "water")
        wall.ask("pan", "WALL-2", "121.1", "32.25", "11")
        wall.until(lambda _: any(stands(wall, name, HERE) for name in names), what="now: here")
        rest(begun, 2.6)
        flood(feed, THERE, remove=(f"P-{HERE[0]}",))
        changed = time.monotonic()
        wall.until(lambda _: any(stands(wall, name, THERE) for name in names), what="now: there")
        wall.until(lambda _: not any(stands(wall, name, HERE) for name in names))
        rest(changed, LEAST_BACK.total_seconds() - 1.5 + 1.1)
        wall.ask("replay", str(-(time.monotonic() - changed) - 1.5))
        back = wall.until(lambda seen: seen["is_read"], what="the instant is read")
        for name in (*names, "DESK"):
            past = back["windows"][name]["past"]
            assert "回放" in past["map"] or "REPLAY" in past["map"], (name, past)
        assert back["windows"]["WALL-1"]["past"].keys() == {"map", "left"}, "each zone says so"
        wall.until(lambda _: any(stands(wall, name, HERE) for name in names), what="then: here")
        wall.until(lambda _: not any(stands(wall, name, THERE) for name in names), what="then")
        wall.ask("pin", "WALL-2")
        wall.ask("pan", "WALL-2", "121.1", "32.25", "11")
        wall.until(lambda seen: not seen["windows"]["WALL-2"]["past"], what="unlinked: now")
        wall.until(lambda _: stands(wall, "WALL-2", THERE), what="unlinked: there")
        assert not stands(wall, "WALL-2", HERE)
        wall.ask("pin", "WALL-2")
        wall.ask("replay", "live")
        last = wall.until(lambda seen: not any(one["past"] for one in seen["windows"].values()))
        assert not last["is_read"]
        wall.ask("pan", "WALL-2", "121.1", "32.25", "11")
        wall.until(lambda _: any(stands(wall, name, THERE) for name in names), what="now again")
        assert not any(stands(wall, name, HERE) for name in names)
