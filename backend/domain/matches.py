"""Rules of a match: proposed once, judged once, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backend.domain.refused import wrong_state
from backend_client.contract.base import CITY, Text
from backend_client.contract.events import Event
from backend_client.contract.item import Mark
from backend_client.contract.matches import Evidence, Match, MatchState

NAMES: Mapping[MatchState, Text] = {
    MatchState.OPEN: Text("待判", "to be judged"),
    MatchState.SAME: Text("同一件", "the same"),
    MatchState.APART: Text("不是同一件", "not the same"),
    MatchState.GONE: Text("无须再判", "no longer to be judged"),
}
BY_HAND = ""
"""The model of a match that none proposed."""
_COUNTY = 6  # digits of a county's code


def verbs(match: Match) -> Mapping[str, str]:
    """Name the verbs a match's state offers and the policy action of each."""
    if match.state is not MatchState.OPEN:
        return {}
    return {"apart": "event.merge"}


def match_id(event_id: str, other_id: str) -> str:
    """Give the id of a pair's match: a pair is asked of once, whichever came first."""
    first, second = sorted((event_id, other_id))
    return f"match-{first[-16:]}-{second[-16:]}"


def propose(
    event: Event,
    other: Event,
    *,
    score: float,
    evidence: tuple[Evidence, ...],
    model: str,
    at: datetime,
) -> Match:
    """Make the match of an event with an earlier one; it belongs to their county, or the city."""
    same_county = event.region[:_COUNTY] == other.region[:_COUNTY]
    return Match(
        item_id=match_id(event.item_id, other.item_id),
        version=1,
        region=event.region[:_COUNTY] if same_county else CITY,
        department=event.department,
        created_at=at,
        updated_at=at,
        event_id=event.item_id,
        other_id=other.item_id,
        score=min(max(score, 0.0), 1.0),
        evidence=evidence,
        state=MatchState.OPEN,
        model=model,
    )


def judge(match: Match, state: MatchState, mark: Mark) -> Match:
    """Say what a match is.

    Raises:
        Refused: 409 when it was judged before.
    """
    if match.state is not MatchState.OPEN:
        raise wrong_state(match.item_id, NAMES[match.state])
    return match.model_copy(update={"state": state, "decided": mark})


def settle(match: Match, state: MatchState, mark: Mark) -> Match:
    """Follow what people did with the events themselves: it says more than what was said before."""
    return match.model_copy(update={"state": state, "decided": mark})


def bring_back(match: Match) -> Match:
    """Ask again of a pair that was no longer to be judged: a close was taken back."""
    return match.model_copy(update={"state": MatchState.OPEN, "decided": None})


def said_by_hand(event: Event, other: Event, state: MatchState, mark: Mark) -> Match:
    """Make the match of a pair nobody had proposed and a person has judged."""
    same = state is MatchState.SAME
    match = propose(
        event, other, score=1.0 if same else 0.0, evidence=(), model=BY_HAND, at=mark.at
    )
    return match.model_copy(update={"state": state, "decided": mark})
