"""Chooses how Qt draws the map page before Qt starts: the fast software way without a GPU."""

from __future__ import annotations

import ctypes
import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_RENDER_NODES: Final = "renderD*"
# Source: malloc.h of glibc. Threshold of mapped blocks, of trimming (bytes), number of arenas.
_MALLOC: Final = {-3: 1 << 20, -1: 1 << 20, -8: 2}


def has_gpu(devices: Path = Path("/dev/dri")) -> bool:
    """Tell whether the machine offers a render node."""
    return any(devices.glob(_RENDER_NODES))


def give_back_memory() -> None:
    """Let large arrays go back to the system when they are freed.

    glibc keeps freed blocks of up to 32 MB in every worker's own arena once it has seen them;
    with a million objects on the map that was 100 MB. Elsewhere nothing happens.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _MALLOC.items():
            mallopt(option, value)


def prepare(environ: MutableMapping[str, str] | None = None, *, gpu: bool | None = None) -> None:
    """Set what QtWebEngine reads at its start; call it before QApplication.

    Without a GPU the final picture is composed by Qt's software renderer, which was four
    times as fast as software GL. Running as root, Chromium has no sandbox to offer.
    """
    settings = os.environ if environ is None else environ
    give_back_memory()
    if not (has_gpu() if gpu is None else gpu):
        settings.setdefault("QT_QUICK_BACKEND", "software")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        settings.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
