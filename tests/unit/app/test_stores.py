"""Newest version wins, ages run on the steady clock, answers wait for their change."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blocks import UNKNOWN_AGE_S
from app.stores import Link, Store, Stores
from app.waits import Waits
from backend_client.contract.change import Change
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Event
from backend_client.contract.item import Head
from backend_client.contract.resources import Circle, Inside
from tests.fakes import (
    AT,
    alarm,
    change,
    command,
    event,
    features,
    feed,
    fixes,
    gate,
    order,
    removal,
)

AREA = Circle(lon=120.8, lat=32.0, radius_m=100.0)
INSIDE = Inside(area_km2=0.03, centre=(120.8, 32.0), count=0, totals=(), rows=(), as_of=AT)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


@pytest.fixture
def stores(clock: ManualClock) -> Stores:
    return Stores(clock)


def store_of(clock: ManualClock) -> tuple[Store[Event], list[str]]:
    store = Store("event", Event, clock)
    told: list[str] = []
    store.changed.connect(told.extend)
    return store, told


def test_item_is_added_replaced_and_removed(clock: ManualClock) -> None:
    store, told = store_of(clock)
    store.apply([change(1, event()), change(2, event("e2"))])
    store.apply([change(3, event(version=2))])
    assert store.get("e1") == event(version=2)
    assert store.all() == (event(version=2), event("e2"))
    assert store.version("e1") == 2
    store.apply([removal(4, event())])
    assert store.get("e1") is None
    assert store.version("e1") == 0
    assert store.ids() == {"e2"}
    assert told == ["e1", "e2", "e1", "e1"]


@pytest.mark.parametrize(
    "late",
    [
        change(9, event(version=1)),  # an older version under a newer number
        change(4, event(version=2)),  # an older number
        removal(4, event()),
    ],
)
def test_older_never_replaces_newer(clock: ManualClock, late: Change) -> None:
    store, told = store_of(clock)
    store.apply([change(5, event(version=2, allowed=("accept",)))])
    told.clear()
    store.apply([late])
    assert store.get("e1") == event(version=2, allowed=("accept",))
    assert told == []


def test_removed_item_does_not_come_back_by_a_late_page(clock: ManualClock) -> None:
    store, _ = store_of(clock)
    store.apply([change(5, event()), removal(7, event())])
    store.apply([change(6, event())])
    assert store.get("e1") is None
    store.apply([change(8, event(version=2))])
    assert store.version("e1") == 2


def test_same_item_again_says_nothing_but_is_young_again(clock: ManualClock) -> None:
    store, told = store_of(clock)
    store.apply([change(5, event())])
    clock.advance(30)
    assert store.age_s("e1") == 30
    told.clear()
    store.apply([change(6, event())])
    assert told == []
    assert store.age_s("e1") == 0


def test_item_of_another_kind_is_not_taken(clock: ManualClock) -> None:
    store, _ = store_of(clock)
    store.apply([change(5, order("e1"))])
    assert store.all() == ()


def test_age_of_what_came_out_of_the_cache_goes_on(clock: ManualClock) -> None:
    store, _ = store_of(clock)
    store.apply([change(5, event())], age_s=90)
    clock.advance(1)
    assert store.age_s("e1") == 91
    assert store.age_s("unknown") == UNKNOWN_AGE_S


def test_another_history_may_bring_lower_versions(stores: Stores) -> None:
    stores.apply([change(50, event(version=9))])
    stores.blocks.put(features(version=9))
    stores.restart("two", 3)
    assert (stores.epoch, stores.n) == ("two", 3)
    stores.apply([change(4, event(version=1))])
    assert stores.events.version("e1") == 1
    assert stores.blocks.put(features(version=2))


@given(st.lists(st.booleans(), max_size=40), st.randoms())
def test_any_order_of_delivery_ends_at_the_newest(
    removals: list[bool], chance: random.Random
) -> None:
    """Numbers grow with versions; however late and often changes come, the last one stands."""
    truth = [
        removal(n, event()) if is_removed else change(n, event(version=n))
        for n, is_removed in enumerate(removals, start=1)
    ]
    delivered = [*truth, *truth]
    chance.shuffle(delivered)
    store = Store("event", Event, ManualClock(AT))
    for one in delivered:
        store.apply([one])
    assert store.get("e1") == (truth[-1].item if truth else None)


def test_changes_go_to_the_store_of_their_kind(stores: Stores) -> None:
    told: list[int] = []
    stores.moved.connect(told.append)
    items = (event(), order(), gate(), command(), alarm(), feed())
    stores.apply([change(n, item) for n, item in enumerate(items, start=1)])
    assert stores.events.get("e1") == event()
    assert stores.orders.get("o1") == order()
    assert stores.gates.get("g1") == gate()
    assert stores.gate_commands.get("c1") == command()
    assert stores.alarms.get("a1") == alarm()
    assert stores.feeds.get("f1") == feed()
    assert stores.version("alarm", "a1") == 1
    assert stores.of("gate") is stores.gates
    assert stores.n == 6
    assert told == [6]


def test_number_never_goes_back_without_another_history(stores: Stores) -> None:
    stores.apply([change(5, event())])
    stores.apply([change(3, event("e2"))])
    stores.apply([], n=4)
    assert stores.n == 5
    stores.apply([], n=8)
    assert stores.n == 8


def test_clear_forgets_everything(stores: Stores) -> None:
    stores.apply([change(50, event(version=9))])
    stores.blocks.put(features())
    stores.positions.apply(fixes(((1, 5),)))
    stores.resources.put(AREA, INSIDE)
    told: list[str] = []
    stores.events.changed.connect(told.extend)
    stores.clear()
    assert told == ["e1"]
    assert stores.events.all() == ()
    assert stores.blocks.get("water").oid.size == 0
    assert stores.positions.latest("hazmat").oid.size == 0
    assert stores.resources.inside is None
    assert (stores.n, stores.epoch) == (0, "")
    stores.apply([change(1, event())])
    assert stores.events.version("e1") == 1


def test_link_says_only_what_is_new(stores: Stores) -> None:
    told: list[str] = []
    stores.link_changed.connect(told.append)
    for link in (Link.STARTING, Link.ONLINE, Link.ONLINE, Link.LATE):
        stores.set_link(link)
    assert told == ["online", "late"]
    assert stores.link is Link.LATE


def test_silence_runs_on_the_steady_clock(stores: Stores, clock: ManualClock) -> None:
    assert stores.silent_s() == UNKNOWN_AGE_S
    stores.hear(AT)
    clock.advance(3)
    assert stores.silent_s() == 3
    stores.hear()
    assert stores.silent_s() == 0


def test_service_time_is_carried_on_whatever_our_own_clock_says(
    stores: Stores, clock: ManualClock
) -> None:
    assert stores.server_now() == AT
    ahead = AT + timedelta(hours=1)
    stores.hear(ahead)
    assert stores.clock_offset_s == 3600
    clock.advance(5)
    stores.hear()
    assert stores.server_now() == ahead + timedelta(seconds=5)
    assert stores.age_of_s(ahead) == 5
    assert stores.age_of_s(ahead + timedelta(minutes=1)) == 0


def test_a_beat_that_was_long_under_way_is_no_wrong_clock(
    stores: Stores, clock: ManualClock
) -> None:
    stores.hear(AT)
    clock.advance(5)
    stores.hear(AT + timedelta(seconds=1))  # four seconds late on a busy machine
    assert stores.clock_offset_s == 0
    assert stores.server_now() == AT + timedelta(seconds=5)
    for _ in range(40):  # a clock that was set back is believed after a while
        clock.advance(1)
        stores.hear(clock.now() - timedelta(seconds=9))
    assert stores.clock_offset_s == -9


def test_resources_show_the_area_asked_for_last(stores: Stores, clock: ManualClock) -> None:
    resources = stores.resources
    assert resources.age_s() == UNKNOWN_AGE_S
    resources.ask(AREA)
    assert resources.is_waiting
    resources.put(AREA, INSIDE)
    assert not resources.is_waiting
    clock.advance(4)
    assert resources.age_s() == 4
    resources.ask(AREA)
    resources.miss()
    assert resources.inside == INSIDE
    resources.clear()
    assert resources.inside is None


def test_answer_waits_until_the_store_stands_at_its_version(stores: Stores) -> None:
    waits = Waits(stores)
    ended: list[Head] = []
    head = Head(item_id="e1", version=2, n=7)
    waits.until("event", head, ended.append)
    stores.apply([change(6, event())])
    assert ended == []
    assert waits.count() == 1
    stores.apply([change(7, event(version=2))])
    assert ended == [head]
    waits.until("event", head, ended.append)
    assert ended == [head, head]
    assert waits.count() == 0


def test_answer_ends_too_when_the_item_left_our_sight(stores: Stores) -> None:
    waits = Waits(stores)
    ended: list[Head] = []
    stores.apply([change(6, event())])
    waits.until("event", Head(item_id="e1", version=2, n=7), ended.append)
    stores.apply([removal(7, event())])
    assert len(ended) == 1
