"""Steps on alarms: acknowledge one, shelve one for a reason and a time."""

from __future__ import annotations

from datetime import datetime

from app.actions.send import Done, Failed, send
from app.reach import Reach
from backend_client.contract.alarms import Alarm, Shelve
from backend_client.contract.events import Touch


def acknowledge(
    reach: Reach,
    alarm: Alarm,
    *,
    note: str = "",
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Acknowledge one alarm (确认); never "all"."""
    body = Touch(version=alarm.version, note=note)
    send(reach, "alarm.acknowledge", alarm.item_id, body, done=done, failed=failed)


def shelve(
    reach: Reach,
    alarm: Alarm,
    *,
    reason: str,
    until_at: datetime,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Put an alarm aside until an instant (搁置)."""
    body = Shelve(version=alarm.version, reason=reason, until_at=until_at)
    send(reach, "alarm.shelve", alarm.item_id, body, done=done, failed=failed)
