"""Alarm rules: the states of ISA-18.2, latched until seen, shelved for one shift at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import alarms
from backend.domain.refused import Refused
from backend_client.contract.alarms import Alarm, AlarmState, Shelve
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
    AlarmState.SHELVED: AlarmState.CLOSED,
    AlarmState.RETURNED: AlarmState.RETURNED,
    AlarmState.CLOSED: AlarmState.CLOSED,
}


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
