"""Steps on alarms: acknowledge, shelve, take out of service, and how the seat hears."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from app.actions.send import Done, Failed, ask, send
from app.reach import Reach
from backend_client.contract.alarms import (
    MOST_TOGETHER,
    Alarm,
    Shelve,
    Sound,
    Suppress,
    Together,
    Withdraw,
)
from backend_client.contract.events import Touch
from backend_client.errors import ClientError


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


def acknowledge_together(
    reach: Reach,
    alarms: Sequence[Alarm],
    *,
    note: str,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Acknowledge alarms of one cause that were looked at together (同因确认)."""
    body = Together(alarms={one.item_id: one.version for one in alarms[:MOST_TOGETHER]}, note=note)
    send(reach, "alarm.together", alarms[0].item_id, body, done=done, failed=failed)


def withdraw(
    reach: Reach,
    alarm: Alarm,
    *,
    reason: str,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Take an alarm out of service until it is put back (停用)."""
    body = Withdraw(version=alarm.version, reason=reason)
    send(reach, "alarm.withdraw", alarm.item_id, body, done=done, failed=failed)


def restore(
    reach: Reach, alarm: Alarm, *, done: Done | None = None, failed: Failed | None = None
) -> None:
    """Put an alarm back into service (恢复使用)."""
    body = Touch(version=alarm.version)
    send(reach, "alarm.restore", alarm.item_id, body, done=done, failed=failed)


def suppress(
    reach: Reach, wish: Suppress, *, done: Callable[[], None], failed: Failed | None = None
) -> None:
    """Begin or end folding away what is not part of a response (战时折叠)."""
    ask(reach, lambda: reach.client.suppress_alarms(wish), lambda _head: done(), failed)


def hear(reach: Reach, sound: Sound) -> None:
    """Tell the service how this seat hears; a seat nobody is signed in at tells nothing."""
    if reach.client.person is not None:
        ask(reach, lambda: reach.client.tell_sound(sound), _heard, _not_heard)


def _heard(_answer: None) -> None:
    """Wait for nothing more."""


def _not_heard(error: Exception) -> None:
    """Leave it: a service that is away shows in the banner, and hears of the next change."""
    if not isinstance(error, ClientError):
        raise error
