"""Rules of an instruction: sent to several receivers, each signs for itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.domain.refused import forbidden, unfit, wrong_state
from backend_client.contract.auth import Person
from backend_client.contract.base import EVERY_DEPARTMENT, Text, covers
from backend_client.contract.instructions import Instruction, Issue, Receipt
from backend_client.contract.item import PersonRef, WorkItem

OFFICE = "D11"
"""The government office's duty desk, which owns instructions of city-wide issuers."""

_LONGEST = timedelta(days=90)


def verbs(instruction: Instruction) -> Mapping[str, str]:
    """Name the verbs an instruction offers while somebody has not signed."""
    open_ = any(receipt.signed_by is None for receipt in instruction.receipts)
    return {"sign": "instruction.sign"} if open_ else {}


def barred(item: WorkItem, person: Person) -> frozenset[str]:
    """Bar signing for a region that is not one's own or has signed already."""
    if isinstance(item, Instruction) and not _own(item, person):
        return frozenset({"sign"})
    return frozenset()


def issue(body: Issue, *, item_id: str, by: Person, at: datetime) -> Instruction:
    """Make an instruction to receivers inside the issuer's region.

    Raises:
        Refused: 422 for a deadline that makes no sense or a receiver outside or named twice.
    """
    if not at < body.sign_by_at <= at + _LONGEST:
        raise unfit(
            "sign_by_at",
            Text(
                "签收期限应在现在之后 90 天之内。", "Sign-by lies in the past or over 90 days away."
            ),
            Text("重新选择期限。", "Choose another deadline."),
        )
    for index, region in enumerate(body.receivers):
        if not any(covers(own, region) for own in by.regions):
            raise unfit(
                f"receivers.{index}",
                Text(f"{region} 不在你的范围内。", f"{region} is outside your region."),
                Text("去掉该接收单位。", "Leave this receiver out."),
            )
    if len(set(body.receivers)) != len(body.receivers):
        raise unfit(
            "receivers",
            Text("接收单位重复。", "A receiver is named twice."),
            Text("每个单位只列一次。", "Name each once."),
        )
    first = by.departments[0]
    return Instruction(
        item_id=item_id,
        version=1,
        region=by.regions[0],
        department=OFFICE if first == EVERY_DEPARTMENT else first,
        created_at=at,
        updated_at=at,
        title=body.title,
        text=body.text,
        urgency=body.urgency,
        sign_by_at=body.sign_by_at,
        issued_by=PersonRef(person_id=by.person_id, name=by.name),
        receipts=tuple(Receipt(region=region) for region in body.receivers),
    )


def sign(instruction: Instruction, *, by: Person, at: datetime) -> Instruction:
    """Sign for the person's own regions, no one else's.

    Raises:
        Refused: 403 when no receipt is theirs, 409 when theirs is signed already.
    """
    if not any(receipt.region in by.regions for receipt in instruction.receipts):
        raise forbidden("instruction.sign")
    mine = _own(instruction, by)
    if not mine:
        raise wrong_state(instruction.item_id, Text("本单位已签收", "signed by your unit already"))
    who = PersonRef(person_id=by.person_id, name=by.name)
    receipts = tuple(
        receipt.model_copy(update={"signed_by": who, "signed_at": at})
        if receipt.region in mine
        else receipt
        for receipt in instruction.receipts
    )
    return instruction.model_copy(update={"receipts": receipts})


def _own(instruction: Instruction, person: Person) -> frozenset[str]:
    return frozenset(
        receipt.region
        for receipt in instruction.receipts
        if receipt.signed_by is None and receipt.region in person.regions
    )
