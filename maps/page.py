"""The base page: folium writes it once, it is kept until a package or script is another."""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from contextlib import suppress
from importlib import metadata, resources
from pathlib import Path
from typing import Final

import platformdirs
from PySide6.QtCore import QFile, QIODevice

from maps.assets import CSS, JS, PAGE_PATH, SCRIPTS, File, MissingAssetError

__all__ = ["PAGE_PATH", "SCRIPTS", "File", "MissingAssetError", "files"]

_CHANNEL: Final = ":/qtwebchannel/qwebchannel.js"
_WRITER: Final = "maps.folium_page"
_FROZEN: Final = bool(getattr(sys, "frozen", False))  # a bundle holds no sources
_PACKAGES: Final = ("folium", "folium-offline", "branca")


def _channel_script() -> bytes:
    source = QFile(_CHANNEL)
    if not source.open(QIODevice.OpenModeFlag.ReadOnly):
        raise MissingAssetError(
            f"Qt resource {_CHANNEL} is missing: install PySide6 with WebChannel"
        )
    return bytes(source.readAll().data())


def _own(name: str, kind: str) -> File:
    folder = resources.files("maps") / "web"
    return File(f"/web/{name}", kind, Path(str(folder / name)).read_bytes())


def _key() -> str:
    """Name everything the written page depends on."""
    source = pkgutil.get_data("maps", "folium_page.py") if not _FROZEN else None
    versions = [f"{name} {metadata.version(name)}" for name in _PACKAGES]
    return hashlib.sha256(repr((versions, SCRIPTS)).encode() + (source or b"")).hexdigest()


def _kept(path: Path, key: str) -> tuple[File, ...]:
    """Read the files kept under a key.

    Raises:
        OSError, ValueError, KeyError, TypeError: there are none, or they are damaged.
    """
    kept = json.loads(path.read_bytes())
    if kept["key"] != key:
        raise ValueError("written by other versions")
    return tuple(File(at, kind, text.encode()) for at, kind, text in kept["files"])


def _keep(path: Path, key: str, made: tuple[File, ...]) -> None:
    rows = [[file.path, file.kind, file.data.decode()] for file in made]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"key": key, "files": rows}), "utf-8")
    part.replace(path)


def _written(cache: Path | None) -> tuple[File, ...]:
    """Give what folium writes, from an earlier start where that still holds."""
    path = (cache or platformdirs.user_cache_path("nantong-console") / "basemap") / "page.json"
    key = _key()
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _kept(path, key)
    made: tuple[File, ...] = importlib.import_module(_WRITER).made()
    with suppress(OSError):  # a full or read-only disk costs half a second at the next start
        _keep(path, key, made)
    return made


def files(cache: Path | None = None) -> tuple[File, ...]:
    """Give every file the page asks for, the page included.

    Args:
        cache: where the written page is kept; the user's cache folder unless told.

    Raises:
        MissingAssetError: an installed package lacks one.
    """
    return (
        *_written(cache),
        File("/lib/qwebchannel.js", JS, _channel_script()),
        *[_own(f"{name}.js", JS) for name in SCRIPTS],
        _own("map.css", CSS),
    )
