"""Rules of an event's side paths: refused, sent back, merged, split, called back, done again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.domain.events import NAMES, require
from backend.domain.refused import refuse, unfit, wrong_state
from backend_client.contract.base import Text
from backend_client.contract.events import (
    CallBack,
    Channel,
    Event,
    EventState,
    Satisfaction,
)
from backend_client.contract.item import Mark
from backend_client.contract.orders import Order, Task

FINAL_AFTER = 2
"""After so many returns of an event the centre decides: its next order cannot be sent back."""
_CITIZENS = frozenset({Channel.HOTLINE, Channel.POLICE, Channel.WEB, Channel.APP})
_MERGES_INTO = frozenset(
    {
        EventState.REGISTERED,
        EventState.ACCEPTED,
        EventState.DISPATCHED,
        EventState.RETURNED,
        EventState.SIGNED,
        EventState.REPORTED,
    }
)


def decline(event: Event, reason: str) -> Event:
    """Not accept an event (不予受理); its reporter is told why."""
    require(event, "refuse")
    _require_alone(event)
    over = {"state": EventState.REFUSED, "reason": reason, "answer": reason}
    return event.model_copy(update={**over, "answer_by_at": None, "undo": None})


def withdraw(event: Event, reason: str) -> Event:
    """Take an event off the line (撤销).

    Raises:
        Refused: 409 in the wrong state, or while other reports are merged with it.
    """
    require(event, "withdraw")
    _require_alone(event)
    return event.model_copy(update={"state": EventState.WITHDRAWN, "reason": reason, "undo": None})


def _require_alone(event: Event) -> None:
    if event.reports > 1:
        raise refuse(
            409,
            "has_reports",
            Text("该事件并有其他来件。", "Other reports are merged with this event."),
            Text("先拆分其他来件。", "Split them off first."),
            where=event.item_id,
        )


def supervise(event: Event, mark: Mark) -> Event:
    """Put an event under supervision (督办)."""
    require(event, "supervise")
    return event.model_copy(update={"supervised": mark, "undo": None})


def assisted(event: Event, order: Order) -> Event:
    """Note a further unit that helps (协办)."""
    require(event, "assist")
    if order.task is not Task.ASSIST:
        raise ValueError(order.task)
    return event.model_copy(update={"assist_ids": (*event.assist_ids, order.item_id), "undo": None})


def transferred(event: Event, order: Order) -> Event:
    """Hand an event over to another unit (转办): its clock runs on."""
    require(event, "transfer")
    return event.model_copy(
        update={"state": EventState.DISPATCHED, "order_id": order.item_id, "undo": None}
    )


def sent_back(event: Event, order: Order) -> Event:
    """Follow the order: its unit has sent it back (退单)."""
    if event.state is not EventState.DISPATCHED or event.order_id != order.item_id:
        return event
    by = (*event.returned_by, order.department)
    return event.model_copy(update={"state": EventState.RETURNED, "returned_by": by, "undo": None})


def decided(event: Event, *, granted: bool) -> Event:
    """Decide what was sent back (审定): to be sent elsewhere, or the unit's after all."""
    require(event, "decide")
    if granted:
        return event.model_copy(update={"state": EventState.ACCEPTED, "order_id": None})
    return event.model_copy(update={"state": EventState.DISPATCHED})


def moved(event: Event, order: Order) -> Event:
    """Follow the order: its deadline was moved by a decision, a standstill or a graver report."""
    if event.order_id != order.item_id:
        return event
    return event.model_copy(update={"due_at": order.due_at})


def is_final(event: Event) -> bool:
    """Tell whether the event's next order may not be sent back."""
    return len(event.returned_by) >= FINAL_AFTER


def needs_call_back(event: Event) -> bool:
    """Tell whether a citizen waits to be asked whether they are content."""
    return event.channel in _CITIZENS


def call_back(event: Event, body: CallBack, *, at: datetime, again_at: datetime) -> Event:
    """Write down what the reporter said (回访): content ones are archived.

    Args:
        event: the answered event.
        body: what they said.
        at: now; who is not content waits from now on for somebody to take it in hand again.
        again_at: when one nobody picked up for is to be called once more.
    """
    require(event, "call_back")
    over = body.satisfaction is Satisfaction.SATISFIED
    state = EventState.ARCHIVED if over else EventState.CLOSED
    next_at = {Satisfaction.UNREACHED: again_at, Satisfaction.UNSATISFIED: at}
    waits_at = next_at.get(body.satisfaction)
    told = {"state": state, "satisfaction": body.satisfaction, "call_back_at": waits_at}
    return event.model_copy(update={**told, "undo": None})


def redo(event: Event, reason: str) -> Event:
    """Take an event in hand once more (重办): an answered one gets a new clock.

    One whose report did not stand its check was never answered: its clock runs on, and so does
    the supervision it was put under.
    """
    require(event, "redo")
    anew = {"state": EventState.ACCEPTED, "reason": reason, "order_id": None, "assist_ids": ()}
    if event.state is EventState.REPORTED:
        return event.model_copy(update={**anew, "undo": None})
    again = {
        **anew,
        "answer": "",
        "redone": event.redone + 1,
        "returned_by": (),
        "sent_at": None,
        "due_at": None,
        "supervised": None,
        "call_back_at": None,
        "satisfaction": None,
        "undo": None,
    }
    return event.model_copy(update=again)


def gravest(levels: Sequence[int]) -> int:
    """Give the gravest of some levels: 1 before 4, 0 is none."""
    return min((level for level in levels if level), default=0)


def is_graver(level: int, than: int) -> bool:
    """Tell whether a level is graver than another."""
    return gravest((level, than)) == level != than


def mergeable(event: Event) -> bool:
    """Tell whether an event may still be merged with another: nobody works on it yet."""
    return event.state in (EventState.REGISTERED, EventState.ACCEPTED)


def is_taking(main: Event) -> bool:
    """Tell whether an event may have another merged with it: somebody still works on it."""
    return main.state in _MERGES_INTO


def merge(event: Event, main: Event) -> Event:
    """Work on an event together with its main event (并案); nothing of it is lost.

    Raises:
        Refused: 409 when either is not to be merged, 422 when they are one and the same.
    """
    require(event, "merge")
    if event.item_id == main.item_id:
        raise unfit(
            "main_id",
            Text("不能与自身并案。", "An event cannot be merged with itself."),
            Text("选择另一事件。", "Choose another event."),
        )
    if not is_taking(main):
        raise wrong_state(main.item_id, NAMES[main.state])
    return event.model_copy(
        update={
            "state": EventState.MERGED,
            "main_id": main.item_id,
            "was": event.state,
            "undo": None,
        }
    )


def split(event: Event) -> Event:
    """Part an event from its main event (拆分): it goes on from where it was."""
    require(event, "split")
    was = event.was or EventState.REGISTERED
    if event.state in (EventState.CLOSED, EventState.ARCHIVED):
        was = EventState.ACCEPTED
    back = {"state": was, "main_id": None, "was": None, "answer": "", "call_back_at": None}
    return event.model_copy(update={**back, "satisfaction": None, "undo": None})


def weigh(main: Event, children: Sequence[Event]) -> Event:
    """Count a main event's reports and take the gravest level of all of them.

    Args:
        main: the event others are merged with.
        children: the events merged with it directly, each with its own reports counted.
    """
    # An event stored by an older version has no level of its own: what it had alone is it.
    own = main.reported_level or (main.level if main.reports == 1 else 0)
    level = gravest([own, *(child.level for child in children)])
    reports = 1 + sum(child.reports for child in children)
    return main.model_copy(update={"level": level, "reported_level": own, "reports": reports})


def answered(child: Event, main: Event) -> Event:
    """Give a merged report the answer of its main event."""
    if child.state is not EventState.MERGED:
        return child
    return child.model_copy(update={"state": EventState.CLOSED, "answer": main.answer})


def unanswered(child: Event) -> Event:
    """Take an answer back with that of the main event: it is worked on again."""
    if child.main_id is None or child.state not in (EventState.CLOSED, EventState.ARCHIVED):
        return child
    back = {"state": EventState.MERGED, "answer": "", "call_back_at": None, "satisfaction": None}
    return child.model_copy(update=back)


def due_for_call_back(event: Event, at: datetime | None) -> Event:
    """Note until when the reporter is to be called back, where one waits."""
    wanted = at if event.state is EventState.CLOSED and needs_call_back(event) else None
    return event.model_copy(update={"call_back_at": wanted})
