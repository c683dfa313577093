"""Work in threads that outlives whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_its_end(job: Coroutine[Any, Any, T]) -> T:
    """Await work in a thread; who is cancelled meanwhile waits for its end.

    It may hold a connection, or take the next one from a database that is being closed.
    """
    task = asyncio.ensure_future(job)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
