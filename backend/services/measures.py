"""Measures: what each indicator counts, found in the service's own state and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from backend.domain.indicators import DAY_S, Found
from backend.services import rates
from backend.services.facts import F64, Facts, Measure, Wish, rows_of
from backend.services.ledger import CHANNELS, EVENT_STATES, ORDER_STATES, Sheet
from backend.storage.views import Things
from backend_client.contract.events import OVER, Channel, EventState
from backend_client.contract.orders import DONE, OrderState

MOVING_KMH: Final = 3.0
_REST: Final = [EVENT_STATES.index(state) for state in (*OVER, EventState.MERGED)]
"""A merged report is worked on, and counted, with its main event."""
_REPORTED: Final = ORDER_STATES.index(OrderState.REPORTED)
_FREED: Final = [ORDER_STATES.index(state) for state in (OrderState.WITHDRAWN, OrderState.RETURNED)]
"""Nobody is judged by an order that was taken back or waits for a decision."""
_DONE: Final = [ORDER_STATES.index(state) for state in DONE]
_OPEN_M: Final = 0.01


def _is_open(sheet: Sheet) -> npt.NDArray[np.bool_]:
    open_: npt.NDArray[np.bool_] = ~np.isin(sheet["state"], _REST)
    return open_


def _some(
    items: list[Any], chosen: Callable[[Any], bool], top: Callable[[Any], float] = lambda _: 1.0
) -> Found | None:
    """Take some work items out of a list; None when there is none to choose from."""
    return _items(items, chosen, top) if items else None


def _items(
    items: list[Any], chosen: Callable[[Any], bool], top: Callable[[Any], float] = lambda _: 1.0
) -> Found:
    """Take some work items out of a list, one entry each."""
    key = np.array([at for at, item in enumerate(items) if chosen(item)], np.int64)
    regions = tuple(dict.fromkeys(item.region for item in items))
    place = {region: at for at, region in enumerate(regions)}
    region = np.array([place[items[at].region] for at in key.tolist()], np.int64)
    above = np.array([top(items[at]) for at in key.tolist()], np.float64)
    ids = tuple(item.item_id for item in items)
    return Found(regions, region, above, np.ones(len(key)), key, ids)


def events_open(facts: Facts, _wish: Wish) -> Found:
    """Find the events that are not closed."""
    sheet = facts.events()
    return rows_of(sheet, _is_open(sheet))


def events_new(facts: Facts, wish: Wish) -> Found:
    """Find the events reported since midnight, of one channel where one is named."""
    sheet = facts.events()
    mask = sheet["reported_s"] >= facts.midnight_s
    if "channel" in wish:
        mask &= sheet["channel"] == CHANNELS.index(Channel(wish["channel"]))
    return rows_of(sheet, mask)


def events_due(facts: Facts, _wish: Wish) -> Found:
    """Find the open events due within a day."""
    sheet, now_s = facts.events(), facts.now_s
    due = (sheet["due_s"] >= now_s) & (sheet["due_s"] < now_s + DAY_S)
    return rows_of(sheet, _is_open(sheet) & due)


def events_overdue(facts: Facts, _wish: Wish) -> Found:
    """Find the open events past their deadline."""
    sheet = facts.events()
    return rows_of(sheet, _is_open(sheet) & (sheet["due_s"] < facts.now_s))


def orders_signed(facts: Facts, _wish: Wish) -> Found:
    """Find the period's orders that are signed or past signing; above the line those in time.

    An order tells by when it is to be signed; for one stored by an older version the limit counts.
    """
    sheet = facts.orders()
    limit_s = sheet["created_s"] + facts.limits.sign_s
    by_s = np.where(np.isnan(sheet["sign_by_s"]), limit_s, sheet["sign_by_s"])
    is_signed = ~np.isnan(sheet["signed_s"])
    judged = (is_signed | (by_s < facts.now_s)) & (sheet["created_s"] >= facts.since_s)
    judged &= ~np.isin(sheet["state"], _FREED)
    in_time = sheet["signed_s"] <= by_s
    return rows_of(sheet, judged, in_time.astype(np.float64))


def orders_due(facts: Facts, _wish: Wish) -> Found:
    """Find the orders reported or due in the period; above the line those reported in time."""
    sheet = facts.orders()
    reported = sheet["state"] == _REPORTED
    ended_s = np.where(reported, sheet["updated_s"], sheet["due_s"])
    due = (ended_s >= facts.since_s) & (ended_s <= facts.now_s)
    due &= ~np.isin(sheet["state"], _FREED)
    in_time = reported & (sheet["updated_s"] <= sheet["due_s"])
    return rows_of(sheet, due, in_time.astype(np.float64))


def orders_overdue(facts: Facts, _wish: Wish) -> Found:
    """Find the orders past their deadline and not reported."""
    sheet = facts.orders()
    return rows_of(sheet, ~np.isin(sheet["state"], _DONE) & (sheet["due_s"] < facts.now_s))


def orders_sent(facts: Facts, _wish: Wish) -> Found:
    """Find the orders sent in the period."""
    sheet = facts.orders()
    return rows_of(sheet, sheet["created_s"] >= facts.since_s)


def orders_hours(facts: Facts, _wish: Wish) -> Found:
    """Find the orders reported in the period with the hours each took."""
    sheet = facts.orders()
    mask = (sheet["state"] == _REPORTED) & (sheet["updated_s"] >= facts.since_s)
    return rows_of(sheet, mask, (sheet["updated_s"] - sheet["created_s"]) / 3_600.0)


def alarms(facts: Facts, wish: Wish) -> Found:
    """Find the standing alarms of a level."""
    return _items(facts.alarms(), lambda alarm: alarm.level == wish["level"])


def gates_open(facts: Facts, _wish: Wish) -> Found | None:
    """Find the sluices with an open bay."""
    return _some(facts.gates(), lambda gate: any(bay.opening_m > _OPEN_M for bay in gate.bays))


def gates_silent(facts: Facts, _wish: Wish) -> Found | None:
    """Find the sluices whose device is not heard."""
    return _some(facts.gates(), lambda gate: gate.link == "offline")


def next_window(facts: Facts, _wish: Wish) -> Found | None:
    """Find when each sluice can drain next."""
    return _some(
        facts.gates(),
        lambda gate: gate.next_window is not None and gate.next_window.start_at > facts.at,
        lambda gate: float(gate.next_window.start_at.timestamp()),
    )


def feeds(facts: Facts, wish: Wish) -> Found | None:
    """Find the feeds of a state."""
    return _some(facts.feeds(), lambda feed: feed.state.value == wish["feed"])


def feed_rows(facts: Facts, _wish: Wish) -> Found:
    """Find today's rows by feed: refused ones of all."""
    found = _items(facts.feeds(), lambda _: True, lambda feed: float(feed.rejected))
    whole = np.array([float(one.rejected + one.accepted) for one in facts.feeds()], np.float64)
    return replace(found, bottom=whole)


def objects(facts: Facts, wish: Wish) -> Found | None:
    """Find a layer's objects of a kind; `takes` says what each adds above the line."""
    told = _things(facts, wish)
    if told is None:
        return None
    things, _speed = told
    known, top = _TAKES[wish.get("takes", "one")](things, wish)
    if "states" in wish:
        known = known & np.isin(things.state, wish["states"])
    return _of_things(things, known, top)


def moving(facts: Facts, wish: Wish) -> Found | None:
    """Find the objects of a kind that move."""
    told = _things(facts, wish)
    if told is None:
        return None
    things, speed = told
    return _of_things(things, speed > MOVING_KMH, np.ones(len(things.oid)))


def _of_things(things: Things, mask: npt.NDArray[np.bool_], top: F64) -> Found:
    rows = np.flatnonzero(mask)
    bottom = np.ones(len(rows))
    return Found(things.regions, things.region[rows], top[rows], bottom, things.oid[rows])


def _things(facts: Facts, wish: Wish) -> tuple[Things, F64] | None:
    """Give the objects of a kind and their speeds; moving ones only once they reported."""
    memory = facts.features.find(wish["layer"])
    if memory is None:
        return None
    things = memory.of_kind(wish["kind"])
    speed = np.zeros(len(things.oid))
    if not things.moves.any():
        return things, speed
    fixes = facts.positions.latest(wish["layer"])
    order = np.argsort(fixes["oid"], kind="stable")
    sorted_ = fixes["oid"][order].astype(np.int64)
    at = np.minimum(np.searchsorted(sorted_, things.oid), max(len(sorted_) - 1, 0))
    told = sorted_[at] == things.oid if len(sorted_) else np.zeros(len(things.oid), np.bool_)
    state = things.state.copy()
    rows = np.flatnonzero(told & things.moves)
    state[rows], speed[rows] = fixes["state"][order][at[rows]], fixes["speed_kmh"][order][at[rows]]
    kept = np.flatnonzero(told | ~things.moves)
    seen = Things(
        things.regions,
        things.oid[kept],
        things.region[kept],
        state[kept],
        things.value[kept],
        things.moves[kept],
    )
    return seen, speed[kept]


_Taken = tuple[npt.NDArray[np.bool_], F64]


def _one(things: Things, _wish: Wish) -> _Taken:
    return np.ones(len(things.oid), np.bool_), np.ones(len(things.oid))


def _abnormal(things: Things, _wish: Wish) -> _Taken:
    return things.state > 0, np.ones(len(things.oid))


def _normal(things: Things, _wish: Wish) -> _Taken:
    return np.ones(len(things.oid), np.bool_), (things.state == 0).astype(np.float64)


def _value(things: Things, _wish: Wish) -> _Taken:
    return np.isfinite(things.value), things.value


def _positive(things: Things, _wish: Wish) -> _Taken:
    return np.isfinite(things.value), (things.value > 0).astype(np.float64)


def _at_most(things: Things, wish: Wish) -> _Taken:
    return np.isfinite(things.value), (things.value <= wish["limit"]).astype(np.float64)


_TAKES: Final[Mapping[str, Callable[[Things, Wish], _Taken]]] = {
    "one": _one,
    "abnormal": _abnormal,
    "normal": _normal,
    "value": _value,
    "positive": _positive,
    "at_most": _at_most,
}

MEASURES: Final[Mapping[str, tuple[str, Measure]]] = {
    "events_open": ("event", events_open),
    "events_new": ("event", events_new),
    "events_due": ("event", events_due),
    "events_overdue": ("event", events_overdue),
    "events_closed": ("event", rates.closed_today),
    "events_merged": ("event", rates.merged_today),
    "events_joined": ("event", rates.joined),
    "events_heard": ("event", rates.heard),
    "events_first": ("event", rates.first_time),
    "events_redone": ("event", rates.redone),
    "events_hours": ("event", rates.hours),
    "events_satisfied": ("event", rates.satisfied),
    "orders_signed": ("order", orders_signed),
    "orders_due": ("order", orders_due),
    "orders_hours": ("order", orders_hours),
    "orders_back": ("order", rates.returned_today),
    "orders_returned": ("order", rates.returned),
    "orders_extended": ("order", rates.extended),
    "alarms": ("alarm", alarms),
    "gates_open": ("gate", gates_open),
    "gates_silent": ("gate", gates_silent),
    "next_window": ("gate", next_window),
    "feeds": ("feed", feeds),
    "feed_rows": ("feed", feed_rows),
    "objects": ("object", objects),
    "moving": ("object", moving),
}
"""Each measure by the name the table knows it by, and the kind of thing it finds."""
