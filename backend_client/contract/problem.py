"""The one shape of a refusal, in both languages: what, where, what to do."""

from __future__ import annotations

from backend_client.contract.base import Frozen, Line, Text


class Problem(Frozen):
    """A refusal as `application/problem+json`.

    Args:
        status: HTTP status.
        code: stable word for programs, e.g. `stale_version`.
        what: what happened, for people.
        todo: what the reader can do about it.
        where: the field, row or header concerned, empty when it is the whole request.
        holder: who holds the thing, when someone does.
    """

    status: int
    code: Line
    what: Text
    todo: Text
    where: str = ""
    holder: Line = ""
