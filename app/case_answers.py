"""Questions about one event: what was understood of it, what was like it, its photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from app.answers import Source
from backend_client.contract.readings import Matters, Reading, Similar
from backend_client.errors import Refused

SMALL, LARGE = 160, 1_600
"""Pixels of a photo's longer side in the strip, and opened."""
_FORBIDDEN: Final = 403
_GONE: Final = 404
_MOST_PIXELS: Final = 80_000_000
Shown = Literal["ready", "gone", "refused", "other"]


@dataclass(frozen=True, slots=True)
class ReadingOf:
    """What is understood of an event's report as it stands in a version."""

    event_id: str
    version: int

    def of(self, source: Source) -> Reading:
        """Ask it."""
        return source.casework.reading(self.event_id)


@dataclass(frozen=True, slots=True)
class SimilarOf:
    """Which finished events are like one."""

    event_id: str
    version: int

    def of(self, source: Source) -> Similar:
        """Ask it."""
        return source.casework.similar(self.event_id)


@dataclass(frozen=True, slots=True)
class MattersOf:
    """The tree of classes."""

    def of(self, source: Source) -> Matters:
        """Ask it."""
        return source.casework.matters()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo made small enough to be kept, or why there is none.

    Args:
        shown: `ready`; `gone` with the file; `refused` to this person; `other`, no picture.
        image: the picture when it is ready.
    """

    shown: Shown
    image: QImage | None = None


@dataclass(frozen=True, slots=True)
class PhotoOf:
    """A file of a report as a picture whose longer side has some pixels at most."""

    attachment_id: str
    most: int = SMALL

    def of(self, source: Source) -> Photo:
        """Fetch it and make it small, in the worker."""
        try:
            file = source.casework.attachment(self.attachment_id)
        except Refused as error:
            if error.problem.status == _FORBIDDEN:
                return Photo("refused")
            if error.problem.status == _GONE:
                return Photo("gone")
            raise
        return _small(file, self.most)


def _small(file: bytes, most: int) -> Photo:
    image = QImage.fromData(file)
    if image.isNull() or image.width() * image.height() > _MOST_PIXELS:
        return Photo("other")
    if max(image.width(), image.height()) > most:
        image = image.scaled(
            QSize(most, most),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return Photo("ready", image)
