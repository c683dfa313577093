"""Ask for many streams each second who still stands, and read the database once for all."""

from __future__ import annotations

import asyncio
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from backend.services.auth import Auth, Signed
from backend.storage.database import Database
from backend_client.contract.clock import Clock

LOOK_S = 0.25
_AT_ONCE = 4


class Standing:
    """Remember sessions until the database's own count of changes moves; on the event loop.

    The count is kept by triggers, so a change by another process (`accounts close`) counts too.
    Threads have room of their own: a beat waits for no writer.
    """

    def __init__(self, database: Database, clock: Clock, auth: Auth) -> None:
        self._database = database
        self._clock = clock
        self._auth = auth
        self._known: dict[str, tuple[Signed, datetime]] = {}
        self._count: str | None = None
        self._looked_s = float("-inf")
        self._room = CapacityLimiter(_AT_ONCE)

    async def of(self, family: str) -> Signed | None:
        """Give the person of a session as they are now, None when it has ended."""
        await self._look()
        known = self._known.get(family)
        if known is not None and known[1] > self._clock.now():
            return known[0]
        count = self._count
        found = await to_thread.run_sync(self._auth.session, family, limiter=self._room)
        if found is None:
            self._known.pop(family, None)
            return None
        if count == self._count:
            self._known[family] = found
        return found[0]

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        count = await to_thread.run_sync(self._read, limiter=self._room)
        if count != self._count:
            self._count = count
            self._known.clear()

    def _read(self) -> str | None:
        with self._database.read() as view:
            return view.meta("standing")
