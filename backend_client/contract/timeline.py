"""What became of an event, step by step (实时追溯): who, when, why; read from the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from backend_client.contract.base import Count, Frozen, Id, Instant, Line


class Step(Frozen):
    """One step: `target` is the event itself, an order of it, or a report merged with it.

    `action` is as in the policy, e.g. `event.dispatch`; `facts` are its other particulars, e.g.
    the unit it went to. Nobody's name stands at what the service did by itself.
    """

    seq: Count
    at: Instant
    person_id: Line
    name: Line
    action: Line
    target: Id
    reason: Line = ""
    facts: Mapping[str, str] = Field(default_factory=dict)


class Timeline(Frozen):
    """Every step of an event, the oldest first."""

    event_id: Id
    steps: tuple[Step, ...]
