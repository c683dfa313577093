"""One change as bytes, encoded once for all readers; only `allowed` is put in per reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from backend.domain.scope import Place, places
from backend.services.policy import Policy
from backend.services.verbs import Verbs
from backend.storage.unit import Logged
from backend_client.contract.auth import Person
from backend_client.contract.change import ITEM, Item

PARSED_KEPT: Final = 256
"""So many items are held as objects; one is seven times the size of its JSON."""

_SLOT: Final = b'"allowed":[]'


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item's JSON in two halves, around the slot where `allowed` goes."""

    offered: Mapping[str, str]
    head: bytes
    tail: bytes

    @property
    def item(self) -> Item:
        """Give the item; an old one is read from its JSON again."""
        return _item(self.head + _SLOT + self.tail)

    def to(self, person: Person, verbs: Verbs) -> bytes:
        """Give the item's JSON for one reader."""
        allowed = verbs.allowed(person, self.item, self.offered) if self.offered else ()
        return b'%b"allowed":%b%b' % (self.head, json.dumps(allowed).encode(), self.tail)


def encode(body: str, verbs: Verbs) -> Encoded:
    """Cut an item's stored JSON at its `allowed` slot."""
    whole = body.encode()
    head, slot, tail = whole.partition(_SLOT)
    if not slot:
        raise ValueError("a stored item has no empty `allowed`")
    return Encoded(verbs.offered(_item(whole)), head, tail)


@lru_cache(maxsize=PARSED_KEPT)
def _item(body: bytes) -> Item:
    return ITEM.validate_json(body)


@dataclass(frozen=True, slots=True)
class Frame:
    """One numbered change, ready to be sent to whoever may see it."""

    n: int
    now: tuple[Place, ...]
    was: Place
    start: bytes
    encoded: Encoded | None

    def to(self, person: Person, policy: Policy, verbs: Verbs) -> bytes | None:
        """Give the SSE frame for one reader, None for what is none of their business.

        An item that has left the reader's sight is sent as gone.
        """
        if self.encoded and any(policy.sees(person, *place) for place in self.now):
            return self.start + self.encoded.to(person, verbs) + b"}\n\n"
        if any(policy.sees(person, *place) for place in (self.was, *self.now)):
            return self.start + b"null}\n\n"
        return None


def frame(epoch: str, logged: Logged, verbs: Verbs) -> Frame:
    """Encode one logged change."""
    encoded = encode(logged.body, verbs) if logged.body is not None else None
    start = (
        f"id: {epoch}:{logged.n}\nevent: change\n"
        f'data: {{"n":{logged.n},"kind":"{logged.kind}",'
        f'"item_id":{json.dumps(logged.item_id, ensure_ascii=False)},"item":'
    )
    now = places(encoded.item) if encoded else ((logged.region, logged.department),)
    was = (logged.was_region, logged.was_department)
    return Frame(logged.n, now, was, start.encode(), encoded)
