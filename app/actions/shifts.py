"""The shift log: write a line, hand the page over, prove it, take it out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from app.actions.send import Done, Failed, ask, send
from app.files import write_whole
from app.reach import Reach
from backend_client.contract.item import Head
from backend_client.contract.shifts import Handover, LineIn, PageProof, ShiftPage


def entry_id() -> str:
    """Name one wish to write a line."""
    return uuid.uuid4().hex


def write(
    reach: Reach,
    page: ShiftPage,
    line: LineIn,
    *,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Write a typed line; unreachable, it is kept as a draft under its own id."""
    send(reach, "shift.write", page.item_id, line, done=done, failed=failed)


def hand_over(
    reach: Reach,
    page: ShiftPage,
    handover: Handover,
    *,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Sign a page by two persons; never kept: the incoming person's code is spent or void."""

    def answered(head: Head) -> None:
        reach.waits.until("shift_page", head, done or _rest)

    ask(reach, lambda: reach.client.hand_over(page.item_id, handover), answered, failed)


def prove(
    reach: Reach,
    page: ShiftPage,
    *,
    done: Callable[[PageProof], None],
    failed: Failed | None = None,
) -> None:
    """Ask whether a page's chain is whole."""
    ask(reach, lambda: reach.client.shift_proof(page.item_id), done, failed)


def export(
    reach: Reach,
    page: ShiftPage,
    path: Path,
    *,
    done: Callable[[Path], None],
    failed: Failed | None = None,
) -> None:
    """Write a page as CSV to a file."""

    def job() -> Path:
        write_whole(path, reach.client.shift_csv(page.item_id))
        return path

    ask(reach, job, done, failed)


def _rest(_: Head) -> None:
    """Wait for nothing more."""
