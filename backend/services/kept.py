"""Encoded blocks kept for the next reader with the same sight, up to a size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from backend_client.contract.auth import Person

Scope = tuple[str, tuple[str, ...], tuple[str, ...]]
Key = tuple[str, int, int, Scope]
"""Layer, version, base, sight."""
Block = Sequence[bytes]
"""Parts, one after the other."""


def scope_of(person: Person) -> Scope:
    """Name what decides a person's sight."""
    return person.role.value, person.regions, person.departments


def size_of(block: Block) -> int:
    """Count a block's bytes."""
    return sum(map(len, block))


class Kept:
    """Keep encoded blocks up to a size, the least used go first."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._lock = threading.Lock()
        self._blocks: OrderedDict[Key, Block] = OrderedDict()

    def give(self, key: Key, make: Callable[[], Block | None]) -> Block | None:
        """Give the kept block of a key, or make and keep it; None is not kept."""
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
                return self._blocks[key]
        made = make()
        if made is None:
            return None
        with self._lock:
            self._held += size_of(made) - size_of(self._blocks.pop(key, ()))
            self._blocks[key] = made
            while self._held > self._limit:
                self._held -= size_of(self._blocks.popitem(last=False)[1])
        return made
