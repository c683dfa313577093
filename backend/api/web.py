"""The departments' page: files read once at start and served to anyone; data needs sign-in."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api import problems
from backend.domain.refused import refuse
from backend_client.contract.base import Text

AT: Final = "/web/"
FOLDER: Final = Path(__file__).parents[1] / "web"
FACTS: Final = Path(__file__).parents[2] / "resources" / "facts"
MEDIA: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",  # a photo just chosen
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_SAFE: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, but asked about each time: an upgrade shows at once
}


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it goes out."""

    media: str
    body: bytes

    @property
    def tag(self) -> str:
        """Give its `ETag`."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


Shelf = Mapping[str, Page]
"""Pages by the name after `/web/`; what is not on it does not exist, whatever lies on the disk."""


def read_shelf(folder: Path = FOLDER, facts: Path = FACTS) -> Shelf:
    """Read the page's files and the names of units and counties."""
    found = {
        path.name: Page(MEDIA[path.suffix], path.read_bytes())
        for path in folder.iterdir()
        if path.suffix in MEDIA
    }
    names = json.dumps(read_names(facts), ensure_ascii=False).encode()
    return {**found, "": found["index.html"], "facts.json": Page(MEDIA[".json"], names)}


def read_names(facts: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Give the names of units by id and of counties by region code, in both languages."""
    units = {
        f"D{int(row['no']):02}": {"zh": row["short"], "en": row["short_en"]}
        for row in _rows(facts / "departments.csv")
    }
    counties = {
        row["adcode"]: {"zh": row["name"], "en": row["name_en"]}
        for row in _rows(facts / "county_units.csv")
    }
    return {"departments": units, "counties": counties}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Web:
    """Serve what lies below `/web/`; everything else goes on to the application behind it.

    Args:
        app: the application behind it.
        shelf: the pages.
    """

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app, self._shelf = app, shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not f"{path}/".startswith(AT):
            await self._app(scope, receive, send)
            return
        reply = self._reply(scope["method"], path, dict(scope["headers"]))
        for name, value in _SAFE.items():
            reply.headers.setdefault(name, value)
        await reply(scope, receive, send)

    def _reply(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> Response:
        if method not in {"GET", "HEAD"}:
            return _refused(405, "no_such_method", {"Allow": "GET, HEAD"})
        if path == AT.rstrip("/"):
            return Response(status_code=308, headers={"Location": AT})
        page = self._shelf.get(path.removeprefix(AT))
        if page is None:
            return _refused(404, "no_such_path")
        if headers.get(b"if-none-match", b"").decode("latin-1") == page.tag:
            return Response(status_code=304, headers={"ETag": page.tag})
        told = {"ETag": page.tag, "Content-Length": str(len(page.body))}
        body = b"" if method == "HEAD" else page.body
        return Response(body, media_type=page.media, headers=told)


_WORDS: Final[Mapping[str, Text]] = {
    "no_such_path": Text("没有这个网页。", "There is no such page."),
    "no_such_method": Text("网页只能读取。", "A page can only be read."),
}


def _refused(status: int, code: str, headers: Mapping[str, str] | None = None) -> Response:
    todo = Text(f"打开 {AT} 。", f"Open {AT} instead.")
    return problems.render(refuse(status, code, _WORDS[code], todo).problem, headers)
