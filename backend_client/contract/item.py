"""The head every work item carries, whatever its kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend_client.contract.base import Count, Department, Frozen, Id, Instant, Line, Region

Version = Annotated[int, Field(strict=True, ge=1)]


class PersonRef(Frozen):
    """Name a person inside an item: who did a step."""

    person_id: Id
    name: Line


class WorkItem(Frozen):
    """Carry identity, version, scope and the verbs the reader may use.

    Units: instants are UTC. `allowed` is filled per reader and never stored.
    """

    item_id: Id
    version: Version
    region: Region
    department: Department
    created_at: Instant
    updated_at: Instant
    allowed: tuple[str, ...] = ()


class Head(Frozen):
    """Answer to a change: the item's id, its new version, and the change number that carries it."""

    item_id: Id
    version: Version
    n: Count
