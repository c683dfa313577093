"""The board of alarms: the same order as sorting anew, however the alarms came."""

from __future__ import annotations

import gc
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import alarm_board
from app.alarm_board import STANDING, AlarmBoard, family_of, place_of
from backend_client.contract.alarms import Alarm, AlarmState, Suppression
from backend_client.contract.change import Change
from tests.qt.picture import NOW, Picture, alarm, make_picture


def one(number: int, level: int, state: AlarmState = AlarmState.NEW, **more: Any) -> Alarm:
    return alarm(100 + number, level, state, **more)


def suppression(
    *layers: str, active: bool = True, version: int = 1, region: str = "3206"
) -> Suppression:
    return Suppression(
        item_id=f"suppression-{region}",
        version=version,
        region=region,
        department="D41",
        created_at=NOW,
        updated_at=NOW,
        active=active,
        layers=layers,
    )


def empty() -> Picture:
    picture = make_picture()
    for number in (1, 2, 3, 4):
        picture.put(alarm(number, 4, AlarmState.CLOSED, version=9))
    assert picture.pulse.alarms.count == 0
    return picture


def test_order_counts_and_families_are_those_of_sorting_anew(qtbot: QtBot) -> None:
    picture, chance = empty(), random.Random(7)
    board = picture.pulse.alarms
    versions: dict[int, int] = {}
    for _ in range(150):
        number = chance.randrange(25)
        versions[number] = versions.get(number, 0) + 1
        picture.put(
            one(
                number,
                chance.randrange(1, 5),
                chance.choice(list(AlarmState)),
                version=versions[number],
                family=f"f{number % 7}",
                raised_at=NOW - timedelta(seconds=chance.randrange(900)),
            )
        )
    every = [x for x in picture.stores.alarms.all() if x.state in STANDING]
    assert [x.item_id for x in board.standing()] == [x.item_id for x in sorted(every, key=place_of)]
    anew = AlarmBoard(picture.stores.alarms, picture.stores.suppressions)
    assert board.unacknowledged() == anew.unacknowledged()
    assert sum(board.unacknowledged().values()) == sum(
        x.state is not AlarmState.ACKNOWLEDGED for x in every
    )
    assert board.families() == anew.families()
    assert {name: board.size(name) for name in board.families()} == {
        name: sum(family_of(x) == name for x in every) for name in {family_of(x) for x in every}
    }
    assert [x.item_id for x in board.heads(9)] == [x.item_id for x in anew.heads(9)]


def test_many_at_once_are_sorted_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = empty()
    monkeypatch.setattr(alarm_board, "_MANY", 10)
    picture.put(*(one(number, 3) for number in range(30)))
    board = picture.pulse.alarms
    assert board.count == 30
    assert board.standing() == sorted(board.standing(), key=place_of)


def test_acknowledged_is_not_unacknowledged_but_stands(qtbot: QtBot) -> None:
    picture = empty()
    picture.put(
        one(1, 3),
        one(2, 1, AlarmState.ACKNOWLEDGED),
        one(3, 1, AlarmState.RETURNED),
        one(4, 1, AlarmState.CLOSED),
        one(5, 1, AlarmState.SHELVED),
        one(6, 1, AlarmState.OUT_OF_SERVICE),
    )
    board = picture.pulse.alarms
    assert board.unacknowledged() == {1: 1, 2: 0, 3: 1, 4: 0}
    assert [x.item_id for x in board.standing()] == ["alarm-103", "alarm-102", "alarm-101"]
    assert [x.item_id for x in board.aside(AlarmState.SHELVED)] == ["alarm-105"]
    assert [x.item_id for x in board.aside(AlarmState.OUT_OF_SERVICE)] == ["alarm-106"]


def test_the_first_out_stands_for_its_cause(qtbot: QtBot) -> None:
    picture = empty()
    at = NOW - timedelta(minutes=1)
    group: dict[str, Any] = {"group": "alarm-102", "family": "gas.pressure"}
    picture.put(
        one(1, 3, raised_at=at + timedelta(seconds=1), **group),
        one(2, 3, raised_at=at, first_out=True, **group),
        one(3, 3, raised_at=NOW, **group),
        one(4, 4, first_out=True, group="alarm-104", family="alone"),
    )
    board = picture.pulse.alarms
    assert [x.item_id for x in board.heads(3)] == ["alarm-102", "alarm-104"]
    first, lone = board.heads(3)
    assert board.is_first_out(first)
    assert not board.is_first_out(lone)  # first of nothing


def test_a_response_folds_minor_alarms_to_the_list(qtbot: QtBot) -> None:
    picture = empty()
    picture.put(one(1, 3, layer="urban"), one(2, 2, layer="urban"), one(3, 3, layer="water"))
    board = picture.pulse.alarms
    picture.put(suppression("water"))
    assert board.folded == 1
    assert {x.item_id for x in board.heads(9)} == {"alarm-102", "alarm-103"}
    assert board.unacknowledged() == {1: 0, 2: 1, 3: 1, 4: 0}
    assert board.count == 3
    picture.put(suppression("water", active=False, version=2))
    assert (board.folded, len(board.heads(9))) == (0, 3)


def test_ten_thousand_in_fifty_batches_cost_each_batch_a_few_milliseconds(qtbot: QtBot) -> None:
    """A tenth of a second of the main thread is a stall; the machine's load is left out.

    So is Python's own collector, which the console runs in its idle turns.
    """
    picture = empty()
    board = picture.pulse.alarms
    took: list[float] = []
    for first in range(0, 10_000, 200):
        batch = [
            one(number, 3, family=f"f{number % 31}", group="g", first_out=number == 0)
            for number in range(first, first + 200)
        ]
        changes = [
            Change(n=50_000 + first + turn, kind="alarm", item_id=item.item_id, item=item)
            for turn, item in enumerate(batch)
        ]
        gc.disable()
        began_s = time.process_time()
        picture.stores.apply(changes)
        board.heads(3)
        took.append(time.process_time() - began_s)
        gc.enable()
    assert board.count == 10_000
    assert len(board.families()) == 31
    assert [x.item_id for x in board.heads(1)] == ["alarm-100"]
    assert max(took) < 0.1
