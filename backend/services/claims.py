"""Claims on events: taken, renewed, released, taken over, ended by the clock."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain import claims as rules
from backend.domain import events as event_rules
from backend.domain.refused import not_found, wrong_state
from backend.services.policy import Policy
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.claims import Claim, Claiming
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event
from backend_client.contract.item import PersonRef


def must_be_free(unit: Unit, person: Person, event_id: str) -> None:
    """Refuse a step on an event somebody else has in hand.

    Raises:
        Refused: 409 `claimed` with the holder's name.
    """
    claim = unit.get(Claim, event_id)
    if claim is not None and rules.holds_off(claim, person.person_id, unit.clock.now()):
        raise rules.claimed(claim)


def let_go(unit: Unit, person: Person | None, event_id: str) -> None:
    """End whatever claim is on an event that is done with."""
    claim = unit.get(Claim, event_id)
    if claim is not None:
        unit.remove(claim, by=person, action="event.release")


@dataclass(frozen=True, slots=True)
class Claims:
    """What people do with claims. Sync: call it from worker threads."""

    database: Database
    policy: Policy
    clock: Clock

    def claim(self, person: Person, event_id: str, body: Claiming) -> Claim:
        """Take an event in hand, or keep it for another lease.

        Raises:
            Refused: 404, 403, 409 `claimed` with the holder or `wrong_state` when it is closed.
        """
        with self.database.write() as unit:
            event = unit.load(Event, event_id)
            self.policy.check_item(person, "event.claim", event)
            if not event.is_open:
                raise wrong_state(event_id, event_rules.NAMES[event.state])
            at = self.clock.now()
            holder = PersonRef(person_id=person.person_id, name=person.name)
            present = unit.get(Claim, event_id)
            if present is None:
                made = rules.begin(event, holder, at)
                unit.add(made, by=person, action="event.claim")
                return made
            kept = rules.renew(present, holder, at)
            if rules.holds_off(present, person.person_id, at):
                if not body.take_over:
                    raise rules.claimed(present)
                self.policy.check_item(person, "event.take_over", event)
                detail = {"from": present.holder.person_id}
                head = unit.put(kept, by=person, action="event.take_over", detail=detail)
            elif present.holder == holder:
                head = unit.observe(kept)
            else:
                head = unit.put(kept, by=person, action="event.claim")
            return kept.model_copy(update={"version": head.version})

    def release(self, person: Person, event_id: str) -> None:
        """Let one's own event go; what somebody else has in hand stays theirs.

        Raises:
            Refused: 404, 403.
        """
        with self.database.write() as unit:
            event = unit.load(Event, event_id)
            if not self.policy.sees_item(person, event):
                raise not_found(event_id)
            claim = unit.get(Claim, event_id)
            if claim is not None and claim.holder.person_id == person.person_id:
                unit.remove(claim, by=person, action="event.release")

    def tend(self) -> None:
        """End the claims whose time is over."""
        now = self.clock.now()
        with self.database.read() as view:
            over = [claim for claim in view.find(Claim) if claim.until_at <= now]
        for claim in over:
            with self.database.write() as unit:
                present = unit.get(Claim, claim.item_id)
                if present is not None and present.until_at <= now:
                    unit.remove(present, by=None, action="event.claim_over")
