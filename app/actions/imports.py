"""Bring a file of the user's into a layer: look at it, then send it, both off the main thread."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from app.actions.send import Failed, tell
from app.reach import Reach
from app.tasks import Follow
from backend_client.contract.feature import Upsert
from backend_client.importing.wish import Progress, Wish

if TYPE_CHECKING:
    from backend_client.importing.load import Opened
    from backend_client.importing.look import Look


LIBRARIES: Final = (
    "xml.etree.ElementTree",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.fs",
    "pyarrow.parquet",
    "pyproj",
    "pyogrio",
    "PIL._imaging",
)
"""What the readers of files stand on that is not Python: some 50 ms each at most."""


def read_libraries(then: Callable[[], None]) -> None:
    """Read what the readers stand on, on the main thread, one a turn of the loop; then go on.

    A worker that first read such a library could stand still for good with the whole console.
    """
    _read_rest([name for name in LIBRARIES if name not in sys.modules], then)


def _read_rest(names: Sequence[str], then: Callable[[], None]) -> None:
    if not names:
        then()
        return
    with suppress(ImportError):  # a bundle may leave it out; whose reader needs it will say so
        import_module(names[0])
    QTimer.singleShot(0, lambda: _read_rest(names[1:], then))


def preview(
    reach: Reach, wish: Wish, *, done: Callable[[Look], None], failed: Failed | None = None
) -> None:
    """Look at a file, after asking the service whether the person may feed the layer at all."""

    def job() -> Look:
        from backend_client.importing.look import look  # noqa: PLC0415  not at the start

        if wish.layer:
            reach.client.upsert(wish.layer, Upsert())
        return look(wish)

    read_libraries(
        lambda: reach.tasks.run(job, done, lambda error: tell(reach, error, failed)),
    )


class Import:
    """A running import; `cancel` ends it after the batch it is on, what was sent stays."""

    def __init__(self) -> None:
        self.is_cancelled = False
        self.follow: Follow | None = None

    def cancel(self) -> None:
        """Ask for no further batch; the last progress still comes."""
        self.is_cancelled = True


def start(
    reach: Reach,
    opened: Opened,
    report: Path,
    *,
    each: Callable[[Progress], None],
    failed: Failed | None = None,
) -> Import:
    """Send a file batch by batch; `each` hears how far it is, the last one how it ended."""
    running = Import()

    def source(stopped: Callable[[], bool]) -> Iterator[Progress]:
        from backend_client.importing.load import load  # noqa: PLC0415  as above

        known = {one.layer: one.version for one in reach.client.layers().layers}
        yield from load(
            opened,
            reach.client.put_rows,
            report=report,
            stopped=lambda: stopped() or running.is_cancelled,
            version=known.get(opened.wish.layer, 0),
        )

    running.follow = reach.tasks.follow(source, each, lambda error: tell(reach, error, failed))
    return running
