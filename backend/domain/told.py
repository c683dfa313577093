"""One audited deed as the services tell it: who did what, with the item before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend_client.contract.auth import Person
from backend_client.contract.item import WorkItem


@dataclass(frozen=True, slots=True)
class Told:
    """One deed.

    Args:
        action: policy action or the service's own word, e.g. `alarm.raise`.
        target: what it was done to, e.g. `session/…`; the item's kind and id when there is one.
        by: who did it, None for the service itself.
        item: the item as it is now, None when the deed changed none.
        was: the item before, None when it is new.
        detail: further particulars.
    """

    action: str
    target: str
    by: Person | None
    item: WorkItem | None
    was: WorkItem | None
    detail: Mapping[str, object]
