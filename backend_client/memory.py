"""Makes freed memory go back to the system, in the console and in the service."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Final

# Source: malloc.h of glibc. Threshold of mapped blocks, of trimming (bytes), number of arenas.
_MALLOC: Final = {-3: 1 << 20, -1: 1 << 20, -8: 2}


def give_back_memory() -> None:
    """Let large arrays go back to the system when they are freed.

    Call it before threads start and before Arrow is imported. glibc keeps freed blocks of up to
    32 MB in every worker's own arena once it has seen them: 100 MB with a million objects on the
    map. Arrow's own allocator keeps what it freed for the thread that used it: 40 MB after a
    merge of the history. Elsewhere nothing happens.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _MALLOC.items():
            mallopt(option, value)
