"""What a service does by itself while it serves: each in a thread, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from backend.api.parts import Parts
from backend.services import divisions
from backend.services.alarms import TRIM_S
from backend.services.threads import to_its_end

UNSHELVE_S = 1.0
TEND_S = 1.0
TELL_S = 60.0
ERASE_S = 20.0
ESCALATE_S = 20.0
MATCH_REST_S = 8.0  # the start has the processor first
INDEX_S = 0.5
RECORD_S = 20.0
SIMILAR_S = 0.3
GATHER_S = 60.0
NOTE_S = 0.5
DROP_S = 120.0
FORGET_S = 600.0
_LOG = structlog.get_logger("service")

Background = Callable[[], Awaitable[None]]
"""A task that runs while the service serves; cancelled when it goes down."""


def background(parts: Parts, *, keeps_shifts: bool) -> tuple[Background, ...]:
    """Name the tasks of an application.

    Args:
        parts: its services.
        keeps_shifts: whether pages of the shift log begin and go on by themselves.
    """
    shifts = (partial(_every, TEND_S, parts.shifts.tend),) if keeps_shifts else ()
    return (
        *shifts,
        partial(_every, UNSHELVE_S, parts.alarms.tend),
        partial(_every, TRIM_S, parts.alarms.trim),
        partial(_every, TEND_S, parts.positions.tend),
        partial(_every, ERASE_S, parts.drawings.erase_due),
        partial(_once, partial(divisions.show, parts.database, parts.features)),
        partial(_every, TEND_S, parts.database.settle),
        partial(_every, TEND_S, parts.feeds.tend),
        partial(_every, TEND_S, parts.claims.tend),
        partial(_once, parts.work.renewal.run),
        partial(_every, ESCALATE_S, parts.work.escalation.tend),
        partial(_paced, parts.work.matching.tend, rest_s=MATCH_REST_S),
        partial(_every, DROP_S, parts.work.matches.tend),
        partial(_every, SIMILAR_S, parts.work.similar.tend, rest_s=MATCH_REST_S),
        partial(_every, NOTE_S, parts.work.repairs.tend),
        partial(_every, FORGET_S, parts.work.attachments.tend),
        partial(_every, INDEX_S, parts.indexing.tend),
        partial(_once, parts.indicators.ledger.fill),
        partial(_every, RECORD_S, parts.indicators.tend),
        partial(_every, GATHER_S, parts.requests.tend, rest_s=MATCH_REST_S),
        partial(_every, TEND_S, parts.learning.tend),
        partial(_every, TEND_S, parts.work.almanac.tend),
        parts.gates.run,
    )


async def _every(seconds: float, step: Callable[[], object], *, rest_s: float = 0.0) -> None:
    await asyncio.sleep(rest_s)
    while True:
        await asyncio.sleep(seconds)
        await to_its_end(asyncio.to_thread(step))


async def _paced(step: Callable[[], float], *, rest_s: float) -> None:
    """Take step after step; each says how long to rest after it."""
    while True:
        await asyncio.sleep(rest_s)
        rest_s = await to_its_end(asyncio.to_thread(step))


async def _once(step: Callable[[], object]) -> None:
    await to_its_end(asyncio.to_thread(step))
    await asyncio.Event().wait()


async def watched(task: Background) -> None:
    """Run a background task; one that fails is started again, and told once a minute."""
    told_s = float("-inf")
    while True:
        try:
            await task()
        except Exception as error:  # noqa: BLE001  logged, and the task goes on
            if (now_s := asyncio.get_running_loop().time()) - told_s >= TELL_S:
                told_s = now_s
                _LOG.error("background", exc_info=error)
        await asyncio.sleep(1.0)
