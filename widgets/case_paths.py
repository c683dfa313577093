"""Side paths of an event and its orders: their keys, their words, what each asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel

from app.stores import Stores
from backend_client.contract.base import Text
from backend_client.contract.events import (
    CallBack,
    Decide,
    Dispatch,
    Event,
    Merge,
    Reasoned,
    Satisfaction,
    Touch,
)
from backend_client.contract.orders import Extend, Order, Return

Field = Literal["unit", "any_unit", "span", "main", "reason", "note"]
Choice = tuple[str, Text]  # its key, its words


@dataclass(frozen=True, slots=True)
class Path:
    """One verb off the straight line.

    Args:
        kind: whose verb it is.
        verb: as `allowed` names it.
        key: its letter in the list.
        words: what it does.
        last: what follows from it.
        fields: what it asks for; with none it is done at once.
        choices: the answers one of which must be chosen.
    """

    kind: Literal["event", "order"]
    verb: str
    key: str
    words: Text
    last: Text = Text("", "")  # noqa: RUF009  # frozen
    fields: tuple[Field, ...] = ("reason",)
    choices: tuple[Choice, ...] = ()

    @property
    def action(self) -> str:
        """Name it as policy and timeline do."""
        return f"{self.kind}.{self.verb}"


YES_NO: Final[tuple[Choice, ...]] = (("Y", Text("同意", "Yes")), ("N", Text("不同意", "No")))
SAID: Final[dict[Satisfaction, Text]] = {
    Satisfaction.SATISFIED: Text("满意", "Satisfied"),
    Satisfaction.UNSATISFIED: Text("不满意", "Not satisfied"),
    Satisfaction.UNREACHED: Text("未接通", "Not reached"),
}
PATHS: Final[tuple[Path, ...]] = (
    Path(
        "event",
        "refuse",
        "R",
        Text("不予受理", "Not accept"),
        Text("理由将告知诉求人，不可撤销", "The citizen is told why; it is not undone"),
    ),
    Path(
        "event",
        "merge",
        "M",
        Text("并案", "Merge"),
        Text("与主事件一同办理，可拆分", "Worked on with the main event; may be split off"),
        ("main", "note"),
    ),
    Path(
        "event",
        "split",
        "P",
        Text("拆分", "Split off"),
        Text("恢复为独立事件", "It goes on as an event of its own"),
    ),
    Path(
        "event",
        "assist",
        "A",
        Text("协办", "Let a unit help"),
        Text("另派协办工单，主办不变", "One more order; the leading unit stays"),
        ("unit", "note"),
    ),
    Path(
        "event",
        "transfer",
        "T",
        Text("转办", "Hand over"),
        Text("收回原工单，时限不变", "The order is taken back; the deadline stays"),
        ("unit", "note"),
    ),
    Path(
        "event",
        "decide",
        "D",
        Text("审定退单", "Decide the return"),
        Text("同意则重新派单，不同意则原单位承办", "Yes: to be sent anew; no: the unit keeps it"),
        choices=YES_NO,
    ),
    Path(
        "event",
        "supervise",
        "V",
        Text("督办", "Supervise"),
        Text("事件与工单均标督办", "Event and orders are marked"),
    ),
    Path(
        "event",
        "call_back",
        "C",
        Text("回访", "Call back"),
        Text("满意则归档", "Archived when satisfied"),
        ("note",),
        tuple((str(at), words) for at, words in enumerate(SAID.values(), start=1)),
    ),
    Path(
        "event",
        "redo",
        "O",
        Text("重办", "Do again"),
        Text("重新派单，时限重新计算", "To be sent anew, with a new deadline"),
    ),
    Path(
        "event",
        "withdraw",
        "W",
        Text("撤销事件", "Withdraw"),
        Text("工单一并收回，不可撤销", "Its orders are taken back; it is not undone"),
    ),
    Path(
        "order",
        "urge",
        "U",
        Text("催办", "Urge"),
        Text("承办单位将看到催办次数", "The unit sees how often it was urged"),
    ),
    Path(
        "order",
        "grant",
        "G",
        Text("审批延期", "Decide more time"),
        Text("同意则时限顺延，至多一次", "Yes moves the deadline, once at most"),
        choices=YES_NO,
    ),
    Path(
        "order",
        "extend",
        "E",
        Text("申请延期", "Ask for more time"),
        Text("由中心审批，至多一次", "The centre decides; once at most"),
        ("span", "reason"),
    ),
    Path(
        "order",
        "suspend",
        "H",
        Text("挂起", "Suspend"),
        Text("停止计时，恢复后顺延", "The clock stands; the deadline moves by as long"),
    ),
    Path("order", "resume", "I", Text("恢复计时", "Resume"), fields=()),
    Path(
        "order",
        "return",
        "B",
        Text("退单", "Send back"),
        Text("由中心审定，每单位一次", "The centre decides; once a unit"),
        ("any_unit", "reason"),
    ),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A side path an item allows its reader now."""

    path: Path
    item: Event | Order


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed and chosen in a form; `span` and `main` are as they were typed."""

    words: str = ""
    choice: int = -1
    unit: str = ""
    until_at: datetime | None = None
    main_id: str = ""
    span: int = 0
    main: str = ""


def orders_of(event: Event, stores: Stores) -> tuple[Order, ...]:
    """Give the orders of the unit that leads and of those that help, as far as they are seen."""
    ids = (*filter(None, (event.order_id,)), *event.assist_ids)
    return tuple(order for one in ids if (order := stores.orders.get(one)) is not None)


def offers(event: Event, orders: Iterable[Order]) -> list[Offer]:
    """Give what an event and its orders allow, in the order of the table."""
    found = [Offer(path, event) for path in PATHS if path.kind == "event"]
    for order in orders:
        found += [Offer(path, order) for path in PATHS if path.kind == "order"]
    return [one for one in found if one.path.verb in one.item.allowed]


def body_of(offer: Offer, said: Said) -> BaseModel:
    """Make what a verb's door takes.

    Raises:
        ValidationError: a reason is too short.
    """
    version, words = offer.item.version, said.words
    made: BaseModel = Touch(version=version)
    match offer.path.verb:
        case "assist" | "transfer":
            made = Dispatch(version=version, department=said.unit, note=words)
        case "decide" | "grant":
            made = Decide(version=version, granted=said.choice == 0, reason=words)
        case "call_back":
            found = tuple(SAID)[said.choice]
            made = CallBack(version=version, satisfaction=found, words=words)
        case "merge":
            made = Merge(version=version, main_id=said.main_id, reason=words)
        case "return":
            made = Return(version=version, reason=words, department=said.unit or None)
        case "extend" if said.until_at is not None:
            made = Extend(version=version, reason=words, until_at=said.until_at)
        case verb if verb != "resume":
            made = Reasoned(version=version, reason=words)
    return made
