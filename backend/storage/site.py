"""What a database gives the storage, whichever program keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from backend_client.contract.base import Text

MARK = "mark"
"""Key in a writing connection's `info`: the name of its transaction, where a commit can be in doubt
because the answer was lost on the way."""


class UnusableDatabaseError(Exception):
    """The database cannot be served as it is; `why` says what to do in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(f"{why.zh} {why.en}")
        self.why = why


@dataclass(frozen=True, slots=True)
class Site:
    """One database at hand.

    Args:
        name: for people; holds no password.
        writer: one connection; its transactions begin with the right to write.
        readers: connections whose transactions see one moment.
        back_up: copy everything to a file before an upgrade; raises `UnusableDatabaseError`.
        is_kept: whether the transaction of a mark was committed, asked on the writer.
        close: give every connection back.
    """

    name: str
    writer: Engine
    readers: Engine
    back_up: Callable[[datetime], Path]
    is_kept: Callable[[str], bool]
    close: Callable[[], None]
