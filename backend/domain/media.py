"""What a file is, read off its first bytes: a name and a header can say anything."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

from backend.domain.refused import Refused, refuse
from backend_client.contract.attachments import ENDINGS, Media
from backend_client.contract.base import Text

HEAD: Final = 4_096
"""How many first bytes are looked at."""
MOST_NAME: Final = 200
_AGAIN: Final[Mapping[str, Media]] = {"image/jpg": "image/jpeg", "image/heif": "image/heic"}
_STRANGE: Final = 1_024
_FOREIGN: Final = re.compile(
    rb"<(?:!doctype|html|head>|body|script|svg|iframe|\?php)|%PDF-|PK\x03\x04", re.IGNORECASE
)
"""What no picture has in its first kilobyte, and what other programs would read it as."""
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_MP4: Final = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "}
)
_BOXES: Final = frozenset(
    {b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta", b"moof", b"sidx", b"pdin"}
)
_NAMES: Final = "JPEG PNG WebP HEIC GIF PDF MP4"
_TODO: Final = Text(
    f"可上传 {_NAMES};其他文件请先转换。", f"Taken are {_NAMES}; convert other files first."
)


def read_media(header: str) -> Media:
    """Read a `Content-Type` header.

    Raises:
        Refused: 415 `unknown_media`, it names nothing we take.
    """
    told = header.partition(";")[0].strip().lower()
    told = _AGAIN.get(told, told)
    for media in ENDINGS:
        if media == told:
            return media
    raise refuse(
        415,
        "unknown_media",
        Text("不接受这种类型的文件。", "Files of this type are not taken."),
        _TODO,
        where="Content-Type",
    )


def clean_name(told: str, media: Media) -> str:
    """Give a file's name without folders and unseen characters, ending as its type does.

    Raises:
        Refused: 422 `false_type`, its ending says another type.
    """
    seen = "".join(one for one in told if unicodedata.category(one)[0] != "C")
    name = PurePosixPath(seen.replace("\\", "/")).name.strip(" .")
    ending = PurePosixPath(name).suffix.lower()
    endings = ENDINGS[media]
    if ending in endings:
        return name[-MOST_NAME:]
    if re.fullmatch(r"\.[a-z][a-z0-9]{0,4}", ending):
        raise _false(Text(f"扩展名 {ending}", f"its ending {ending}"), media, "name")
    return (name or "file")[: MOST_NAME - len(endings[0])] + endings[0]


def check_head(head: bytes, media: Media) -> None:
    """Check that a file is what it is said to be.

    Args:
        head: its first `HEAD` bytes, or all of it when it is shorter.
        media: what it is said to be.

    Raises:
        Refused: 422 `false_type`.
    """
    found = media_of(head)
    if found is None:
        raise _false(Text("内容", "its content"), media, "body")
    if found != media:
        raise _false(Text(f"内容({found})", f"its content ({found})"), media, "body")


def media_of(head: bytes) -> Media | None:
    """Tell what a file is; None for what we do not take, and for what is two things at once."""
    found = next((media for media, fits in _SIGNS.items() if fits(head)), None)
    start = 5 if found == "application/pdf" else 0
    return None if found and _FOREIGN.search(head, start, _STRANGE) else found


def _false(what: Text, media: Media, where: str) -> Refused:
    return refuse(
        422,
        "false_type",
        Text(
            f"文件名不副实:{what.zh}与类型 {media} 不符,未保存。",
            f"The file is not what it says: {what.en} does not fit {media}; it was not kept.",
        ),
        _TODO,
        where=where,
    )


def _is_jpeg(head: bytes) -> bool:
    """Walk the segments: each begins with FF and says its length."""
    at = 2
    while at + 4 <= len(head):
        sign, size = head[at + 1], int.from_bytes(head[at + 2 : at + 4])
        if head[at] != 0xFF or not (0xC0 <= sign <= 0xCF or 0xDA <= sign <= 0xFE) or size < 2:
            return False
        at += 2 + size
        if sign == 0xDA:  # the picture itself
            break
    return head[:2] == b"\xff\xd8" and at > 2


def _is_png(head: bytes) -> bool:
    first = head[12:29]
    return (
        head[:12] == b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"
        and first[:4] == b"IHDR"
        and head[29:33] == zlib.crc32(first).to_bytes(4)
        and b"\0\0\0\0" not in (first[4:8], first[8:12])
    )


def _is_gif(head: bytes) -> bool:
    if head[:6] not in (b"GIF87a", b"GIF89a") or len(head) < 14:
        return False
    if b"\0\0" in (head[6:8], head[8:10]):
        return False
    at = 13 + (3 << ((head[10] & 7) + 1) if head[10] & 0x80 else 0)
    return head[at : at + 1] in (b"!", b",")


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8" and head[15:16] in (b" ", b"L", b"X")


def _brands(head: bytes) -> frozenset[bytes]:
    """Give what a file of boxes says it is; nothing unless a box of content follows."""
    size = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or not 16 <= size <= HEAD - 8 or size % 4:
        return frozenset()
    if head[size + 4 : size + 8] not in _BOXES:
        return frozenset()
    return frozenset({head[8:12], *(head[at : at + 4] for at in range(16, size, 4))})


_SIGNS: Final[Mapping[Media, Callable[[bytes], bool]]] = {
    "image/jpeg": _is_jpeg,
    "image/png": _is_png,
    "image/webp": _is_webp,
    "image/heic": lambda head: bool(_brands(head) & _HEIC),
    "image/gif": _is_gif,
    "application/pdf": lambda head: re.match(rb"%PDF-[12]\.\d[\s%]", head) is not None,
    "video/mp4": lambda head: bool(_brands(head) & _MP4) and not _brands(head) & _HEIC,
}
