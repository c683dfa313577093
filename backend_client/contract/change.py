"""What comes down `/v1/stream`: numbered changes, beats, pokes and resync."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from backend_client.contract.alarms import Alarm, Suppression
from backend_client.contract.base import Count, Frozen, Id, Instant, Line
from backend_client.contract.claims import Claim
from backend_client.contract.events import Event
from backend_client.contract.feature import LayerId
from backend_client.contract.feeds import Feed
from backend_client.contract.gates import Gate, GateCommand
from backend_client.contract.instructions import Instruction
from backend_client.contract.matches import Match
from backend_client.contract.orders import Order
from backend_client.contract.shifts import ShiftPage

AnyItem = (
    Event
    | Order
    | Gate
    | GateCommand
    | Alarm
    | Suppression
    | Instruction
    | Feed
    | ShiftPage
    | Claim
    | Match
)
Item = Annotated[AnyItem, Field(discriminator="kind")]
ItemKind = Literal[
    "event",
    "order",
    "gate",
    "gate_command",
    "alarm",
    "suppression",
    "instruction",
    "feed",
    "shift_page",
    "claim",
    "match",
]
KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
ITEM: TypeAdapter[AnyItem] = TypeAdapter(Item)


class Change(Frozen):
    """One numbered change. `item` is None when the item is gone from the reader's sight."""

    n: Count
    kind: ItemKind
    item_id: Id
    item: Item | None


class Beat(Frozen):
    """Sign of life every second, with the newest number and the service's clock."""

    n: Count
    at: Instant


class LayerMoved(Frozen):
    """A bulk layer has a newer version; the reader pulls the block when it can."""

    layer: LayerId
    version: Count


class Resync(Frozen):
    """The asked number is out of reach; take a snapshot and go on from `n`."""

    n: Count
    epoch: Line


class Page(Frozen):
    """One page of present items. Read pages first, then the stream from the first page's `n`."""

    n: Count
    epoch: Line
    items: tuple[Item, ...]
    next: Id | None
