"""Makes freed memory go back to the system, in the console and in the service."""

from __future__ import annotations

import ctypes
import linecache
import os
import sys
from contextlib import suppress
from importlib.abc import MetaPathFinder
from typing import Final

# Source: malloc.h of glibc.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_TRIM_BYTES: Final = 1 << 20
_ARENAS: Final = 2
_LOOK: Final = "_mod_uses_pyside"


def give_back_memory(mapped_bytes: int = 1 << 20) -> None:
    """Let large arrays go back to the system when they are freed.

    Call it before threads start and before Arrow is imported. glibc keeps freed blocks of up to
    32 MB in every worker's own arena once it has seen them: 100 MB with a million objects on the
    map. Arrow's own allocator keeps what it freed for the thread that used it: 40 MB after a
    merge of the history. Elsewhere nothing happens.

    Args:
        mapped_bytes: blocks from this size on are mapped by themselves and never stay.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, mapped_bytes)
        mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        mallopt(_ARENA_MAX, _ARENAS)


def leave_pandas_out() -> None:
    """Say that pandas is not installed, to a process that never needs it.

    pyarrow reads it whenever it can: half a second, 60 MB and 43 libraries.
    """
    sys.meta_path.insert(0, _NoPandas())


class _NoPandas(MetaPathFinder):
    """Refuse pandas, leave the rest to others."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Look for a module.

        Raises:
            ModuleNotFoundError: pandas was asked for.
        """
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


def spare_sources() -> None:
    """Keep PySide from reading sources: call it once PySide is imported.

    It reads the source of each module imported after it, to see whether it may switch to other
    spellings of Qt's names there, which nobody here does: 400 files, 0.1 s of a start. Where
    PySide has no such look any more nothing happens.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, _LOOK):
        setattr(feature, _LOOK, lambda _module: False)


def forget_sources() -> None:
    """Let go of the sources of modules: call it once everything is imported.

    What PySide has read all the same, the standard library keeps: it were 550 files, 18 MB.
    """
    linecache.clearcache()


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


def used_bytes() -> int:
    """Give what this process has asked for and not freed; the rest it holds is the allocator's.

    Returns: bytes, 0 where the system cannot tell.
    """
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return 0
    mallinfo2.restype = _Mallinfo2
    told = mallinfo2()
    return int(told.uordblks + told.hblkhd)
