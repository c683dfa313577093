"""Alarms: raised and returned by other services, acknowledged and shelved by people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from backend.domain import alarms as rules
from backend.domain.alarms import Cause
from backend.services.policy import Policy
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.alarms import Alarm, AlarmState, Shelve
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.events import Touch
from backend_client.contract.item import Head, PersonRef


def raise_alarm(unit: Unit, cause: Cause) -> Head | None:
    """Raise the alarm of a condition inside the caller's unit; one open alarm per cause.

    Returns:
        Its head, None when it is open already and nothing about it has changed.
    """
    at = unit.clock.now()
    present = _open_alarm(unit, cause.cause)
    if present is None:
        alarm = rules.begin(cause, f"alarm-{secrets.token_hex(8)}", at)
        return unit.add(alarm, by=None, action="alarm.raise")
    renewed = rules.again(present, cause, at)
    return None if renewed == present else unit.put(renewed, by=None, action="alarm.raise")


def return_alarm(unit: Unit, cause: str) -> Head | None:
    """Say that a condition is over; None when no alarm of it is active."""
    present = _open_alarm(unit, cause)
    if present is None or present.state is AlarmState.RETURNED:
        return None
    return unit.put(rules.back(present, unit.clock.now()), by=None, action="alarm.return")


@dataclass(frozen=True, slots=True)
class Alarms:
    """What people do with alarms."""

    database: Database
    policy: Policy
    clock: Clock

    def acknowledge(self, person: Person, item_id: str, body: Touch) -> Head:
        """Acknowledge an alarm by name."""
        with self.database.write() as unit:
            alarm = unit.load(Alarm, item_id)
            self.policy.check_item(person, "alarm.acknowledge", alarm)
            unit.load(Alarm, item_id, version=body.version)
            changed = rules.acknowledge(alarm, body.note, by=_ref(person), at=self.clock.now())
            return unit.put(changed, by=person, action="alarm.acknowledge")

    def shelve(self, person: Person, item_id: str, body: Shelve) -> Head:
        """Put an alarm aside until an instant."""
        with self.database.write() as unit:
            alarm = unit.load(Alarm, item_id)
            self.policy.check_item(person, "alarm.shelve", alarm)
            unit.load(Alarm, item_id, version=body.version)
            changed = rules.shelve(alarm, body, by=_ref(person), at=self.clock.now())
            until = {"until_at": body.until_at.isoformat(), "reason": body.reason}
            return unit.put(changed, by=person, action="alarm.shelve", detail=until)

    def unshelve_due(self) -> int:
        """Bring back every alarm whose time aside is over and say how many there were."""
        now = self.clock.now()
        with self.database.read() as view:
            shelved = view.find(Alarm, state=AlarmState.SHELVED.value)
        due = [alarm for alarm in shelved if alarm.shelved_until and alarm.shelved_until <= now]
        for alarm in due:
            with self.database.write() as unit:
                present = unit.load(Alarm, alarm.item_id)
                if present.version == alarm.version:
                    unit.put(rules.unshelve(present), by=None, action="alarm.unshelve")
        return len(due)


def _open_alarm(unit: Unit, cause: str) -> Alarm | None:
    found = unit.find(Alarm, cause=cause)
    return next((alarm for alarm in found if alarm.state is not AlarmState.CLOSED), None)


def _ref(person: Person) -> PersonRef:
    return PersonRef(person_id=person.person_id, name=person.name)
