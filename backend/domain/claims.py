"""Rules of a claim: five minutes from the last sign of work, one holder, a supervisor may take it.

Source: domain rule 27.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.domain.refused import Refused
from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.events import Event
from backend_client.contract.item import PersonRef
from backend_client.contract.problem import Problem

LEASE = timedelta(minutes=5)


def begin(event: Event, holder: PersonRef, at: datetime) -> Claim:
    """Make the claim of an event nobody has in hand."""
    return Claim(
        item_id=event.item_id,
        version=1,
        region=event.region,
        department=event.department,
        created_at=at,
        updated_at=at,
        title=event.title,
        holder=holder,
        until_at=at + LEASE,
    )


def renew(claim: Claim, holder: PersonRef, at: datetime) -> Claim:
    """Give a claim to a holder for another lease."""
    return claim.model_copy(update={"holder": holder, "until_at": at + LEASE})


def holds_off(claim: Claim | None, person_id: str, at: datetime) -> bool:
    """Tell whether somebody else has the event in hand."""
    return claim is not None and claim.until_at > at and claim.holder.person_id != person_id


def claimed(claim: Claim) -> Refused:
    """Refuse because somebody else has it in hand, by name."""
    name = claim.holder.name
    return Refused(
        Problem(
            status=409,
            code="claimed",
            what=Text(f"{name} 正在处理。", f"{name} is working on it."),
            todo=Text(
                "与其联系;锁定在停手 5 分钟后自动解除,值班领导可接管。",
                "Speak to them; the claim ends 5 min after their last step, a duty leader may "
                "take it over.",
            ),
            where=claim.item_id,
            holder=name,
        )
    )
