"""What the service says of itself, and the audit trail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import PUBLIC, PartsDep, needs
from backend.api.problems import refusals
from backend.storage import audit
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.service import AuditPage, Health

NAME = "nantong-service"
VERSION = "v1"
_MOST = 1_000

router = APIRouter(tags=["service"])


@router.get(paths.HEALTH, responses=refusals(), dependencies=[PUBLIC])
def health(parts: PartsDep) -> Health:
    """Tell name, contract version, newest change number and time."""
    return Health(
        name=NAME,
        version=VERSION,
        epoch=parts.hub.epoch,
        n=parts.hub.n,
        at=parts.clock.now(),
        simulated=True,
        calendar_unknown=parts.work.almanac.unknown(),
    )


@router.get(paths.AUDIT, responses=refusals())
def read_audit(
    _person: Annotated[Person, needs("audit.view")],
    parts: PartsDep,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 200,
) -> AuditPage:
    """Read the audit trail, oldest first."""
    with parts.database.read() as view:
        rows = audit.page(view.connection, after=after, limit=limit)
    return AuditPage(rows=rows, next=rows[-1].seq if len(rows) == limit else None)
