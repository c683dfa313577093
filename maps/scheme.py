"""Our own URL scheme: hands the page bytes that are already built, and lets nothing else out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtWebEngineCore import (
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)

NAME: Final = b"app"
ROOT: Final = "app://map"
_REMEMBERED: Final = 200


def register() -> None:
    """Make the scheme known to Chromium; call it before QApplication, else it does nothing."""
    if QWebEngineUrlScheme.schemeByName(QByteArray(NAME)).name() == QByteArray(NAME):
        return
    scheme = QWebEngineUrlScheme(QByteArray(NAME))
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    flag = QWebEngineUrlScheme.Flag
    scheme.setFlags(flag.SecureScheme | flag.CorsEnabled | flag.FetchApiAllowed)
    QWebEngineUrlScheme.registerScheme(scheme)


Job = QWebEngineUrlRequestJob
Route = Callable[[Job], None]


class Shelf(QWebEngineUrlSchemeHandler):
    """Hold the newest bytes of every path and hand them out; nothing is computed on request."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._goods: dict[str, tuple[QByteArray, QByteArray]] = {}
        self._routes: dict[str, Route] = {}

    def put(self, path: str, kind: str, data: bytes) -> None:
        """Lay bytes on the shelf in place of the older ones.

        Args:
            path: as in the URL, beginning with a slash.
            kind: the media type.
            data: the bytes.
        """
        self._goods[path] = (QByteArray(kind.encode()), QByteArray(data))

    def route(self, folder: str, answer: Route) -> None:
        """Let another answer for every path below a folder, at once or later.

        Args:
            folder: the path's first part, as `tiles` in `/tiles/8/213/103`.
            answer: gets the request; it replies or fails it, see `reply`.
        """
        self._routes[folder] = answer

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Answer a request of the page."""
        path = job.requestUrl().path()
        found = self._goods.get(path)
        route = self._routes.get(path.split("/", 2)[1] if path else "")
        if bytes(job.requestMethod().data()) != b"GET" or (found is None and route is None):
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
        elif found is not None:
            reply(job, *found)
        elif route is not None:
            route(job)


def reply(job: Job, kind: QByteArray, data: QByteArray) -> None:
    """Answer a request with bytes that are ready; the buffer lives as long as the request."""
    buffer = QBuffer(job)
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    job.reply(kind, buffer)


class Fence(QWebEngineUrlRequestInterceptor):
    """Refuse every request that is not ours, whoever makes it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.refused: list[str] = []
        self.passed = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Let our own scheme pass and block the rest."""
        url = info.requestUrl()
        if url.scheme().encode() == NAME:
            self.passed += 1
            return
        info.block(True)
        del self.refused[: max(0, len(self.refused) - _REMEMBERED + 1)]
        self.refused.append(url.toString())
