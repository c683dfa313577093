"""The link breaks and comes back; a console starts with nobody there: the wall never blanks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite
from pytestqt.qtbot import QtBot

from app.notices import Notice
from app.stores import Link
from backend_client.client import Client
from backend_client.contract.change import ItemKind, Page
from backend_client.contract.events import Channel, Event, Intake
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.gates import Gate
from backend_client.picture import read
from tests.end2end.seat import HERE, Seat, open_seat, sign_in
from tests.end2end.stack import Service

pytestmark = [pytest.mark.end2end, pytest.mark.display]
BANNER_S = 5.0


def stock(service: Service) -> None:
    """Put one station on the map and one event in the queue."""
    feed = service.client("feed")
    now = datetime.now(UTC)
    station = FeatureIn(
        id="link-station",
        kind="level_station",
        name="验证站",
        lon=HERE[0],
        lat=HERE[1],
        region="320612",
        value=2.5,
        observed_at=now,
        properties={"generated": True},
    )
    feed.upsert("water", Upsert(features=(station,)))
    feed.intake(intake("link-1"))


def intake(intake_id: str) -> Intake:
    return Intake(
        intake_id=intake_id,
        channel=Channel.WEB,
        title="井盖缺失",
        text="路口井盖缺失",
        region="320612",
        reported_at=datetime.now(UTC),
    )


def held(service: Service) -> list[Event]:
    """Give the events the service has; tests before this one may have left some."""
    found = service.client("dispatcher").items("event").items
    return [one for one in found if isinstance(one, Event)]


def reported(seat: Seat) -> list[str]:
    """Give the events the console shows, by their channel's number."""
    return sorted(one.intake_id for one in seat.console.reach.stores.events.all())


def is_kept(file: Path, server: str, known: list[str]) -> bool:
    """Tell whether the last picture on the disk has these events, the sluices and the station."""
    try:
        kept = read(file, server, datetime.now(UTC))
    except (sqlite.Error, ValueError):
        return False
    if kept is None:
        return False
    items = [one.item for one in kept.items]
    events = sorted(one.intake_id for one in items if isinstance(one, Event))
    gates = sum(isinstance(one, Gate) for one in items)
    return (events, gates) == (known, 36) and "water" in {block.layer for block, _ in kept.blocks}


def count_pages(client: Client) -> list[ItemKind]:
    """Note every page of a snapshot the console asks for from now on."""
    asked: list[ItemKind] = []
    items = client.items

    def counted(kind: ItemKind, *, after: str = "", limit: int = 500, state: str = "") -> Page:
        asked.append(kind)
        return items(kind, after=after, limit=limit, state=state)

    client.items = counted  # type: ignore[method-assign]  # the test listens in
    return asked


def test_a_dead_service_is_said_in_time_and_blanks_nothing(seat: Seat, service: Service) -> None:
    stock(service)
    stores = seat.console.reach.stores
    seat.wait(lambda: seat.sees("water", HERE) and len(stores.events.all()) == 1)
    pages = count_pages(seat.console.reach.client)
    said: list[Notice] = []
    seat.console.notices.raised.connect(said.append)
    service.kill()
    killed = time.monotonic()
    seat.wait(lambda: stores.link is Link.OFFLINE, BANNER_S)
    assert time.monotonic() - killed <= BANNER_S
    assert seat.sees("water", HERE), "the map went blank with the link"
    assert len(stores.events.all()) == 1
    service.start()
    service.client("feed").intake(intake("link-2"))
    seat.wait(lambda: stores.link is Link.ONLINE and len(stores.events.all()) == 2, 40)
    assert pages == [], "the stream began anew instead of at the last number"
    told = [notice.text.en for notice in said if notice.key == "link"]
    assert len(told) == 2, "a lost link is said once when lost and once when back"
    assert "down" in told[0]
    assert "back" in told[1]


def test_a_start_with_nobody_there_shows_the_last_picture_with_its_age(
    service: Service, qtbot: QtBot, tmp_path: Path, map_cache: Path
) -> None:
    stock(service)
    folder = tmp_path / "console"
    with open_seat(service.url, folder, qtbot, map_cache=map_cache) as first:
        sign_in(first, service)
        stores = first.console.reach.stores
        known = sorted(one.intake_id for one in held(service))
        first.wait(lambda: len(stores.gates.all()) == 36 and reported(first) == known, 40)
        first.wait(lambda: is_kept(folder / "cache.db", service.url, known))
    service.stop()
    with open_seat(service.url, folder, qtbot, map_cache=map_cache) as second:
        stores = second.console.reach.stores
        second.wait(lambda: stores.link in (Link.CACHED, Link.OFFLINE))
        second.wait(lambda: second.sees("water", HERE))
        assert reported(second) == known
        assert len(stores.gates.all()) == 36
        assert 0 < stores.blocks.age_s("water") < 600
        assert stores.events.age_s(stores.events.all()[0].item_id) > 0
