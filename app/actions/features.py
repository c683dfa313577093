"""Read one object's own fields, its measured values, its track."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.send import Failed, ask
from app.reach import Reach
from backend_client.contract.feature import Feature, Series
from backend_client.contract.positions import Track


def get(
    reach: Reach,
    layer: str,
    oid: int,
    *,
    done: Callable[[Feature], None],
    failed: Failed | None = None,
) -> None:
    """Read an object's own fields."""
    ask(reach, lambda: reach.client.feature(layer, oid), done, failed)


def series(
    reach: Reach,
    layer: str,
    oid: int,
    *,
    hours: int = 24,
    done: Callable[[Series], None],
    failed: Failed | None = None,
) -> None:
    """Read an object's measured values, oldest first."""
    ask(reach, lambda: reach.client.series(layer, oid, hours=hours), done, failed)


def track(
    reach: Reach,
    layer: str,
    oid: int,
    *,
    hours: int = 1,
    done: Callable[[Track], None],
    failed: Failed | None = None,
) -> None:
    """Read where an object has been, oldest first."""
    ask(reach, lambda: reach.client.track(layer, oid, hours=hours), done, failed)
