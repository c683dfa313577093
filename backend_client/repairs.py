"""The repair list: what the door refused, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend_client.client import Client
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.item import Head
from backend_client.contract.repairs import Mending, Repair, RepairsPage, RepairState
from backend_client.errors import Refused
from backend_client.wire import Call, parse

_UNFIT = frozenset({400, 403, 413, 422})
"""Refusals of a body; any other is about who sends it, or the service."""


def repairs(
    client: Client, *, before: int = 0, limit: int = 50, state: RepairState | None = None
) -> RepairsPage:
    """Read the list in sight, newest first."""
    query: dict[str, str | int] = {"before": before, "limit": limit}
    if state is not None:
        query["state"] = state.value
    return parse(RepairsPage, client.wire.send(Call("GET", paths.REPAIRS, query=query, again=True)))


def mend(client: Client, repair_id: str, mending: Mending) -> Repair:
    """Say what became of a refused item."""
    path = paths.REPAIR_DONE.format(repair_id=repair_id)
    return parse(Repair, client.wire.send(Call("POST", path, body=mending.model_dump_json())))


def hand_in_again(client: Client, repair_id: str, report: str | Mapping[str, object]) -> Head:
    """Hand a refused item in as it was mended; once taken it is off the list.

    Args:
        client: signed in as who mends it.
        repair_id: the item.
        report: its fields, or the whole body as text; the door says what is wrong with it.
    """
    body = report if isinstance(report, str) else json.dumps(report, ensure_ascii=False)
    query = {"repair": repair_id}
    return parse(Head, client.wire.send(Call("POST", paths.EVENTS, body=body, query=query)))


def put_row(client: Client, row: str, why: Text) -> None:
    """Put a row no reader can split on the list: the door refuses its words and keeps them.

    Args:
        client: signed in as who hands the file in.
        row: as it stands in its file, under its header.
        why: what is wrong with it; it goes before the row, for the door can only say it is no JSON.

    Raises:
        Refused: the service takes nothing just now.
        Unreachable: it does not answer.
    """
    body = f"{why.zh} {why.en}\n{row}"
    try:
        client.wire.send(Call("POST", paths.EVENTS, body=body, again=True))
    except Refused as no:
        if no.problem.status not in _UNFIT:
            raise
