"""Alarm rules: the states of ISA-18.2, latched until seen, shelved for one shift at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import alarms
from backend.domain.refused import Refused
from backend_client.contract.alarms import Alarm, AlarmState, Chatter, Shelve, Suppression
from backend_client.contract.base import Text
from backend_client.contract.item import PersonRef

AT = datetime(2026, 7, 20, tzinfo=UTC)
WHO = PersonRef(person_id="a", name="甲")
CAUSE = alarms.Cause(
    cause="water:NT-G01",
    source_kind="feature",
    source_id="1",
    layer="water",
    level=3,
    title=Text("超警戒", "over warning"),
    action=Text("加密巡查", "patrol more often"),
    owner=Text("市水利局", "water bureau"),
    region="320613",
    department="D27",
)


def alarm(state: AlarmState = AlarmState.NEW) -> Alarm:
    return alarms.begin(CAUSE, "a1", AT).model_copy(update={"state": state})


def until(hours: float) -> Shelve:
    return Shelve(version=1, reason="检修", until_at=AT + timedelta(hours=hours))


ACKNOWLEDGED = {
    AlarmState.NEW: AlarmState.ACKNOWLEDGED,
    AlarmState.RETURNED: AlarmState.CLOSED,
}
SHELVED = {AlarmState.NEW, AlarmState.ACKNOWLEDGED}
BACK = {
    AlarmState.NEW: AlarmState.RETURNED,
    AlarmState.ACKNOWLEDGED: AlarmState.CLOSED,
    AlarmState.SHELVED: AlarmState.SHELVED,
    AlarmState.OUT_OF_SERVICE: AlarmState.OUT_OF_SERVICE,
    AlarmState.RETURNED: AlarmState.RETURNED,
    AlarmState.CLOSED: AlarmState.CLOSED,
}
WITHDRAWN = {AlarmState.NEW, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED, AlarmState.SHELVED}


@pytest.mark.parametrize("state", list(AlarmState))
def test_every_step_from_every_state(state: AlarmState) -> None:
    given = alarm(state)
    assert alarms.back(given, AT).state is BACK[state]
    assert ("acknowledge" in alarms.verbs(given)) is (state in ACKNOWLEDGED)
    assert ("shelve" in alarms.verbs(given)) is (state in SHELVED)
    if state in ACKNOWLEDGED:
        assert alarms.acknowledge(given, "n", by=WHO, at=AT).state is ACKNOWLEDGED[state]
    else:
        with pytest.raises(Refused):
            alarms.acknowledge(given, "n", by=WHO, at=AT)
    if state in SHELVED:
        assert alarms.shelve(given, until(1), by=WHO, at=AT).state is AlarmState.SHELVED
    else:
        with pytest.raises(Refused):
            alarms.shelve(given, until(1), by=WHO, at=AT)
    assert ("withdraw" in alarms.verbs(given)) is (state in WITHDRAWN)
    if state in WITHDRAWN:
        out = alarms.withdraw(given, "传感器更换", by=WHO, at=AT)
        assert (out.state, out.note) == (AlarmState.OUT_OF_SERVICE, "传感器更换")
    else:
        with pytest.raises(Refused):
            alarms.withdraw(given, "传感器更换", by=WHO, at=AT)
    if state is AlarmState.OUT_OF_SERVICE:
        assert alarms.restore(given, "").state is AlarmState.NEW
    else:
        with pytest.raises(Refused):
            alarms.restore(given, "")


def test_alarm_names_the_action_and_who_took_it() -> None:
    seen = alarms.acknowledge(alarm(), "在办", by=WHO, at=AT)
    assert (seen.action.en, seen.acknowledged_by, seen.note) == ("patrol more often", WHO, "在办")


@pytest.mark.parametrize("hours", [0, -1, 12.01])
def test_shelving_ends_within_a_shift(hours: float) -> None:
    with pytest.raises(Refused) as caught:
        alarms.shelve(alarm(), until(hours), by=WHO, at=AT)
    assert caught.value.problem.where == "until_at"


def test_unshelved_alarm_is_new_and_unseen() -> None:
    back = alarms.unshelve(alarms.shelve(alarm(), until(12), by=WHO, at=AT))
    assert (back.state, back.shelved_until, back.acknowledged_by) == (AlarmState.NEW, None, None)


def test_same_again_changes_nothing_and_worse_must_be_seen_anew() -> None:
    seen = alarm(AlarmState.ACKNOWLEDGED)
    assert alarms.again(seen, CAUSE, AT) == seen
    worse = alarms.again(seen, replace(CAUSE, level=2), AT)
    assert (worse.state, worse.level) == (AlarmState.NEW, 2)
    milder = alarms.again(seen, replace(CAUSE, level=4), AT)
    assert (milder.state, milder.level) == (AlarmState.ACKNOWLEDGED, 4)


def test_latched_alarm_that_comes_again_is_active_again() -> None:
    later = AT + timedelta(hours=1)
    latched = alarms.back(alarm(), AT)
    again = alarms.again(latched, CAUSE, later)
    assert (again.state, again.returned_at, again.raised_at) == (AlarmState.NEW, None, later)


def test_what_was_put_aside_stays_aside_and_ends_as_the_condition_stands() -> None:
    for aside in (
        alarms.shelve(alarm(), until(12), by=WHO, at=AT),
        alarms.withdraw(alarm(), "检修", by=WHO, at=AT),
    ):
        over = alarms.back(aside, AT)
        assert (over.state, over.returned_at) == (aside.state, AT)
        once_more = alarms.again(over, CAUSE, AT)
        assert (once_more.state, once_more.returned_at) == (aside.state, None)
        ends = alarms.unshelve if aside.state is AlarmState.SHELVED else _restore
        assert ends(over).state is AlarmState.CLOSED
        assert ends(once_more).state is AlarmState.NEW


def _restore(given: Alarm) -> Alarm:
    return alarms.restore(given, "")


def test_third_time_in_a_minute_folds_until_quiet() -> None:
    second = alarms.again(alarms.back(alarm(), AT), CAUSE, AT, alarms.Circle(recent=1))
    assert (second.chatter, second.raises) == (Chatter.NONE, 2)
    third = alarms.again(alarms.back(second, AT), CAUSE, AT, alarms.Circle(recent=2))
    assert (third.chatter, third.raises) == (Chatter.CHATTERING, 3)
    seen = alarms.acknowledge(third, "", by=WHO, at=AT)
    fourth = alarms.again(alarms.back(seen, AT), CAUSE, AT, alarms.Circle(recent=3))
    assert fourth.state is AlarmState.ACKNOWLEDGED  # whoever has it is not asked again
    assert not alarms.calls(fourth, seen)
    assert alarms.quieten(fourth).state is AlarmState.ACKNOWLEDGED
    calm = alarms.quieten(alarms.back(fourth, AT))
    assert (calm.state, calm.chatter) == (AlarmState.CLOSED, Chatter.NONE)


def test_a_cause_that_came_twice_before_begins_as_chattering() -> None:
    assert alarms.begin(CAUSE, "a", AT, alarms.Circle(recent=2)).chatter is Chatter.CHATTERING


def test_first_of_an_upset_is_marked_and_the_rest_share_its_group() -> None:
    first = alarms.begin(CAUSE, "a", AT)
    second = alarms.begin(CAUSE, "b", AT, alarms.Circle(group=first.group))
    assert (first.first_out, second.first_out, second.group) == (True, False, "a")


def test_only_what_must_be_looked_at_is_a_call() -> None:
    new = alarm()
    seen = alarm(AlarmState.ACKNOWLEDGED)
    worse = alarms.again(seen, replace(CAUSE, level=2), AT)
    renamed = alarms.again(new, replace(CAUSE, title=Text("甲", "a")), AT)
    assert alarms.calls(new, None)
    assert alarms.calls(worse, seen)
    assert not alarms.calls(renamed, new)


@pytest.mark.parametrize(
    ("cause", "family"),
    [
        ("water.level.NT.1", "water.level"),
        ("feed.dead.gas", "feed.dead"),
        ("gate-fault:NT-G01:2", "gate-fault"),
        ("alone", "alone"),
    ],
)
def test_causes_of_one_kind_share_a_family(cause: str, family: str) -> None:
    assert alarms.family_of(cause) == family


def test_a_response_folds_minor_alarms_of_other_layers_in_its_region() -> None:
    folding = Suppression(
        item_id="s",
        version=1,
        region="3206",
        department="D41",
        created_at=AT,
        updated_at=AT,
        active=True,
        layers=("water",),
    )
    assert folding.folds_one(3, "urban", "320613")
    assert not folding.folds_one(2, "urban", "320613")
    assert not folding.folds_one(3, "water", "320613")
    assert not folding.folds_one(3, "urban", "3201")
    ended = folding.model_copy(update={"active": False})
    assert not ended.folds(alarm().model_copy(update={"layer": "urban"}))
