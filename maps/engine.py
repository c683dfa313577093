"""Chooses how Qt draws the map page before Qt starts: the fast software way without a GPU."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from backend_client.memory import give_back_memory, spare_sources

_RENDER_NODES: Final = "renderD*"
_FLAGS: Final = "QTWEBENGINE_CHROMIUM_FLAGS"
_COLLECTS: Final = "--js-flags=--expose-gc"
"""Lets the map page say when its replaced pictures are to be collected (`wire.js`)."""


def has_gpu(devices: Path = Path("/dev/dri")) -> bool:
    """Tell whether the machine offers a render node."""
    return any(devices.glob(_RENDER_NODES))


def prepare(environ: MutableMapping[str, str] | None = None, *, gpu: bool | None = None) -> None:
    """Set what QtWebEngine reads at its start; call it before QApplication.

    Without a GPU the final picture is composed by Qt's software renderer, which was four
    times as fast as software GL, and software GL is not even loaded (50 MB). Running as root,
    Chromium has no sandbox to offer.
    """
    settings = os.environ if environ is None else environ
    flags = settings.get(_FLAGS, "")
    if _COLLECTS not in flags:
        settings[_FLAGS] = f"{flags} {_COLLECTS}".strip()
    give_back_memory()
    spare_sources()
    if not (has_gpu() if gpu is None else gpu):
        settings.setdefault("QT_QUICK_BACKEND", "software")
        settings.setdefault("QT_XCB_GL_INTEGRATION", "none")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        settings.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
