"""Drive the local files from the serial cache worker; their faults become notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QObject
from pysqlite3 import dbapi2 as sqlite

from app.notices import Notices, Weight
from app.tasks import Tasks
from backend_client.cache import Cache
from backend_client.contract.clock import Clock
from backend_client.disk import Fault, Finding
from backend_client.drafts import Drafts
from backend_client.picture import Picture, read

T = TypeVar("T")
GRAVE: Final = frozenset({Fault.FULL, Fault.UNREADABLE})


class Keeper(QObject):
    """Own `cache.db` and `drafts.db`; every step runs after the ones asked for before."""

    def __init__(
        self,
        folder: Path,
        *,
        tasks: Tasks,
        notices: Notices,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare; the files are opened by the first step, on the worker."""
        super().__init__(parent)
        self._folder = folder
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._cache: Cache | None = None
        self._drafts: Drafts | None = None
        self._findings: list[Finding] = []

    def cache(self, step: Callable[[Cache], T], done: Callable[[T], None] | None = None) -> None:
        """Do a step on the cache; `done` gets its result."""
        self._ask(lambda: step(self._open_cache()), done)

    def picture(self, server: str, done: Callable[[Picture | None], None]) -> None:
        """Read the last picture of a service, the fast way where that can be."""

        def look() -> Picture | None:
            try:
                return read(self._folder / "cache.db", server, self._clock.now())
            except (sqlite.Error, ValueError):  # new, damaged, locked: the cache knows what to do
                return self._open_cache().load(server)

        self._ask(look, done)

    def drafts(
        self,
        step: Callable[[Drafts], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do a step on the drafts; `done` gets its result."""
        self._ask(lambda: step(self._open_drafts()), done, failed)

    def close(self) -> None:
        """Close both files after the steps asked for."""
        self._ask(self._close, None)

    def _ask(
        self,
        step: Callable[[], T],
        done: Callable[[T], None] | None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        def work() -> tuple[T, list[Finding]]:
            result = step()
            found, self._findings = self._findings, []
            return result, found

        def arrived(answer: tuple[T, list[Finding]]) -> None:
            result, found = answer
            for finding in found:
                self._tell(finding)
            if done is not None:
                done(result)

        self._tasks.store(work, arrived, failed)

    def _open_cache(self) -> Cache:
        if self._cache is None:
            self._cache = Cache(self._folder / "cache.db", self._clock, self._findings_add)
        return self._cache

    def _open_drafts(self) -> Drafts:
        if self._drafts is None:
            self._drafts = Drafts(self._folder / "drafts.db", self._clock, self._findings_add)
        return self._drafts

    def _findings_add(self, finding: Finding) -> None:
        self._findings.append(finding)

    def _close(self) -> None:
        for file in (self._cache, self._drafts):
            if file is not None:
                file.close()
        self._cache = self._drafts = None

    def _tell(self, finding: Finding) -> None:
        weight: Weight = "fault" if finding.fault in GRAVE else "warning"
        self._notices.say(
            finding.text, meaning=finding.meaning, todo=finding.todo, weight=weight, key="disk"
        )
