"""Pages and single reads of work items, cut to the reader's scope."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select, text

from backend.domain.refused import not_found
from backend.services.frames import encode
from backend.services.policy import Policy
from backend.services.sight import works_on
from backend.services.verbs import Verbs
from backend.storage.database import Database
from backend.storage.dialect import json_field, literal
from backend.storage.tables import WORK_ITEM
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.change import ItemKind
from backend_client.contract.events import Event

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Items:
    """Read present items as the reader's own JSON bytes."""

    database: Database
    policy: Policy
    verbs: Verbs
    epoch: str

    def page(
        self, person: Person, kind: ItemKind, *, after: str, limit: int, state: str = ""
    ) -> bytes:
        """Give one `Page` of a kind, by item id.

        Args:
            person: the reader.
            kind: which items.
            after: the last item id of the page before, empty for the first page.
            limit: how many items at most.
            state: only those in it, when it is not empty.
        """
        shown: list[bytes] = []
        last, more = after, False
        with self.database.read() as view:
            n = view.n()
            while not more and (batch := _batch(view, kind, last, state)):
                for item_id, body in batch:
                    encoded = encode(body, self.verbs)
                    if not self.policy.sees_item(person, encoded.item):
                        last = item_id
                        continue
                    if len(shown) == limit:
                        more = True
                        break
                    shown.append(encoded.to(person, self.verbs))
                    last = item_id
        rest = json.dumps({"n": n, "epoch": self.epoch, "next": last if more else None})
        return b'{"items":[%b],%b' % (b",".join(shown), rest[1:].encode())

    def one(self, person: Person, kind: ItemKind, item_id: str) -> bytes:
        """Give one item; an event also to a unit at work on it, without its reporter.

        Raises:
            Refused: 404 when there is none or the reader may not see it.
        """
        with self.database.read() as view:
            rows = view.connection.execute(
                text("SELECT body FROM work_item WHERE kind = :kind AND item_id = :item_id"),
                {"kind": kind, "item_id": item_id},
            )
            body = rows.scalar()
            if body is None:
                raise not_found(item_id)
            encoded = encode(str(body), self.verbs)
            item = encoded.item
            if self.policy.sees_item(person, item):
                return encoded.to(person, self.verbs)
            if isinstance(item, Event) and works_on(view, self.policy, person, item):
                return item.model_copy(update={"reporter": None}).model_dump_json().encode()
        raise not_found(item_id)


def _batch(view: View, kind: ItemKind, after: str, state: str) -> list[tuple[str, str]]:
    asked = select(WORK_ITEM.c.item_id, WORK_ITEM.c.body).where(
        WORK_ITEM.c.kind == literal(kind), WORK_ITEM.c.item_id > after
    )
    if state:
        asked = asked.where(json_field(WORK_ITEM.c.body, "state") == state)
    rows = view.connection.execute(asked.order_by(WORK_ITEM.c.item_id).limit(_BATCH))
    return [(row.item_id, row.body) for row in rows]
