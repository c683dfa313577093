"""Read the present items page by page, and tell what is no longer among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass

from app.stores import Stores
from backend_client.client import Client
from backend_client.contract.change import KINDS, Change, ItemKind, Page


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a snapshot; the stream goes on from the first page's number."""

    kind: ItemKind
    page: Page
    first_n: int
    is_last: bool

    def changes(self) -> tuple[Change, ...]:
        """Give the page as changes of the page's own number."""
        return tuple(
            Change(n=self.page.n, kind=item.kind, item_id=item.item_id, item=item)
            for item in self.page.items
        )


def read(client: Client, stopped: Callable[[], bool]) -> Iterator[Part]:
    """Give every page of every kind.

    Raises:
        Refused: the service will not give it to this person.
        Unreachable: it does not answer.
    """
    first_n: int | None = None
    for kind in KINDS:
        after = ""
        while not stopped():
            page = client.items(kind, after=after)
            first_n = page.n if first_n is None else first_n
            is_last = page.next is None and kind == KINDS[-1]
            yield Part(kind, page, first_n, is_last)
            if page.next is None:
                break
            after = page.next


def gone(stores: Stores, seen: Mapping[ItemKind, Set[str]], n: int) -> tuple[Change, ...]:
    """Give the removal of every item held that a whole snapshot did not name.

    Sets of a kind, not pairs: 60,000 items took the main thread 120 ms.
    """
    return tuple(
        Change(n=n, kind=kind, item_id=item_id, item=None)
        for kind in KINDS
        for item_id in stores.of(kind).ids() - seen.get(kind, frozenset())
    )
