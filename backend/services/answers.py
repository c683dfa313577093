"""Answers to reporters: owed with the step that made them, told once by their channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.domain.events import OWNER, UNDO
from backend.domain.intake import check_channel
from backend.domain.refused import forbidden
from backend.services.policy import Policy
from backend.storage import answers as rows
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.answers import Answers, Said, ToldAnswers
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.events import Channel, Event, EventState

_SAID: Final[Mapping[EventState, Said]] = {
    EventState.ACCEPTED: Said.ACCEPTED,
    EventState.REFUSED: Said.REFUSED,
    EventState.CLOSED: Said.ANSWERED,
    EventState.WITHDRAWN: Said.WITHDRAWN,
}


def owe(unit: Unit, was: Event, now: Event) -> None:
    """Note inside a unit what the step from one state to another lets the reporter hear.

    Whoever reported what was merged hears like the first: their event takes the same steps.
    """
    if now.state is was.state:
        return
    if was.state is EventState.CLOSED and now.is_open and now.redone == was.redone:
        rows.revoke(unit.connection, now.item_id)
    said = _SAID.get(now.state)
    if now.redone > was.redone:
        said = Said.AGAIN
    elif said is Said.ACCEPTED and was.state is not EventState.REGISTERED:
        return  # back from a return, a check, a split or an undo: they know
    if said is not None:
        words = now.answer if said is Said.ANSWERED else now.reason
        rows.owe(unit.connection, now, said, words, unit.clock.now())


@dataclass(frozen=True, slots=True)
class Replies:
    """What channels fetch and confirm."""

    database: Database
    policy: Policy
    clock: Clock

    def owed(self, person: Person, channel: Channel, after: int, limit: int) -> Answers:
        """Give what a channel still has to tell, as far as the account may.

        Raises:
            Refused: 403, the account stands for another channel.
        """
        check_channel(person, channel)
        with self.database.read() as view:
            until = self.clock.now() - UNDO
            found = rows.owed(
                view.connection,
                channel.value,
                regions=person.regions,
                after=after,
                until=until,
                limit=limit,
            )
        return Answers(answers=tuple(one for one, region in found if self._may(person, region)))

    def told(self, person: Person, body: ToldAnswers) -> None:
        """Note what was delivered; the same numbers again change nothing.

        Raises:
            Refused: 403 when one of them is not the account's, and none of them is noted.
        """
        with self.database.write() as unit:
            fresh = rows.told(unit.connection, body.numbers, self.clock.now())
            for one in fresh:
                if not self._may(person, one.region):
                    raise forbidden("event.intake")
                check_channel(person, one.channel)
                unit.audit("event.told", f"event/{one.event_id}", by=person)

    def _may(self, person: Person, region: str) -> bool:
        return self.policy.permits(person, "event.intake", region, OWNER)
