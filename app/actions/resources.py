"""Ask what lies inside a drawn area, and export it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from app.actions.send import Failed, ask, tell
from app.files import write_whole
from app.reach import Reach
from backend_client.contract.resources import Circle, Inside, Polygon, Within

Area = Polygon | Circle


def within(
    reach: Reach,
    area: Area,
    *,
    layers: tuple[str, ...] | None = None,
    offset: int = 0,
    limit: int = 200,
    done: Callable[[Inside], None] | None = None,
    failed: Failed | None = None,
) -> None:
    """Put what lies inside the area into `stores.resources`; the area drawn last wins."""
    resources = reach.stores.resources
    resources.ask(area)
    wish = Within(area=area, layers=layers, offset=offset, limit=limit)

    def arrived(inside: Inside) -> None:
        if resources.asked is area:
            resources.put(area, inside)
            if done is not None:
                done(inside)

    def missed(error: Exception) -> None:
        if resources.asked is area:
            resources.miss()
            tell(reach, error, failed)

    ask(reach, lambda: reach.client.within(wish), arrived, missed)


def export(
    reach: Reach,
    area: Area,
    form: Literal["csv", "geojson"],
    path: Path,
    *,
    layers: tuple[str, ...] | None = None,
    done: Callable[[Path], None] | None = None,
    failed: Failed | None = None,
) -> None:
    """Write everything inside the area into a file, whole or not at all."""
    wish = Within(area=area, layers=layers)

    def job() -> Path:
        write_whole(path, reach.client.export(wish, form))
        return path

    ask(reach, job, done or _rest, failed)


def _rest(_: Path) -> None:
    """Wait for nothing more."""
