"""The newest parts of every view, ready to be fetched; a page asks for what it has not seen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob

from maps import scheme

FOLDER: Final = "view"
_KIND: Final = QByteArray(b"application/octet-stream")


class Tray:
    """Hold per view and part the newest bytes; older ones are gone, so a slow page skips them."""

    def __init__(self) -> None:
        self._parts: dict[int, dict[tuple[str, str, str], tuple[int, bytes]]] = {}

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

    def keep(self, view: int, layers: tuple[str, ...]) -> None:
        """Take away the parts of layers that are no longer shown."""
        parts = self._parts.get(view, {})
        self._parts[view] = {key: part for key, part in parts.items() if key[1] in layers}

    def drop(self, view: int) -> None:
        """Forget a view."""
        self._parts.pop(view, None)

    def newest(self, view: int) -> int:
        """Give the highest number laid ready for a view, 0 for none."""
        return max((seq for seq, _ in self._parts.get(view, {}).values()), default=0)

    def since(self, view: int, seq: int) -> bytes:
        """Give every part above a number, the oldest first.

        Returns:
            For each part u32 number, u32 length, and the bytes padded to four.
        """
        fresh = sorted(part for part in self._parts.get(view, {}).values() if part[0] > seq)
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
