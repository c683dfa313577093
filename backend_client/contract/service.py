"""What a service says of itself before anyone signs in."""

from __future__ import annotations

from backend_client.contract.base import Count, Flag, Frozen, Instant, Line


class Health(Frozen):
    """Name, contract version, the stream's epoch and newest number, and the service's clock.

    `calendar_unknown` is a year whose public holidays nobody has told the service, though
    deadlines are counted in it already or soon.
    """

    name: Line
    version: Line
    epoch: Line
    n: Count
    at: Instant
    simulated: Flag
    calendar_unknown: Count | None = None


class AuditRow(Frozen):
    """One link of the audit chain.

    `hash` is SHA-256 over the previous hash and this row's content.
    """

    seq: Count
    at: Instant
    person_id: Line
    role: Line
    action: Line
    target: Line
    detail: str
    n: Count
    previous: Line
    hash: Line


class AuditPage(Frozen):
    """One page of the audit trail, oldest first."""

    rows: tuple[AuditRow, ...]
    next: Count | None
