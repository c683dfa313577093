"""What the cards count, from stores filled by hand."""

from __future__ import annotations

from datetime import timedelta

from app.census import Census, Plan
from app.event_table import EventTable
from app.figures import (
    count_orders,
    count_requests,
    count_water,
    is_open,
    tell,
    worst,
)
from app.stores import Link, Stores
from app.tally import Abnormal
from backend_client.contract.change import Change
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import empty_features
from backend_client.contract.events import Channel, Event, EventState
from backend_client.contract.feeds import Feed, FeedState
from backend_client.contract.orders import OrderState
from tests.fakes import feed
from tests.qt.picture import NOW, event, gate, make_picture, order


def table(*events: Event) -> EventTable:
    stores = Stores(ManualClock(NOW))
    changes = [
        Change(n=n, kind="event", item_id=str(n), item=one.model_copy(update={"item_id": str(n)}))
        for n, one in enumerate(events, start=1)
    ]
    made = EventTable(stores.events)
    stores.apply(changes)
    return made


def test_the_gravest_level_is_the_smallest_number() -> None:
    assert worst([0, 4, 2, 0, 3]) == Abnormal(3, 2)
    assert worst([0, 0]) == Abnormal(0, 0)


def test_requests_are_counted_by_state_deadline_and_county() -> None:
    closed = event(1, state=EventState.CLOSED, updated_at=NOW, level=1)
    late = event(2, state=EventState.ACCEPTED, due_at=NOW - timedelta(minutes=1), level=0)
    soon = event(6, state=EventState.REGISTERED, due_at=NOW + timedelta(hours=3), level=3)
    far = event(12, state=EventState.REGISTERED, due_at=NOW + timedelta(hours=30), level=0)
    found = count_requests(table(closed, late, soon, far), NOW)
    assert (found.open, found.waiting, found.closed_today) == (3, 2, 1)
    assert (found.overdue, found.due_soon) == (1, 1)
    assert found.abnormal == Abnormal(1, 3)  # a closed event is no longer abnormal
    assert found.by_county == {"320614": 1, "320613": 2}


def test_channels_count_the_last_day_only() -> None:
    old = event(0, reported_at=NOW - timedelta(hours=25), channel=Channel.WEB)
    new = event(0, reported_at=NOW - timedelta(hours=23), channel=Channel.WEB)
    assert count_requests(table(old, new), NOW).by_channel == ((Channel.WEB, 1),)


def test_today_begins_at_the_citys_midnight() -> None:
    before = event(0, reported_at=NOW - timedelta(hours=9, minutes=42))  # 23:59 yesterday
    after = event(0, reported_at=NOW - timedelta(hours=9, minutes=41))
    assert count_requests(table(before, after), NOW).today == 1


def test_water_counts_gates_and_the_next_window() -> None:
    found = count_water(empty_features("water"), [gate(0), gate(2)], NOW)
    assert (found.gates, found.gates_open, found.stations) == (2, 1, 0)
    assert found.next_window_at == NOW + timedelta(hours=2)
    assert found.most_rain_mm is None
    assert count_water(empty_features("water"), [], NOW).next_window_s is None


def test_a_crack_is_not_open() -> None:
    shut = gate(1)
    bays = (shut.bays[0].model_copy(update={"opening_m": 0.01}), *shut.bays[1:])
    assert not is_open(shut.model_copy(update={"bays": bays}))
    assert is_open(gate(2))


def test_orders_by_how_far_they_have_come() -> None:
    states = [OrderState.SENT, OrderState.SIGNED, OrderState.REPORTED]
    found = count_orders([order(number, state) for number, state in enumerate(states)], NOW)
    assert (found.sent, found.signed, found.reported, found.overdue) == (3, 2, 1, 1)
    assert (found.due, found.on_time) == (2, 1)
    late = order(4, OrderState.REPORTED).model_copy(update={"due_at": NOW - timedelta(hours=2)})
    assert count_orders([late], NOW).on_time == 0


def test_a_whole_picture() -> None:
    found = tell(make_picture().stores)
    hazmat = found.layer("hazmat")
    assert hazmat.kind("enterprise").count == 40
    assert sum(row.mobile for row in hazmat.counties) == 148
    assert found.layer("no such layer").count == 0
    assert (found.water.stations, found.water.over_warning) == (5, 1)
    assert not found.feed("water").is_late


def test_registered_feeds_say_how_often_a_layer_is_due() -> None:
    stores = Stores(ManualClock(NOW))
    census = Census(stores, {"water": Plan(refresh_s=300.0), "party": Plan(refresh_s=3_600.0)})

    def due_s(layer: str) -> float:
        return tell(stores, census).feed(layer).period_s

    def put(n: int, item: Feed) -> None:
        stores.apply([Change(n=n, kind="feed", item_id=item.item_id, item=item)])

    assert due_s("water") == 300.0  # nothing is registered: what the layer plans
    put(1, feed("f1").model_copy(update={"period_s": 60.0, "state": FeedState.DEAD}))
    assert due_s("water") == 60.0
    slow = feed("f2").model_copy(update={"period_s": 900.0, "state": FeedState.LIVE})
    put(2, slow)
    assert due_s("water") == 900.0  # the fastest that lives
    put(3, slow.model_copy(update={"version": 2, "state": FeedState.DEAD}))
    assert due_s("water") == 60.0
    assert due_s("party") == 3_600.0


def test_an_empty_picture_has_no_age() -> None:
    found = tell(Stores(ManualClock(NOW)))
    assert found.feed("water").newest_at is None
    assert found.feed("water").is_late


def test_a_calm_city_is_no_dead_feed_but_a_silent_stream_is() -> None:
    picture = make_picture()
    picture.clock.advance(3 * 3600)  # nobody calls, the stream beats on
    picture.stores.hear(picture.clock.now())
    calm = tell(picture.stores).feed("requests")
    assert not calm.is_late
    assert calm.age_s == 0
    assert calm.newest_at is not None
    assert calm.newest_at < picture.clock.now() - timedelta(hours=3)
    picture.clock.advance(2.5)
    assert tell(picture.stores).feed("requests").is_late


def test_a_stream_without_any_event_is_a_live_feed() -> None:
    stores = Stores(ManualClock(NOW))
    stores.hear(NOW)
    stores.set_link(Link.ONLINE)
    assert not tell(stores).feed("requests").is_late


def test_the_last_picture_is_as_old_as_its_newest_event() -> None:
    picture = make_picture()
    picture.clock.advance(3600)
    picture.stores.hear(picture.clock.now())  # the service answers, nobody is signed in
    picture.stores.set_link(Link.CACHED)
    found = tell(picture.stores).feed("requests")
    assert found.is_late
    assert found.age_s >= 3600
