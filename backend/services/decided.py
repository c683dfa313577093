"""What people decided, as the learned models are taught and examined by it."""

from __future__ import annotations

from collections.abc import Iterable

from backend.analytics.text import merge_course
from backend.domain.models import Decision
from backend.services.reports import message
from backend.storage.unit import View
from backend_client.contract.events import Event
from backend_client.contract.matches import Match, MatchState


def pairs(view: View) -> Iterable[Decision]:
    """Give every pair a person judged; what touches an event kept apart examines.

    What the service merged by itself is no decision until a person has parted it.
    """
    for state in (MatchState.SAME, MatchState.APART):
        for match in view.find(Match, state=state.value):
            if match.decided is None or (match.auto and state is MatchState.SAME):
                continue
            one, other = view.get(Event, match.event_id), view.get(Event, match.other_id)
            if one is None or other is None:
                continue
            yield Decision(
                key=match.item_id,
                groups=(one.main_id or one.item_id, other.main_id or other.item_id),
                at=match.decided.at,
                body=merge_course.body(message(one), message(other), same=state is MatchState.SAME),
            )
