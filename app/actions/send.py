"""Send one wish: once, never again by itself; what could not be sent becomes a draft."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from app.reach import Reach
from app.session import REPLAYING
from backend_client.client import Client
from backend_client.contract.alarms import Shelve, Together, Withdraw
from backend_client.contract.base import Text
from backend_client.contract.change import ItemKind
from backend_client.contract.events import (
    CallBack,
    Classify,
    Close,
    Decide,
    Dispatch,
    Locate,
    Merge,
    Reasoned,
    Touch,
)
from backend_client.contract.instructions import Issue
from backend_client.contract.item import Head
from backend_client.contract.orders import Extend, Return
from backend_client.contract.problem import Problem
from backend_client.contract.shifts import LineIn
from backend_client.draft import Draft
from backend_client.errors import Refused, Unreachable

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")
Done = Callable[[Head], None]
Failed = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Verb:
    """One step that may be kept as a draft: its body and the call that sends it."""

    kind: ItemKind
    body: type[BaseModel]
    call: Callable[[Client, str, BaseModel, str], Head]


def _verb(kind: ItemKind, body: type[B], call: Callable[[Client, str, B, str], Head]) -> Verb:
    return Verb(kind, body, call)  # type: ignore[arg-type]  # `body` and `call` fit each other


VERBS: Final[dict[str, Verb]] = {
    "event.accept": _verb("event", Touch, lambda c, i, b, _: c.accept_event(i, b)),
    "event.locate": _verb("event", Locate, lambda c, i, b, _: c.locate_event(i, b)),
    "event.classify": _verb("event", Classify, lambda c, i, b, _: c.casework.classify(i, b)),
    "event.dispatch": _verb("event", Dispatch, lambda c, i, b, _: c.dispatch_event(i, b)),
    "event.close": _verb("event", Close, lambda c, i, b, _: c.close_event(i, b)),
    "event.refuse": _verb("event", Reasoned, lambda c, i, b, _: c.casework.refuse(i, b)),
    "event.withdraw": _verb("event", Reasoned, lambda c, i, b, _: c.casework.withdraw(i, b)),
    "event.supervise": _verb("event", Reasoned, lambda c, i, b, _: c.casework.supervise(i, b)),
    "event.assist": _verb("event", Dispatch, lambda c, i, b, _: c.casework.assist(i, b)),
    "event.transfer": _verb("event", Dispatch, lambda c, i, b, _: c.casework.transfer(i, b)),
    "event.decide": _verb("event", Decide, lambda c, i, b, _: c.casework.decide(i, b)),
    "event.call_back": _verb("event", CallBack, lambda c, i, b, _: c.casework.call_back(i, b)),
    "event.redo": _verb("event", Reasoned, lambda c, i, b, _: c.casework.redo(i, b)),
    "event.merge": _verb("event", Merge, lambda c, i, b, _: c.casework.merge(i, b)),
    "event.split": _verb("event", Reasoned, lambda c, i, b, _: c.casework.split(i, b)),
    "order.sign": _verb("order", Touch, lambda c, i, b, _: c.sign_order(i, b)),
    "order.report": _verb("order", Close, lambda c, i, b, _: c.report_order(i, b)),
    "order.return": _verb("order", Return, lambda c, i, b, _: c.casework.send_back(i, b)),
    "order.extend": _verb("order", Extend, lambda c, i, b, _: c.casework.extend(i, b)),
    "order.grant": _verb("order", Decide, lambda c, i, b, _: c.casework.grant(i, b)),
    "order.suspend": _verb("order", Reasoned, lambda c, i, b, _: c.casework.suspend(i, b)),
    "order.resume": _verb("order", Touch, lambda c, i, b, _: c.casework.resume(i, b)),
    "order.urge": _verb("order", Reasoned, lambda c, i, b, _: c.casework.urge(i, b)),
    "alarm.acknowledge": _verb("alarm", Touch, lambda c, i, b, _: c.acknowledge_alarm(i, b)),
    "alarm.shelve": _verb("alarm", Shelve, lambda c, i, b, _: c.shelve_alarm(i, b)),
    "alarm.together": _verb("alarm", Together, lambda c, _, b, __: c.acknowledge_together(b).head),
    "alarm.withdraw": _verb("alarm", Withdraw, lambda c, i, b, _: c.withdraw_alarm(i, b)),
    "alarm.restore": _verb("alarm", Touch, lambda c, i, b, _: c.restore_alarm(i, b)),
    "instruction.issue": _verb(
        "instruction", Issue, lambda c, _, b, key: c.issue_instruction(b, key=key)
    ),
    "shift.write": _verb("shift_page", LineIn, lambda c, i, b, _: c.write_line(i, b)),
    "instruction.sign": _verb("instruction", Touch, lambda c, i, b, _: c.sign_instruction(i, b)),
}


def send(
    reach: Reach,
    verb: str,
    target: str,
    body: BaseModel,
    *,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Send a wish; `done` comes when its change is on the screen.

    Unreachable: the wish is kept as a draft, marked not sent, and `failed` hears of it.
    Refused: `failed` hears of it, or the notice centre when there is none. A seat that is
    read-only sends nothing and keeps nothing.
    """
    if reach.session.read_only is not None:
        tell(reach, closed(reach.session.read_only), failed)
        return
    person = reach.client.person
    draft = Draft(
        draft_id=uuid.uuid4().hex,
        kind=verb,
        target=target,
        body=body.model_dump_json(),
        idempotency_key=uuid.uuid4().hex,
        person_id=person.person_id if person else "",
        created_at=reach.clock.now(),
    )
    _try(reach, draft, done, failed)


def closed(why: Text) -> Refused:
    """Give the console's own refusal while the seat is read-only; nothing was sent or kept."""
    if why is REPLAYING:
        todo = Text("按 Alt+End 回到实况。", "Press Alt+End to go back to now.")
        return Refused(Problem(status=0, code="replaying", what=why, todo=todo))
    todo = Text("按任意键，输入口令后恢复。", "Press a key and give the password to go on.")
    return Refused(Problem(status=0, code="resting", what=why, todo=todo))


def send_again(
    reach: Reach, draft: Draft, *, done: Done | None = None, failed: Failed | None = None
) -> None:
    """Send a draft because the operator pressed send; same content, same key."""
    if reach.session.read_only is not None:
        tell(reach, closed(reach.session.read_only), failed)
        return
    _try(reach, draft, done, failed)


def _try(reach: Reach, draft: Draft, done: Done | None, failed: Failed | None) -> None:
    verb = VERBS[draft.kind]
    try:
        body = verb.body.model_validate_json(draft.body)
    except ValidationError as error:
        (failed or reach.notices.fail)(error)
        return

    def answered(head: Head) -> None:
        reach.wishes.sent(draft.draft_id)
        reach.waits.until(verb.kind, head, done or _rest)

    def refused(error: Exception) -> None:
        if isinstance(error, Unreachable):
            reach.wishes.keep(draft)
            _tell_unsent(reach, error)
        tell(reach, error, failed)

    client = reach.client
    reach.tasks.run(
        lambda: verb.call(client, draft.target, body, draft.idempotency_key), answered, refused
    )


def tell(reach: Reach, error: Exception, failed: Failed | None) -> None:
    """Hand an error to the one who asked, or to the notice centre."""
    (failed or reach.notices.fail)(error)


def ask(
    reach: Reach, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None
) -> None:
    """Read something: never kept, repeated only by the client's own rules."""
    reach.tasks.run(job, done, failed or reach.notices.fail)


def once(
    reach: Reach, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None
) -> None:
    """Have something done that is never kept as a draft; a read-only seat sends nothing."""
    if reach.session.read_only is not None:
        tell(reach, closed(reach.session.read_only), failed)
        return
    ask(reach, job, done, failed)


def _tell_unsent(reach: Reach, error: Unreachable) -> None:
    reach.notices.say(
        Text("操作未发送，已存为草稿。", "It was not sent and is kept as a draft."),
        meaning=error.what,
        todo=Text("连接恢复后请自行按“发送”。", "Press send yourself when the link is back."),
        weight="warning",
        key="draft",
    )


def _rest(_: Head) -> None:
    """Wait for nothing more."""
