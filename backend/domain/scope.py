"""Where a work item belongs: the regions and departments whose people may see it."""

from __future__ import annotations

from backend_client.contract.instructions import Instruction
from backend_client.contract.item import WorkItem

Place = tuple[str, str]
"""A region code and a department id."""


def places(item: WorkItem) -> tuple[Place, ...]:
    """Name every place an item belongs to; an instruction also belongs to its receivers."""
    own = (item.region, item.department)
    if not isinstance(item, Instruction):
        return (own,)
    return (own, *((receipt.region, item.department) for receipt in item.receipts))
