"""Photos, PDFs and short videos that belong to a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from backend_client.contract.base import Count, Department, Frozen, Id, Instant, Line, Region
from backend_client.contract.item import PersonRef

Media = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "image/gif",
    "application/pdf",
    "video/mp4",
]

ENDINGS: Final[Mapping[Media, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "image/gif": (".gif",),
    "application/pdf": (".pdf",),
    "video/mp4": (".mp4", ".m4v"),
}
"""What is taken, and the endings a name of each may have, the usual one first."""

MOST_BYTES: Final[Mapping[Media, int]] = {
    **dict.fromkeys(ENDINGS, 20_000_000),
    "video/mp4": 100_000_000,
}
"""How large a file of each may be."""


class Attachment(Frozen):
    """What is known of a file; `media` was read off its content, not taken on trust."""

    attachment_id: Id
    name: Line
    media: Media
    size: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    region: Region
    department: Department
    by: PersonRef
    at: Instant
