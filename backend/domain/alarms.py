"""Rules of an alarm: raised, acknowledged, returned, closed, shelved, out of service, folded.

Source: the states of ISA-18.2; an alarm that returns before anyone saw it stays latched; flood
handling after EEMUA 191 (domain rules 12 to 17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from backend.domain.refused import unfit, wrong_state
from backend_client.contract.alarms import Alarm, AlarmState, CauseIn, Chatter, Shelve
from backend_client.contract.base import Text
from backend_client.contract.item import PersonRef

SHIFT: Final = timedelta(hours=12)
CHATTER: Final = timedelta(seconds=60)
CHATTERS: Final = 3  # domain rule 13: so many times within CHATTER
GROUP: Final = timedelta(seconds=10)
"""Alarms of one county and layer that follow each other this closely are one upset. G."""
COUNTY: Final = 6

NAMES: Mapping[AlarmState, Text] = {
    AlarmState.NEW: Text("未确认", "new"),
    AlarmState.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmState.RETURNED: Text("已恢复未确认", "back to normal, not acknowledged"),
    AlarmState.CLOSED: Text("已关闭", "closed"),
    AlarmState.SHELVED: Text("已搁置", "shelved"),
    AlarmState.OUT_OF_SERVICE: Text("已停用", "out of service"),
}
_OFFERS: Mapping[AlarmState, tuple[str, ...]] = {
    AlarmState.NEW: ("acknowledge", "shelve", "withdraw"),
    AlarmState.ACKNOWLEDGED: ("shelve", "withdraw"),
    AlarmState.RETURNED: ("acknowledge", "withdraw"),
    AlarmState.CLOSED: (),
    AlarmState.SHELVED: ("withdraw",),
    AlarmState.OUT_OF_SERVICE: ("restore",),
}
_RETURNS: Mapping[AlarmState, AlarmState] = {
    AlarmState.NEW: AlarmState.RETURNED,
    AlarmState.ACKNOWLEDGED: AlarmState.CLOSED,
}
_ASIDE: Final = frozenset({AlarmState.SHELVED, AlarmState.OUT_OF_SERVICE})


@dataclass(frozen=True, slots=True)
class Cause:
    """An abnormal condition as its source sees it; `cause` is the same text while it lasts.

    Args:
        cause: stable key, e.g. `water:NT-G01:warning`; one open alarm per cause.
        level: 1 (worst, I) to 4 (IV).
        title: what is wrong, with the values.
        action: what the owner has to do.
        owner: who has to do it.
        family: what causes of the same kind share; read off the key when empty.
    """

    cause: str
    source_kind: Literal["feature", "gate", "gate_command", "position", "feed", "system"]
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
    family: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """Where an alarm falls: how often its cause came lately, which upset it belongs to.

    Args:
        recent: how often the cause came within `CHATTER` before.
        group: the upset under way in its county and layer, empty when it is the first.
    """

    recent: int = 0
    group: str = ""


ALONE: Final = Circle()


def verbs(alarm: Alarm) -> Mapping[str, str]:
    """Name the verbs an alarm's state offers and the policy action of each."""
    return {verb: f"alarm.{verb}" for verb in _OFFERS[alarm.state]}


def family_of(cause: str) -> str:
    """Give what causes of one kind share: `water.level` of `water.level.NT-G01`."""
    head, colon, _ = cause.partition(":")
    return head if colon else ".".join(cause.split(".")[:2])


def circle_of(region: str, layer: str) -> str:
    """Name the county and layer within which alarms may be one upset."""
    return f"{region[:COUNTY]}.{layer}"


def key_of(source: str, cause: str) -> str:
    """Name a department's own cause so that it cannot pass for one of the service's."""
    return f"x:{source}:{cause}"


def cause_in(source: str, given: CauseIn) -> Cause:
    """Read a condition told by a department's own system."""
    return Cause(
        cause=key_of(source, given.cause),
        source_kind="system",
        source_id=given.cause,
        layer=given.layer,
        level=given.level,
        title=given.title,
        action=given.action,
        owner=given.owner,
        region=given.region,
        department=given.department,
        lon=given.lon,
        lat=given.lat,
        family=f"{source}.{given.family or given.layer}",
    )


def begin(cause: Cause, item_id: str, at: datetime, circle: Circle = ALONE) -> Alarm:
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
        family=cause.family or family_of(cause.cause),
        chatter=_chatter(circle.recent),
        group=circle.group or item_id,
        first_out=not circle.group,
    )


def again(alarm: Alarm, cause: Cause, at: datetime, circle: Circle = ALONE) -> Alarm:
    """Renew an open alarm: latched ones are active again, worse ones must be seen anew.

    One put aside stays aside. One that chatters is only counted: whoever acknowledged it has it.
    """
    renewed = alarm.model_copy(
        update={
            "level": cause.level,
            "title": cause.title,
            "action": cause.action,
            "owner": cause.owner,
        }
    )
    if alarm.returned_at is not None:
        renewed = renewed.model_copy(
            update={
                "returned_at": None,
                "raises": alarm.raises + 1,
                "chatter": max(alarm.chatter, _chatter(circle.recent), key=_weight),
            }
        )
    if alarm.state in _ASIDE:
        return renewed
    worse = cause.level < alarm.level
    if alarm.state is AlarmState.RETURNED:
        upset = {"group": circle.group or alarm.item_id, "first_out": not circle.group}
        return renewed.model_copy(update={"state": AlarmState.NEW, "raised_at": at, **upset})
    if worse and alarm.state is AlarmState.ACKNOWLEDGED:
        return renewed.model_copy(update={"state": AlarmState.NEW})
    return renewed


def calls(alarm: Alarm, was: Alarm | None) -> bool:
    """Tell whether a raised alarm asks a seat to look at it, or was only counted or renamed."""
    if alarm.state is not AlarmState.NEW:
        return False
    return was is None or was.state is not AlarmState.NEW or alarm.level < was.level


def back(alarm: Alarm, at: datetime) -> Alarm:
    """Take note that the condition is over: latched until acknowledged, aside until its end."""
    over = alarm.model_copy(update={"returned_at": at})
    return over if alarm.chatter is Chatter.CHATTERING else _over(over)


def quieten(alarm: Alarm) -> Alarm:
    """Take the chattering mark off; what is over since a while returns now."""
    calm = alarm.model_copy(update={"chatter": Chatter.NONE})
    return calm if calm.returned_at is None else _over(calm)


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
    return _aside(alarm, AlarmState.SHELVED, body.reason, by=by, at=at).model_copy(
        update={"shelved_until": body.until_at}
    )


def unshelve(alarm: Alarm) -> Alarm:
    """Bring a shelved alarm back as new: whoever is on duty now must see it; or close it."""
    return _anew(alarm)


def withdraw(alarm: Alarm, reason: str, *, by: PersonRef, at: datetime) -> Alarm:
    """Take an alarm out of service: it stays out until somebody puts it back.

    Raises:
        Refused: 409 in a state that cannot be taken out.
    """
    _require(alarm, "withdraw")
    return _aside(alarm, AlarmState.OUT_OF_SERVICE, reason, by=by, at=at)


def restore(alarm: Alarm, note: str) -> Alarm:
    """Put an alarm back into service: new while its condition lasts, else closed.

    Raises:
        Refused: 409 when it is not out of service.
    """
    _require(alarm, "restore")
    return _anew(alarm).model_copy(update={"note": note or alarm.note})


def _over(alarm: Alarm) -> Alarm:
    return alarm.model_copy(update={"state": _RETURNS.get(alarm.state, alarm.state)})


def _aside(alarm: Alarm, state: AlarmState, reason: str, *, by: PersonRef, at: datetime) -> Alarm:
    return alarm.model_copy(
        update={
            "state": state,
            "shelved_until": None,
            "note": reason,
            "acknowledged_by": by,
            "acknowledged_at": at,
        }
    )


def _anew(alarm: Alarm) -> Alarm:
    over = alarm.returned_at is not None
    fields: dict[str, object] = {"shelved_until": None}
    if not over:
        fields |= {"acknowledged_by": None, "acknowledged_at": None}
    return alarm.model_copy(
        update={"state": AlarmState.CLOSED if over else AlarmState.NEW, **fields}
    )


def _chatter(recent: int) -> Chatter:
    return Chatter.CHATTERING if recent + 1 >= CHATTERS else Chatter.NONE


def _weight(chatter: Chatter) -> bool:
    return chatter is Chatter.CHATTERING


def _require(alarm: Alarm, verb: str) -> None:
    if verb not in _OFFERS[alarm.state]:
        raise wrong_state(alarm.item_id, NAMES[alarm.state])
