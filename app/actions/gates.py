"""Guarded gate commands: never optimistic, never queued, never sent twice, never a draft."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from app.actions.send import Failed, tell
from app.reach import Reach
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.gates import (
    Authorise,
    CommandRequest,
    Gate,
    GateCommand,
    Stop,
    StopResult,
)
from backend_client.contract.item import Head, WorkItem
from backend_client.contract.problem import Problem
from backend_client.errors import ClientError, Refused

T = TypeVar("T")
NEVER: Final = 2**63  # a change number no stream reaches: only the version ends the wait
CommandDone = Callable[[GateCommand], None]


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Another account's sign-in, used for one consent and forgotten."""

    account: str
    password: str
    totp: str


def request(
    reach: Reach,
    gate: Gate,
    wish: CommandRequest,
    *,
    done: CommandDone | None = None,
    failed: Failed | None = None,
) -> None:
    """Ask for a target opening of the state the operator sees (its fence and sequence)."""
    key, tag = uuid.uuid4().hex, f"{gate.fence}.{gate.seq}"
    _control(
        reach,
        ("request", gate),
        lambda: reach.client.request_command(gate.item_id, wish, key=key, tag=tag),
        lambda command: _wait(reach, command, done),
        failed,
    )


def authorise(
    reach: Reach,
    command: GateCommand,
    second: SecondPerson,
    *,
    done: CommandDone | None = None,
    failed: Failed | None = None,
) -> None:
    """Consent as another person in a session of their own, bound to the exact command.

    The one-time code is spent on the consent; the sign-in itself carries the password only.
    """

    def job() -> GateCommand:
        with_other = reach.client.another()
        try:
            return _authorise_as(with_other, command, second)
        finally:
            with_other.close()

    if (reason := reach.session.why_no_control()) is not None:
        tell(reach, refusal(reason), failed)
        return
    reach.tasks.run(job, lambda answer: _wait(reach, answer, done), failed or reach.notices.fail)


def abort(
    reach: Reach,
    command: GateCommand,
    *,
    done: CommandDone | None = None,
    failed: Failed | None = None,
) -> None:
    """Abort a command; tried whatever the link, since it can only make things safer."""
    reach.tasks.run(
        lambda: reach.client.abort_command(command.item_id),
        lambda answer: _wait(reach, answer, done),
        failed or reach.notices.fail,
    )


def stop(
    reach: Reach,
    gate: Gate,
    *,
    reason: str = "",
    done: Callable[[StopResult], None] | None = None,
    failed: Failed | None = None,
) -> None:
    """Stop every bay now; one person, tried whatever the link. Not a safety function."""
    reach.tasks.run(
        lambda: reach.client.stop_device(gate.item_id, Stop(reason=reason)),
        done or _rest,
        failed or reach.notices.fail,
    )


def _authorise_as(client: Client, command: GateCommand, second: SecondPerson) -> GateCommand:
    client.sign_in(second.account, second.password)
    try:
        consent = Authorise(body_hash=command.body_hash, totp=second.totp)
        return client.authorise_command(command.item_id, consent, version=command.version)
    finally:
        with suppress(ClientError):
            client.sign_out()


def _control(
    reach: Reach,
    what: tuple[str, WorkItem],
    job: Callable[[], T],
    done: Callable[[T], None],
    failed: Failed | None,
) -> None:
    """Send a control step, or refuse it here and now when control is off."""
    reason = reach.session.why_not(*what)
    if reason is not None:
        tell(reach, refusal(reason), failed)
        return
    reach.tasks.run(job, done, failed or reach.notices.fail)


def refusal(reason: Text) -> Refused:
    """Give the console's own refusal; nothing was sent and nothing is kept."""
    todo = Text(
        "命令未发送，也不会自动补发；条件恢复后请重新提出。",
        "Nothing was sent and nothing will be; ask again when the reason is gone.",
    )
    return Refused(Problem(status=0, code="control_off", what=reason, todo=todo))


def _wait(reach: Reach, command: GateCommand, done: CommandDone | None) -> None:
    head = Head(item_id=command.item_id, version=command.version, n=NEVER)
    reach.waits.until("gate_command", head, lambda _: done(command) if done else None)


def _rest(_: StopResult) -> None:
    """Wait for nothing more: motion zero is proved by the next reading."""
