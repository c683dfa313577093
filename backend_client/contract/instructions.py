"""Instructions (指令) from city to county, and who has signed for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import Frozen, Instant, Line, Prose, Region
from backend_client.contract.item import PersonRef, WorkItem


class Urgency(StrEnum):
    """How fast an instruction must be signed (特急 加急 平急)."""

    FLASH = "flash"
    URGENT = "urgent"
    ROUTINE = "routine"


class Receipt(Frozen):
    """One receiver's standing: sent, and signed by whom and when."""

    region: Region
    signed_by: PersonRef | None = None
    signed_at: Instant | None = None


class Instruction(WorkItem):
    """One instruction to several receivers, each with its own receipt."""

    kind: Literal["instruction"] = "instruction"
    title: Line
    text: Prose
    urgency: Urgency
    sign_by_at: Instant
    issued_by: PersonRef
    receipts: tuple[Receipt, ...]


class Issue(Frozen):
    """Issue an instruction to receivers inside the issuer's region."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    urgency: Urgency
    sign_by_at: Instant
    receivers: Annotated[tuple[Region, ...], Field(min_length=1, max_length=200)]
