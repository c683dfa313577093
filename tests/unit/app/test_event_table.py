"""Events as columns: they follow their store row by row."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import timedelta

from app.event_table import CHANNELS, EventTable
from app.stores import Stores
from backend_client.contract.change import Change
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import EventState
from tests.qt.picture import NOW, event


def test_columns_follow_changes_removals_and_returns() -> None:
    stores = Stores(ManualClock(NOW))
    known = event(0)
    stores.apply([Change(n=1, kind="event", item_id="a", item=known)])
    table = EventTable(stores.events)
    assert table.column("alive").tolist() == [True]
    other = event(1, due_at=None, level=3, item_id="b")
    stores.apply([Change(n=2, kind="event", item_id="b", item=other)])
    assert math.isnan(table.column("due_s")[1])
    assert table.column("level").tolist() == [known.level, 3]
    assert table.counties == (known.region[:6], other.region[:6])
    assert CHANNELS[table.column("channel")[1]] is other.channel
    closed = other.model_copy(update={"state": EventState.CLOSED, "version": 2})
    stores.apply([Change(n=3, kind="event", item_id="b", item=closed)])
    assert table.column("closed").tolist() == [False, True]
    stores.apply([Change(n=4, kind="event", item_id="a", item=None)])
    assert table.column("alive").tolist() == [False, True]
    assert table.at(0) is None
    assert table.at(1) == closed
    stores.apply([Change(n=5, kind="event", item_id="a", item=known)])
    assert table.column("alive").tolist() == [True, True]  # the same row again


def test_it_grows_beyond_its_first_room() -> None:
    stores = Stores(ManualClock(NOW))
    table = EventTable(stores.events)
    stores.apply(
        [
            Change(n=n, kind="event", item_id=str(n), item=event(n % 6, item_id=str(n)))
            for n in range(1, 2_501)
        ]
    )
    assert table.column("alive").sum() == 2_500
    assert table.at(2_499) == stores.events.get("2500")


def test_what_is_due_first_comes_first_as_a_plain_sort_has_it() -> None:
    stores, draw = Stores(ManualClock(NOW)), random.Random(5)
    table = EventTable(stores.events)
    known = [
        event(
            0,
            item_id=f"e{number}",
            state=draw.choice(list(EventState)),
            level=draw.randint(0, 4),
            due_at=draw.choice([None, NOW + timedelta(minutes=draw.randint(-9, 9))]),
            reported_at=NOW - timedelta(seconds=draw.randint(0, 3_000)),
        )
        for number in range(400)
    ]
    stores.apply([Change(n=1, kind="event", item_id=one.item_id, item=one) for one in known])
    stores.apply([Change(n=2, kind="event", item_id="e7", item=None)])
    known.pop(7)
    states = {EventState.REGISTERED, EventState.SIGNED}
    wanted = sorted(
        (one for one in known if one.state in states),
        key=lambda one: (one.due_at is None, one.due_at or NOW, one.level or 9, one.reported_at),
    )
    assert table.due_first(states, 50) == [one.item_id for one in wanted[:50]]
    assert table.by_state() == dict.fromkeys(EventState, 0) | Counter(one.state for one in known)
