"""Read the audit trail."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.send import Failed, ask
from app.reach import Reach
from backend_client.contract.service import AuditPage


def page(
    reach: Reach,
    *,
    done: Callable[[AuditPage], None],
    after: int = 0,
    limit: int = 200,
    failed: Failed | None = None,
) -> None:
    """Read one page, oldest first."""
    ask(reach, lambda: reach.client.audit(after=after, limit=limit), done, failed)
