"""The last picture as values; the file that keeps it is `cache.py`, which a worker loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend_client.contract.change import Change
from backend_client.contract.columns import FeatureBlock, FixBlock


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose picture it is and where it stands."""

    server: str
    person_id: str
    epoch: str
    n: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the cache holds; ages in seconds when it was read."""

    standing: Standing
    age_s: float
    items: tuple[Change, ...]
    blocks: tuple[tuple[FeatureBlock, float], ...]
    fixes: tuple[FixBlock, float] | None
