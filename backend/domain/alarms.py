"""Rules of an alarm: raised, acknowledged, returned, closed, shelved.

Source: the states of ISA-18.2; an alarm that returns before anyone saw it stays latched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from backend.domain.refused import unfit, wrong_state
from backend_client.contract.alarms import Alarm, AlarmState, Shelve
from backend_client.contract.base import Text
from backend_client.contract.item import PersonRef

SHIFT = timedelta(hours=12)

NAMES: Mapping[AlarmState, Text] = {
    AlarmState.NEW: Text("未确认", "new"),
    AlarmState.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmState.RETURNED: Text("已恢复未确认", "back to normal, not acknowledged"),
    AlarmState.CLOSED: Text("已关闭", "closed"),
    AlarmState.SHELVED: Text("已搁置", "shelved"),
}
_OFFERS: Mapping[AlarmState, tuple[str, ...]] = {
    AlarmState.NEW: ("acknowledge", "shelve"),
    AlarmState.ACKNOWLEDGED: ("shelve",),
    AlarmState.RETURNED: ("acknowledge",),
    AlarmState.CLOSED: (),
    AlarmState.SHELVED: (),
}
_RETURNS: Mapping[AlarmState, AlarmState] = {
    AlarmState.NEW: AlarmState.RETURNED,
    AlarmState.ACKNOWLEDGED: AlarmState.CLOSED,
    AlarmState.SHELVED: AlarmState.CLOSED,
}
_AGAIN: Mapping[AlarmState, AlarmState] = {
    AlarmState.RETURNED: AlarmState.NEW,
    AlarmState.ACKNOWLEDGED: AlarmState.NEW,  # only when it got worse, see `again`
}


@dataclass(frozen=True, slots=True)
class Cause:
    """An abnormal condition as its source sees it; `cause` is the same text while it lasts.

    Args:
        cause: stable key, e.g. `water:NT-G01:warning`; one open alarm per cause.
        level: 1 (worst, I) to 4 (IV).
        title: what is wrong, with the values.
        action: what the owner has to do.
        owner: who has to do it.
    """

    cause: str
    source_kind: Literal["feature", "gate", "gate_command", "position", "feed"]
    source_id: str
    layer: str
    level: int
    title: Text
    action: Text
    owner: Text
    region: str
    department: str
    lon: float | None = None
    lat: float | None = None


def verbs(alarm: Alarm) -> Mapping[str, str]:
    """Name the verbs an alarm's state offers and the policy action of each."""
    return {verb: f"alarm.{verb}" for verb in _OFFERS[alarm.state]}


def begin(cause: Cause, item_id: str, at: datetime) -> Alarm:
    """Make the alarm of a condition that has just begun."""
    return Alarm(
        item_id=item_id,
        version=1,
        region=cause.region,
        department=cause.department,
        created_at=at,
        updated_at=at,
        cause=cause.cause,
        source_kind=cause.source_kind,
        source_id=cause.source_id,
        layer=cause.layer,
        level=cause.level,
        title=cause.title,
        action=cause.action,
        owner=cause.owner,
        state=AlarmState.NEW,
        raised_at=at,
        lon=cause.lon,
        lat=cause.lat,
    )


def again(alarm: Alarm, cause: Cause, at: datetime) -> Alarm:
    """Renew an open alarm: latched ones are active again, worse ones must be seen anew."""
    worse = cause.level < alarm.level
    active = alarm.state is not AlarmState.RETURNED
    state = alarm.state if active and not worse else _AGAIN.get(alarm.state, alarm.state)
    renewed = alarm.model_copy(
        update={
            "state": state,
            "level": cause.level,
            "title": cause.title,
            "action": cause.action,
            "owner": cause.owner,
        }
    )
    if alarm.state is AlarmState.RETURNED:
        return renewed.model_copy(update={"returned_at": None, "raised_at": at})
    return renewed


def back(alarm: Alarm, at: datetime) -> Alarm:
    """Take note that the condition is over: latched until acknowledged."""
    state = _RETURNS.get(alarm.state, alarm.state)
    return alarm.model_copy(update={"state": state, "returned_at": at})


def acknowledge(alarm: Alarm, note: str, *, by: PersonRef, at: datetime) -> Alarm:
    """Say by name that someone has it in hand."""
    _require(alarm, "acknowledge")
    state = AlarmState.CLOSED if alarm.state is AlarmState.RETURNED else AlarmState.ACKNOWLEDGED
    return alarm.model_copy(
        update={
            "state": state,
            "acknowledged_by": by,
            "acknowledged_at": at,
            "note": note or alarm.note,
        }
    )


def shelve(alarm: Alarm, body: Shelve, *, by: PersonRef, at: datetime) -> Alarm:
    """Put an alarm aside with a reason, for one shift at most.

    Raises:
        Refused: 409 in a state that cannot be shelved, 422 for an end past or too far.
    """
    _require(alarm, "shelve")
    if not at < body.until_at <= at + SHIFT:
        raise unfit(
            "until_at",
            Text(
                "搁置最长一个班次(12 小时)。", "An alarm is shelved for one shift (12 h) at most."
            ),
            Text("选择更近的时间。", "Choose an earlier end."),
        )
    return alarm.model_copy(
        update={
            "state": AlarmState.SHELVED,
            "shelved_until": body.until_at,
            "note": body.reason,
            "acknowledged_by": by,
            "acknowledged_at": at,
        }
    )


def unshelve(alarm: Alarm) -> Alarm:
    """Bring a shelved alarm back as new: whoever is on duty now must see it."""
    return alarm.model_copy(
        update={
            "state": AlarmState.NEW,
            "shelved_until": None,
            "acknowledged_by": None,
            "acknowledged_at": None,
        }
    )


def _require(alarm: Alarm, verb: str) -> None:
    if verb not in _OFFERS[alarm.state]:
        raise wrong_state(alarm.item_id, NAMES[alarm.state])
