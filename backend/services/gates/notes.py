"""Write down what was done at a device, later where the books cannot be reached at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError

MOST = 1_000
_LOG = structlog.get_logger("gates")

Note = Callable[[], None]


class Notes:
    """Keep notes in order until the database takes them; lives on the event loop."""

    def __init__(self) -> None:
        self._owed: deque[Note] = deque()
        self._limiter = anyio.CapacityLimiter(1)
        self._writing: asyncio.Task[None] | None = None

    async def add(self, note: Note, *, wait_s: float) -> bool:
        """Write a note; give False when the wait is over and it is still owed."""
        if len(self._owed) >= MOST:
            _LOG.error("too much is owed to the books; this stays in the log only")
            return False
        self._owed.append(note)
        await asyncio.wait({self._begin()}, timeout=wait_s)
        return note not in self._owed

    async def settle(self) -> None:
        """Write what is owed, as far as the database takes it."""
        if self._owed:
            await self._begin()

    async def close(self) -> None:
        """Wait for what is being written; what is owed beyond stays in the log only."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    def _begin(self) -> asyncio.Task[None]:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())
        return self._writing

    async def _write(self) -> None:
        while self._owed:
            try:
                await anyio.to_thread.run_sync(self._owed[0], limiter=self._limiter)
            except SQLAlchemyError as error:
                _LOG.warning("done but not written down yet", owed=len(self._owed), why=str(error))
                return
            except Exception:  # noqa: BLE001  logged; one bad note must not hold up the others
                _LOG.exception("note dropped")
            self._owed.popleft()
