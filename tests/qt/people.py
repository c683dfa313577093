"""Who and when the pictures of the screen tests are about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from backend_client.contract.item import PersonRef

NOW = datetime(2026, 7, 18, 1, 41, 26, tzinfo=UTC)  # 09:41 in the city
ZHOU = PersonRef(person_id="operator", name="周敏")
CHEN = PersonRef(person_id="dispatcher", name="陈晓")
EVERY = ("accept", "dispatch", "locate", "close", "acknowledge", "request", "authorise", "stop")


def head(number: str, region: str, department: str, at: datetime) -> dict[str, Any]:
    return {
        "item_id": number,
        "version": 1,
        "region": region,
        "department": department,
        "created_at": at,
        "updated_at": at,
        "allowed": EVERY,
    }
