"""The words for the page's files: what there is, in which order, of which kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

JS: Final = "text/javascript"
CSS: Final = "text/css"
HTML: Final = "text/html"
PAGE_PATH: Final = "/index.html"
# In the order they need each other.
SCRIPTS: Final = (
    *(
        "wire",
        "stage",
        "base",
        "tiles",
        "glyphs",
        "raster",
        "strokes",
        "sketch",
        "gl",
        "heat",
        "place",
        "sheet",
    ),
    *("cells", "chips", "labels", "moving", "lasso", "foot", "hover", "console"),
)


class MissingAssetError(RuntimeError):
    """An installed package no longer holds a file the page needs."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the page: path on our scheme, media type, bytes."""

    path: str
    kind: str
    data: bytes
