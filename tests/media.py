"""The smallest files that are what they say, and some that are not."""

from __future__ import annotations

import zlib


def png() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = (1).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    drawn = chunk(b"IDAT", zlib.compress(b"\x00\x7f"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + drawn + chunk(b"IEND", b"")


def exif(more: bytes = b"") -> bytes:
    """Give an APP1 segment with a GPS place."""
    body = b"Exif\x00\x00GPS 31 59 12 N 120 51 36 E" + more
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body


def jpeg(more: bytes = b"") -> bytes:
    jfif = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34" * 8
    return b"\xff\xd8" + jfif + exif(more) + scan + b"\xff\xd9"


def gif() -> bytes:
    return (
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    )


def webp() -> bytes:
    body = b"WEBPVP8L" + (5).to_bytes(4, "little") + b"\x2f\x00\x00\x00\x00\x00"
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def boxed(major: bytes, *brands: bytes, then: bytes = b"mdat") -> bytes:
    body = major + b"\x00\x00\x00\x00" + b"".join(brands)
    return (len(body) + 8).to_bytes(4) + b"ftyp" + body + (16).to_bytes(4) + then + b"\x00" * 8


def heic() -> bytes:
    return boxed(b"heic", b"mif1", b"heic", then=b"meta")


def mp4() -> bytes:
    return boxed(b"isom", b"isom", b"avc1", b"mp41")


def pdf() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF\n"


GOOD = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/webp": webp,
    "image/heic": heic,
    "image/gif": gif,
    "application/pdf": pdf,
    "video/mp4": mp4,
}
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 56 + b"This program cannot be run in DOS mode."
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 60
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 40
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
GIF_SCRIPT = b"GIF89a=1;/*" + b"x" * 40 + b"*/alert(1)//"
JPEG_HTML = jpeg(b"<html><script>alert(1)</script>")
JPEG_PDF = jpeg(b"%PDF-1.7")
PNG_BAD_SUM = png()[:29] + b"\x00\x00\x00\x00" + png()[33:]
JPEG_HEAD = b"\xff\xd8\xff\xe0" + HTML
RIFF_WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 30
AVIF = boxed(b"avif", b"mif1", b"avif", b"miaf", then=b"meta")
PDF_LATE = b"\x00" * 100 + pdf()
FTYP_ONLY = boxed(b"isom", b"isom", then=b"<htm")
BAD = {
    "exe": EXE,
    "elf": ELF,
    "html": HTML,
    "zip": ZIP,
    "svg": SVG,
    "script behind a GIF's head": GIF_SCRIPT,
    "page in a JPEG's first kilobyte": JPEG_HTML,
    "PDF in a JPEG's first kilobyte": JPEG_PDF,
    "PNG whose header's sum is wrong": PNG_BAD_SUM,
    "JPEG's first bytes before a page": JPEG_HEAD,
    "sound": RIFF_WAVE,
    "AVIF": AVIF,
    "PDF that begins late": PDF_LATE,
    "MP4's first box before a page": FTYP_ONLY,
    "one byte": b"\xff",
}
