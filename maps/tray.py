"""The newest parts of every view, ready to be fetched; a page asks for what it has not seen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob

from maps import scheme

FOLDER: Final = "view"
_KIND: Final = QByteArray(b"application/octet-stream")


class Tray:
    """Hold per view and part the newest bytes; older ones are gone, so a slow page skips them.

    What a page has read is let go: a million points are 14 MB. A page that begins anew has its
    view drawn anew.
    """

    def __init__(self) -> None:
        self._parts: dict[int, dict[tuple[str, str, str], tuple[int, bytes]]] = {}
        self._newest: dict[int, int] = {}

    def put(
        self, view: int, key: tuple[str, str], seq: int, data: bytes, names: bytes = b""
    ) -> None:
        """Lay a part ready in place of the older one.

        Args:
            view: whose it is.
            key: channel and layer.
            seq: ascending over all parts by two: the names have the number before.
            data: the packed picture.
            names: who its rows are; empty when that did not change: the older ones stay.
        """
        parts = self._parts.setdefault(view, {})
        if names:
            parts[(*key, "names")] = (seq - 1, names)
        parts[(*key, "data")] = (seq, data)
        self._newest[view] = seq

    def keep(self, view: int, layers: tuple[str, ...]) -> None:
        """Take away the parts of layers that are no longer shown."""
        parts = self._parts.get(view, {})
        self._parts[view] = {key: part for key, part in parts.items() if key[1] in layers}

    def drop(self, view: int) -> None:
        """Forget a view."""
        self._parts.pop(view, None)
        self._newest.pop(view, None)

    def newest(self, view: int) -> int:
        """Give the highest number ever laid ready for a view, 0 for none."""
        return self._newest.get(view, 0)

    def since(self, view: int, seq: int) -> bytes:
        """Give every part above a number, the oldest first, and let go of the others.

        Returns:
            For each part u32 number, u32 length, and the bytes padded to four.
        """
        parts = {key: part for key, part in self._parts.get(view, {}).items() if part[0] > seq}
        if view in self._parts:
            self._parts[view] = parts
        fresh = sorted(parts.values())
        pieces = []
        for number, data in fresh:
            head = number.to_bytes(4, "little") + len(data).to_bytes(4, "little")
            pieces += [head, data, b"\0" * (-len(data) % 4)]
        return b"".join(pieces)

    def answer(self, job: QWebEngineUrlRequestJob) -> None:
        """Answer `/view/NUMBER?SINCE`."""
        url = job.requestUrl()
        number, since = url.path().rsplit("/", 1)[-1], url.query()
        if not (number.isdigit() and since.isdigit()):
            job.fail(QWebEngineUrlRequestJob.Error.UrlInvalid)
            return
        scheme.reply(job, _KIND, QByteArray(self.since(int(number), int(since))))
