"""What a level chart shows, and how a source's points and instants are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

Points = tuple[tuple[datetime, float], ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """What one chart shows, metres over its datum.

    Args:
        measured: oldest first.
        forecast: astronomical prediction by the source, oldest first.
        limit_m: warning level, None where nobody configured one.
        inner_m: present level of the inner water beside it.
        windows: spans in which gravity drains.
        at: the present instant.
        level: state I to IV of the present value, 0 for normal.
    """

    measured: Points
    forecast: Points
    limit_m: float | None
    inner_m: float | None
    windows: tuple[tuple[datetime, datetime], ...]
    at: datetime
    level: int = 0


def read_points(raw: object) -> Points:
    """Read `[[iso, metres], ...]` as a source wrote it; what is no point is left out."""
    if not isinstance(raw, list):
        return ()
    found = []
    for pair in raw:
        match pair:
            case [str(at), int() | float() as value]:
                when = read_instant(at)
                if when is not None:
                    found.append((when, float(value)))
            case _:
                continue
    return tuple(sorted(found))


def read_instant(text: str) -> datetime | None:
    """Read an instant as a source wrote it; None when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
