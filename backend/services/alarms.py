"""Alarms: raised and returned by other services and by departments, handled by people."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.domain import alarms as rules
from backend.domain.alarms import Cause, Circle
from backend.domain.refused import refuse, unfit
from backend.services.policy import Policy
from backend.storage import alarm_log
from backend.storage.alarm_log import Deed, Step
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.alarms import (
    Acknowledged,
    Alarm,
    AlarmState,
    Chatter,
    Shelve,
    Suppression,
    Together,
    Withdraw,
)
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Touch
from backend_client.contract.item import Head, PersonRef

TRIM_S = 3_600.0


@dataclass(slots=True)
class _Batch:
    """Alarms as they stand within one unit, and the steps that brought them there."""

    unit: Unit
    open: dict[str, Alarm]
    at: datetime
    new: dict[str, Alarm] = field(default_factory=dict)
    changed: dict[str, Alarm] = field(default_factory=dict)
    steps: list[tuple[str, Deed, int]] = field(default_factory=list)

    def present(self, cause: str) -> Alarm | None:
        """Give a cause's open alarm."""
        return self.new.get(cause) or self.changed.get(cause) or self.open.get(cause)

    def take(self, alarm: Alarm, deed: Deed, *, quiet: bool = False) -> None:
        """Note an alarm's next state and the step that led there."""
        fresh = alarm.cause not in self.open
        (self.new if fresh else self.changed)[alarm.cause] = alarm
        self.steps.append((alarm.cause, deed, int(quiet)))

    def write(self, action: str, by: Person | None) -> list[Head]:
        """Write every alarm once, and all steps."""
        new, changed = tuple(self.new.values()), tuple(self.changed.values())
        pairs = [(self.open[alarm.cause], alarm) for alarm in changed]
        heads = self.unit.put_all(new, pairs, by=by, action=action)
        written = {
            alarm.cause: (alarm, head) for alarm, head in zip((*new, *changed), heads, strict=True)
        }
        log(
            self.unit,
            [
                step_of(*written[cause], deed, at=self.at, by=by, place=place, quiet=quiet)
                for place, (cause, deed, quiet) in enumerate(self.steps)
            ],
        )
        return heads


def step_of(
    alarm: Alarm,
    head: Head,
    deed: Deed,
    *,
    at: datetime,
    by: Person | None = None,
    place: int = 0,
    quiet: int = 0,
) -> Step:
    """Make the log's row of one step."""
    return Step(
        n=head.n,
        place=place,
        at_ms=alarm_log.ms(at),
        deed=deed,
        item_id=alarm.item_id,
        cause=alarm.cause,
        circle=rules.circle_of(alarm.region, alarm.layer),
        upset=alarm.group,
        level=alarm.level,
        region=alarm.region,
        department=alarm.department,
        person_id=by.person_id if by else "",
        quiet=quiet,
    )


def log(unit: Unit, steps: Sequence[Step]) -> None:
    """Write steps into the log of alarms."""
    alarm_log.append(unit.connection, steps)


def raise_alarm(unit: Unit, cause: Cause) -> Head | None:
    """Raise the alarm of a condition inside the caller's unit; one open alarm per cause.

    Returns:
        Its head, None when it is open already and nothing about it has changed.
    """
    heads = raise_all(unit, (cause,))
    return heads[0] if heads else None


def return_alarm(unit: Unit, cause: str) -> Head | None:
    """Say that a condition is over; None when no alarm of it is active."""
    heads = return_all(unit, (cause,))
    return heads[0] if heads else None


def raise_all(unit: Unit, causes: Sequence[Cause], *, by: Person | None = None) -> list[Head]:
    """Raise many conditions inside the caller's unit, in their order.

    Returns:
        The heads of the alarms that were begun, then of those that changed.
    """
    at, connection = unit.clock.now(), unit.connection
    batch = _Batch(unit, alarm_log.open_alarms(connection, _keys(causes)), at)
    coming = [cause for cause in causes if _comes(batch.open.get(cause.cause))]
    recent = alarm_log.came_since(connection, _keys(coming), at - rules.CHATTER) if coming else {}
    circles = sorted({rules.circle_of(cause.region, cause.layer) for cause in coming})
    upsets = alarm_log.upsets_since(connection, circles, at - rules.GROUP) if coming else {}
    folds = unit.find(Suppression) if coming else []
    for cause in causes:
        was = batch.present(cause.cause)
        circle = rules.circle_of(cause.region, cause.layer)
        place = Circle(recent.get(cause.cause, 0), upsets.get(circle, ""))
        if was is None:
            alarm = rules.begin(cause, f"alarm-{secrets.token_hex(8)}", at, place)
        else:
            alarm = rules.again(was, cause, at, place)
            if alarm == was:
                continue
        called = rules.calls(alarm, was)
        if called:
            upsets[circle] = alarm.group
        quiet = any(one.folds(alarm) for one in folds)
        batch.take(alarm, "raise" if called else "fold", quiet=quiet)
    return batch.write("alarm.raise", by)


def return_all(unit: Unit, causes: Sequence[str], *, by: Person | None = None) -> list[Head]:
    """Say that many conditions are over; gives the heads of the alarms that changed."""
    found = alarm_log.open_alarms(unit.connection, sorted(set(causes)))
    batch = _Batch(unit, found, unit.clock.now())
    for cause, present in found.items():
        if present.returned_at is None:
            batch.take(rules.back(present, batch.at), "return")
        del cause
    return batch.write("alarm.return", by)


@dataclass(frozen=True, slots=True)
class Alarms:
    """What people do with alarms, and what time does."""

    database: Database
    policy: Policy
    clock: Clock

    def acknowledge(self, person: Person, item_id: str, body: Touch) -> Head:
        """Acknowledge an alarm by name."""
        by, at = _ref(person), self.clock.now()
        return self._do(
            person,
            item_id,
            "acknowledge",
            version=body.version,
            rule=lambda alarm: rules.acknowledge(alarm, body.note, by=by, at=at),
        )

    def acknowledge_together(self, person: Person, body: Together) -> Acknowledged:
        """Acknowledge alarms of one cause that were looked at together; never "all".

        Those that have changed since they were seen are left for another look.

        Raises:
            Refused: 404, 403, 409 when every one has moved on, 422 for more than one cause.
        """
        by, at = _ref(person), self.clock.now()
        with self.database.write() as unit:
            alarms = [unit.load(Alarm, item_id) for item_id in sorted(body.alarms)]
            for alarm in alarms:
                self.policy.check_item(person, "alarm.acknowledge", alarm)
            if len({alarm.family for alarm in alarms}) > 1:
                raise _many_causes()
            kept = [one for one in alarms if _is_as_seen(one, body.alarms[one.item_id])]
            if not kept:
                raise _all_moved()
            changed = [rules.acknowledge(one, body.note, by=by, at=at) for one in kept]
            pairs = list(zip(kept, changed, strict=True))
            heads = unit.put_all((), pairs, by=person, action="alarm.acknowledge")
            log(
                unit,
                [
                    step_of(alarm, head, "acknowledge", at=at, by=person)
                    for alarm, head in zip(changed, heads, strict=True)
                ],
            )
        done = {head.item_id for head in heads}
        left = tuple(item_id for item_id in sorted(body.alarms) if item_id not in done)
        return Acknowledged(head=heads[-1], count=len(heads), left=left)

    def shelve(self, person: Person, item_id: str, body: Shelve) -> Head:
        """Put an alarm aside until an instant."""
        by, at = _ref(person), self.clock.now()
        return self._do(
            person,
            item_id,
            "shelve",
            version=body.version,
            rule=lambda alarm: rules.shelve(alarm, body, by=by, at=at),
            detail={"until_at": body.until_at.isoformat(), "reason": body.reason},
        )

    def withdraw(self, person: Person, item_id: str, body: Withdraw) -> Head:
        """Take an alarm out of service until it is put back."""
        by, at = _ref(person), self.clock.now()
        return self._do(
            person,
            item_id,
            "withdraw",
            version=body.version,
            rule=lambda alarm: rules.withdraw(alarm, body.reason, by=by, at=at),
            detail={"reason": body.reason},
        )

    def restore(self, person: Person, item_id: str, body: Touch) -> Head:
        """Put an alarm back into service."""
        return self._do(
            person,
            item_id,
            "restore",
            version=body.version,
            rule=lambda alarm: rules.restore(alarm, body.note),
        )

    def tend(self) -> int:
        """Bring back what was shelved long enough and calm what chatters no more; say how many."""
        return self.unshelve_due() + self.quieten_due()

    def unshelve_due(self) -> int:
        """Bring back every alarm whose time aside is over and say how many there were."""
        now = self.clock.now()
        with self.database.read() as view:
            shelved = view.find(Alarm, state=AlarmState.SHELVED.value)
        due = [alarm for alarm in shelved if alarm.shelved_until and alarm.shelved_until <= now]
        return self._change(due, "unshelve", rules.unshelve)

    def quieten_due(self) -> int:
        """Take the mark off every alarm that has not come for a while and say how many."""
        now = self.clock.now()
        with self.database.read() as view:
            loud = view.find(Alarm, chatter=Chatter.CHATTERING.value)
            causes = [alarm.cause for alarm in loud]
            came = (
                alarm_log.came_since(view.connection, causes, now - rules.CHATTER) if loud else {}
            )
        due = [alarm for alarm in loud if not came.get(alarm.cause)]
        return self._change(due, "return", rules.quieten)

    def trim(self) -> None:
        """Drop steps nobody counts any more."""
        with self.database.write() as unit:
            alarm_log.trim(unit.connection, self.clock.now() - alarm_log.KEPT)

    def _change(self, due: Sequence[Alarm], deed: Deed, rule: Callable[[Alarm], Alarm]) -> int:
        if not due:
            return 0
        at = self.clock.now()
        with self.database.write() as unit:
            present = [unit.load(Alarm, alarm.item_id) for alarm in due]
            pairs = [
                (now, rule(now)) for now, seen in zip(present, due, strict=True) if now == seen
            ]
            fresh = [alarm for _, alarm in pairs]
            heads = unit.put_all((), pairs, by=None, action=f"alarm.{deed}")
            log(
                unit,
                [
                    step_of(alarm, head, deed, at=at)
                    for alarm, head in zip(fresh, heads, strict=True)
                ],
            )
        return len(due)

    def _do(
        self,
        person: Person,
        item_id: str,
        deed: Deed,
        *,
        version: int,
        rule: Callable[[Alarm], Alarm],
        detail: dict[str, object] | None = None,
    ) -> Head:
        action = f"alarm.{deed}"
        with self.database.write() as unit:
            alarm = unit.load(Alarm, item_id)
            self.policy.check_item(person, action, alarm)
            unit.load(Alarm, item_id, version=version)
            changed = rule(alarm)
            head = unit.put(changed, by=person, action=action, detail=detail)
            log(unit, [step_of(changed, head, deed, at=self.clock.now(), by=person)])
            return head


def _is_as_seen(alarm: Alarm, version: int) -> bool:
    return alarm.version == version and "acknowledge" in rules.verbs(alarm)


def _comes(present: Alarm | None) -> bool:
    return present is None or present.returned_at is not None


def _keys(causes: Sequence[Cause]) -> list[str]:
    return sorted({cause.cause for cause in causes})


def _ref(person: Person) -> PersonRef:
    return PersonRef(person_id=person.person_id, name=person.name)


def _many_causes() -> Exception:
    return unfit(
        "alarms",
        Text("所选告警不是同一原因。", "These alarms do not have one cause."),
        Text("按原因分别确认。", "Acknowledge each cause by itself."),
    )


def _all_moved() -> Exception:
    return refuse(
        409,
        "stale_version",
        Text("所选告警均已变化。", "Every one of these alarms has changed since you saw it."),
        Text("看过新内容后再操作。", "Look at the new state, then try again."),
        where="alarms",
    )
