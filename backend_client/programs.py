"""How a program of ours starts another or itself, from the sources or from a bundle."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

BACKEND: Final = "backend"


def own_command() -> tuple[str, ...]:
    """Give the words that run this very program again with the same options."""
    given = sys.argv[1:] if getattr(sys, "frozen", False) else sys.argv
    return (sys.executable, *given)


def backend_command() -> tuple[str, ...]:
    """Give the words that run `backend`; further words are its command and options.

    In a bundle it is the executable beside the running one, else `python -m backend`.
    """
    if getattr(sys, "frozen", False):
        own = Path(sys.executable)
        return (str(own.with_name(BACKEND + own.suffix)),)
    return (sys.executable, "-m", BACKEND)
