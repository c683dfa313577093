"""What people decided, as the learned models are taught and examined by it.

Pairs are read off the matches; what an event is about and which unit it was for is written down
with the deed that said so, since no later state of the event tells who said it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from backend.analytics.text import merge_course
from backend.domain.matches import BY_HAND
from backend.domain.models import Decision
from backend.services.model_kinds import MATTER, MERGE, UNIT
from backend.services.reports import message
from backend.storage import lessons
from backend.storage.unit import Unit, View
from backend_client.contract.events import Event
from backend_client.contract.matches import Match, MatchState
from backend_client.contract.orders import Order

if TYPE_CHECKING:
    from backend.services.learning import Source
    from backend.services.models import Models

_ANSWERED: Final = (MatchState.SAME, MatchState.APART)


def pairs(view: View) -> Iterable[Decision]:
    """Give every pair a person judged; what touches an event kept apart examines.

    What the service merged by itself is no decision until a person has parted it. Pairs whose
    match was dropped since come from what was kept of them.
    """
    live = set()
    for state in _ANSWERED:
        for match in view.find(Match, state=state.value):
            decided = pair(view, match)
            if decided is not None:
                live.add(decided.key)
                yield decided
    for one in lessons.kept(view.connection, MERGE.name):
        if one.key not in live:
            yield one


def pair(view: View, match: Match) -> Decision | None:
    """Give what a person decided of a match; None where nobody did."""
    same = match.state is MatchState.SAME
    if match.state not in _ANSWERED:
        return None
    if match.decided is None or (match.auto and same):
        return None
    one, other = view.get(Event, match.event_id), view.get(Event, match.other_id)
    if one is None or other is None:
        return None
    return Decision(
        key=match.item_id,
        groups=(one.main_id or one.item_id, other.main_id or other.item_id),
        at=match.decided.at,
        body=merge_course.body(message(one), message(other), same=same),
    )


def matters(view: View) -> Iterable[Decision]:
    """Give what people said events are about."""
    return lessons.kept(view.connection, MATTER.name)


def units(view: View) -> Iterable[Decision]:
    """Give which units reported events done in the end."""
    return lessons.kept(view.connection, UNIT.name)


SOURCES: Final[Mapping[str, Source]] = {
    MERGE.name: pairs,
    MATTER.name: matters,
    UNIT.name: units,
}
"""Of each model that learns here."""


def heard(registry: Models, unit: Unit, match: Match, state: MatchState) -> None:
    """Count live how often people agree with what was proposed, each pair once: the last word."""
    if match.model == BY_HAND:
        return
    number = int(match.model)
    if match.decided is not None and not match.auto and match.state in _ANSWERED:
        was = match.state is MatchState.SAME
        registry.take_back(unit, MERGE.name, number, match.decided.at, right=was)
    registry.record(unit, MERGE.name, number, right=state is MatchState.SAME)


def classified(unit: Unit, event: Event) -> None:
    """Note inside a unit what a person said an event is about; nothing said takes it back."""
    labels = [event.matter] if event.matter else []
    lessons.keep(unit.connection, MATTER.name, _decision(event, labels, unit.clock.now()))


def answered(unit: Unit, event: Event, order: Order | None) -> None:
    """Note inside a unit which unit an event was for, after all returns and transfers."""
    if order is not None and order.report:
        labels = [order.department]
        lessons.keep(unit.connection, UNIT.name, _decision(event, labels, unit.clock.now()))


def _decision(event: Event, labels: Sequence[str], at: datetime) -> Decision:
    """Give an event and its labels as `sort_course` reads them, who reported it no part of it."""
    body = {
        "id": event.item_id,
        "title": event.title,
        "text": event.text,
        "labels": "|".join(labels),
        "place": event.place,
        "lon": "" if event.lon is None else str(event.lon),
        "lat": "" if event.lat is None else str(event.lat),
    }
    groups = (event.main_id or event.item_id,)
    return Decision(event.item_id, groups, at, body if labels else None)
