"""The whole line: through the public door, over the stream, to a pixel on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from backend_client.client import Client
from backend_client.contract.events import Channel, Event, Intake, Locate
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.contract.resources import Polygon, Within
from tests.end2end.seat import HERE, THERE, Seat
from tests.end2end.stack import Service

pytestmark = [pytest.mark.end2end, pytest.mark.display]


def put(feed: Client, layer: str, feature_id: str, place: tuple[float, float] | None) -> None:
    lon, lat = place or (None, None)
    feature = FeatureIn(
        id=feature_id,
        kind="vehicle" if place is None else "level_station",
        name="线路验证",
        lon=lon,
        lat=lat,
        region="320612",
        observed_at=datetime.now(UTC),
        properties={"generated": True},
    )
    feed.upsert(layer, Upsert(features=(feature,)))


def drive(feed: Client, place: tuple[float, float]) -> None:
    fix = PositionIn(id="line-car", lon=place[0], lat=place[1], observed_at=datetime.now(UTC))
    feed.send_positions(Fixes(layer="hazmat", fixes=(fix,)))


def clear(seat: Seat, feed: Client, layer: str, feature_id: str) -> None:
    """Take an object away again: the next one is looked for where it stood."""
    feed.upsert(layer, Upsert(features=(), remove=(feature_id,)))
    seat.wait(lambda: not seat.sees(layer, THERE))


def moves(seat: Seat, layer: str, move: Callable[[tuple[float, float]], None]) -> None:
    """Assert that an object shows where it is put, and only there."""
    assert not seat.sees(layer, HERE)
    move(HERE)
    seat.wait(lambda: seat.sees(layer, HERE))
    assert not seat.sees(layer, THERE)
    move(THERE)
    seat.wait(lambda: seat.sees(layer, THERE))
    seat.wait(lambda: not seat.sees(layer, HERE), 2)


def test_a_station_moved_at_the_door_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed = service.client("feed")
    moves(seat, "water", lambda place: put(feed, "water", "line-station", place))
    clear(seat, feed, "water", "line-station")


def test_a_truck_moved_at_the_door_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed = service.client("feed")
    put(feed, "hazmat", "line-car", None)
    moves(seat, "hazmat", lambda place: drive(feed, place))
    clear(seat, feed, "hazmat", "line-car")


def test_an_event_located_by_a_person_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed, person = service.client("feed"), service.client("dispatcher")

    def move(place: tuple[float, float]) -> None:
        held = [item for item in person.items("event").items if isinstance(item, Event)]
        if held:
            where = Locate(version=held[0].version, lon=place[0], lat=place[1])
            person.locate_event(held[0].item_id, where)
            return
        feed.intake(
            Intake(
                intake_id="line-1",
                channel=Channel.HOTLINE,
                title="暴露垃圾",
                text="绿地旁堆放装修垃圾约三车",
                place="学田新村",
                lon=place[0],
                lat=place[1],
                region="320612",
                reported_at=datetime.now(UTC),
            )
        )

    moves(seat, "requests", move)


def test_lasso_answers_what_shapely_answers(service: Service) -> None:
    feed, person = service.client("feed"), service.client("dispatcher")
    chance = np.random.default_rng(7)
    places = chance.uniform((120.5, 31.8), (121.6, 32.5), (4000, 2))
    features = [
        FeatureIn(
            id=f"p{index}",
            kind="enterprise",
            name=f"点{index}",
            lon=float(round(lon, 7)),
            lat=float(round(lat, 7)),
            region="3206",
            observed_at=datetime.now(UTC),
            properties={},
        )
        for index, (lon, lat) in enumerate(places)
    ]
    feed.upsert("hazmat", Upsert(features=tuple(features)))
    ring = ((120.7, 31.9), (121.4, 31.95), (121.0, 32.1), (121.3, 32.4), (120.8, 32.3))
    shape = shapely.Polygon(ring)
    expected = {f.id for f in features if shapely.contains_xy(shape, f.lon, f.lat)}
    area = Polygon(ring=ring)
    found: set[str] = set()
    while True:
        asked = Within(area=area, layers=("hazmat",), offset=len(found), limit=1000)
        inside = person.within(asked)
        found |= {row.id for row in inside.rows}
        if not inside.rows:
            break
    assert found == expected
    assert inside.count == len(expected) == sum(total.count for total in inside.totals)
