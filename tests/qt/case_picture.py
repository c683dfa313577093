"""Events off the straight line for screen tests: their trails, orders, pairs to judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.suggestions import Answered, Evidence, Suggestion, Verdict
from backend_client.contract.base import Text
from backend_client.contract.item import Mark
from backend_client.contract.orders import Extension, Order, OrderState, Returned
from backend_client.contract.timeline import Step, Timeline
from tests.qt.people import CHEN, NOW, ZHOU, head


def mark(reason: str, *, hours: float = 1.0) -> Mark:
    return Mark(by=CHEN, at=NOW - timedelta(hours=hours), reason=reason)


def case_order(number: int, event_id: str, hours: float, **more: Any) -> Order:
    """Make a signed order of an event, due in some hours of a day and a half in all."""
    due_at = NOW + timedelta(hours=hours)
    begun = NOW - timedelta(hours=30)
    fields: dict[str, Any] = head(f"case-{number}", "320613", "D25", begun) | {
        "event_id": event_id,
        "title": "清运",
        "note": "",
        "state": OrderState.SIGNED,
        "due_at": due_at,
        "yellow_at": due_at - timedelta(hours=6),
        "supervised_at": due_at + timedelta(hours=7),
        "led_at": due_at + timedelta(hours=18),
        "sent_by": ZHOU,
        "signed_by": CHEN,
        "signed_at": begun,
        "since_at": begun,
        "allowed": ("return", "extend", "grant", "suspend", "resume", "urge"),
    }
    return Order(**(fields | more))


def wish(reason: str = "需协调物业") -> Extension:
    return Extension(asked=mark(reason), until_at=NOW + timedelta(days=3))


def returned(reason: str = "非本单位职责") -> Returned:
    return Returned(**mark(reason).model_dump() | {"department": "D33"})


def trail(event_id: str) -> Timeline:
    """Tell a long way: sent, sent back, decided, sent anew, signed, urged, more time."""
    rows: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("event.intake", "", "", {}),
        ("event.accept", "周敏", "", {}),
        ("event.dispatch", "周敏", "当日清运", {"department": "D25"}),
        ("order.return", "李静", "非本单位职责", {"department": "D33"}),
        ("order.decide", "陈晓", "按权责清单归应急局", {"granted": "True"}),
        ("event.decide", "陈晓", "按权责清单归应急局", {"granted": "True"}),
        ("event.dispatch", "陈晓", "", {"department": "D33"}),
        ("order.sign", "王强", "", {}),
        ("order.sign", "王强", "", {}),
        ("order.urge", "周敏", "群众再次来电", {}),
        ("order.extend", "王强", "需协调物业", {"until_at": (NOW + timedelta(days=3)).isoformat()}),
        ("event.merge", "周敏", "同一堆垃圾", {"main": event_id}),
        ("event.supervise", "陈晓", "市领导批示", {}),
    )
    steps = tuple(
        Step(
            seq=seq,
            at=_at(rows, seq),
            person_id=name,
            name=name,
            action=action,
            target="event-child-003982" if action == "event.merge" else event_id,
            reason=reason,
            facts=facts,
        )
        for seq, (action, name, reason, facts) in enumerate(rows)
    )
    return Timeline(event_id=event_id, steps=steps)


def _at(rows: tuple[tuple[str, str, str, dict[str, str]], ...], seq: int) -> datetime:
    """Give one deed's two rows the same instant."""
    verb = rows[seq][0].partition(".")[2]
    twin = seq > 0 and rows[seq - 1][0].partition(".")[2] == verb
    return NOW - timedelta(minutes=20 * (len(rows) - seq + twin))


def pair(event_id: str, other_id: str, score: float = 0.91) -> Suggestion:
    return Suggestion(
        event_id,
        other_id,
        score,
        (
            Evidence(
                "place",
                Text("同一小区：易家桥新村", "The same estate: 易家桥新村"),
                ("易家桥新村",),
            ),
            Evidence("number", Text("楼栋相同：12 幢", "The same house: 12 幢"), ("12 幢",)),
            Evidence(
                "matter",
                Text("同为堆放垃圾", "Both are about rubbish piled up"),
                ("装修垃圾", "生活垃圾"),
            ),
            Evidence("time", Text("相隔不足 1 小时", "Less than an hour apart")),
        ),
    )


@dataclass
class Pairs:
    """A provider of pairs by hand: remembers what was said of each."""

    waiting: list[Suggestion]
    changed: Callable[[], None] = lambda: None
    said: list[tuple[tuple[str, str], Verdict]] = field(default_factory=list)
    refuses: Exception | None = None
    off: tuple[datetime, ...] = ()
    told: Answered = field(default_factory=Answered)

    def pairs(self) -> tuple[Suggestion, ...]:
        return tuple(self.waiting)

    def put_off(self) -> tuple[datetime, ...]:
        return self.off

    def answered(self) -> Answered:
        return self.told

    def judge(
        self,
        pair: Suggestion,
        verdict: Verdict,
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.said.append((pair.key, verdict))
        if self.refuses is not None:
            failed(self.refuses)
            return
        if verdict == "no":
            self.waiting.remove(pair)
        done()
        self.changed()
