"""A record's files brought to the service; their type is read off what they hold."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from backend.channels.folder import Folder
from backend.channels.line import Line
from backend_client.attachments import attach
from backend_client.contract.attachments import ENDINGS, MOST_BYTES, Media
from backend_client.contract.base import Text
from backend_client.errors import Refused

MOST: Final = 20
_INLINE: Final = re.compile(r"^data:[\w/+.-]*(;[\w=-]+)*;base64,", re.IGNORECASE)
_HEADS: Final[tuple[tuple[bytes, int, Media], ...]] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftyphei", 4, "image/heic"),
    (b"ftyphev", 4, "image/heic"),
    (b"ftyp", 4, "video/mp4"),
    (b"%PDF-", 0, "application/pdf"),
)
_ABOUT_THE_FILE: Final = frozenset({400, 413, 415, 422})
_GONE: Final = Text("找不到这个文件。", "There is no such file.")
_BROKEN: Final = Text("内嵌的文件不是有效的 base64。", "The file inside is no base64.")
_MOST_BYTES: Final = max(MOST_BYTES.values())
_LARGE: Final = Text(
    f"文件过大，至多 {_MOST_BYTES // 1_000_000} MB。",
    f"The file is too large, {_MOST_BYTES // 1_000_000} MB at most.",
)
_MANY: Final = Text(f"至多 {MOST} 个附件。", f"{MOST} files at most.")


@dataclass(slots=True)
class Brought:
    """What became of a record's files.

    Args:
        ids: what the service kept.
        files: where those lie that were files.
        faults: what was not taken, and why.
    """

    ids: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    faults: list[tuple[str, Text]] = field(default_factory=list)


def bring(line: Line, folder: Folder, told: tuple[str, ...], region: str) -> Brought:
    """Bring a record's files; one that is not taken does not hold the report up.

    Args:
        line: to the service.
        folder: the channel's.
        told: names of files in the channel's folder, or contents as `data:` words.
        region: where they belong.

    Raises:
        Refused: the service has no room just now.
        Unreachable: it does not answer.
    """
    done = Brought()
    for name, one in _named(told):
        if len(done.ids) == MOST:
            done.faults.append((name, _MANY))
            continue
        raw = _content(folder, one, done)
        if isinstance(raw, Text):
            done.faults.append((name, raw))
            continue
        media = _media(raw, name)
        try:
            kept = line.say(lambda client: attach(client, raw, media, name=name, region=region))  # noqa: B023  asked at once
        except Refused as no:
            if no.problem.status not in _ABOUT_THE_FILE:
                raise
            done.faults.append((name, no.problem.what))
        else:
            if kept.attachment_id not in done.ids:
                done.ids.append(kept.attachment_id)
    return done


def _named(told: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(told, 1):
        inline = _INLINE.match(one) is not None
        yield (f"photo-{number}" if inline else PurePosixPath(one.replace("\\", "/")).name, one)


def _content(folder: Folder, told: str, done: Brought) -> bytes | Text:
    if found := _INLINE.match(told):
        try:
            return base64.b64decode(told[found.end() :], validate=True)
        except (ValueError, binascii.Error):
            return _BROKEN
    path = folder.photo(told)
    if path is None:
        return _GONE
    done.files.append(path)
    return _LARGE if path.stat().st_size > _MOST_BYTES else path.read_bytes()


def _media(raw: bytes, name: str) -> Media:
    """Say what a file is by its first bytes; what is none of ours goes as its name says."""
    for head, at, media in _HEADS:
        if raw[at : at + len(head)] == head:
            return media
    ending = PurePosixPath(name).suffix.lower()
    return next((media for media, known in ENDINGS.items() if ending in known), "image/jpeg")
