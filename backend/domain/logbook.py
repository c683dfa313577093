"""Which deeds write themselves into the shift log, and in which words: the only such place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.domain import shifts
from backend.domain.told import Told
from backend_client.contract.alarms import Alarm, AlarmState, Suppression
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.events import Event
from backend_client.contract.gates import CommandStatus, GateCommand
from backend_client.contract.item import PersonRef, WorkItem
from backend_client.contract.orders import Order
from backend_client.contract.shifts import LineKind, Ref, RefKind, ShiftLine

GRAVE = 2  # levels I and II are told, the rest is in the alarm list
FOLD = 5  # more lines of one kind in one unit are told as one
NAMED = 3
ROMAN = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")
_SUPERVISORS = frozenset({Role.DUTY_LEADER})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the making, and where what it tells belongs.

    Args:
        sign_in: whose seat it is, when the line is about a seat and not about a place.
    """

    kind: LineKind
    text: Text
    region: str = ""
    department: str = ""
    by: PersonRef | None = None
    ref: Ref | None = None
    sign_in: Person | None = None

    def line(self, at: datetime) -> ShiftLine:
        """Give the line; its place is set when it is chained."""
        made = shifts.written(self.kind, self.text, at, by=self.by)
        return made.model_copy(update={"ref": self.ref})


def entries(told: Iterable[Told]) -> list[Entry]:
    """Give the lines of one unit's deeds, in their order."""
    made = []
    for one in told:
        teller = _TELLERS.get(one.action)
        entry = teller(one) if teller else None
        if entry is not None:
            made.append(entry)
    return made


def folded(found: list[Entry]) -> list[Entry]:
    """Tell a flood as one line per kind, at the place of its first; a few are told one by one."""
    counts = Counter(entry.kind for entry in found)
    many = {kind for kind, count in counts.items() if count > FOLD}
    kept: list[Entry] = []
    for entry in found:
        if entry.kind not in many:
            kept.append(entry)
        elif all(entry.kind is not one.kind for one in kept):
            kept.append(_fold([one for one in found if one.kind is entry.kind]))
    return kept


def _fold(found: list[Entry]) -> Entry:
    first = found[0]
    zh = ";".join(one.text.zh for one in found[:NAMED])
    en = "; ".join(one.text.en for one in found[:NAMED])
    text = Text(f"{len(found)} 条,首发:{zh}", f"{len(found)} at once, first: {en}")
    return Entry(first.kind, text, first.region, first.department, by=first.by)


def overdue(orders: Iterable[Order]) -> list[Entry]:
    """Give the lines of orders whose time has just run out."""
    return [
        _about(
            LineKind.ORDER, Text(f"工单逾期 {one.title}", f"Order overdue: {one.title}"), one, None
        )
        for one in orders
    ]


def _worked(zh: str, en: str) -> Callable[[Told], Entry | None]:
    """Tell of a step off the straight line of an event or order, with its reason."""

    def teller(told: Told) -> Entry | None:
        item = told.item
        if not isinstance(item, Event | Order):
            return None
        kind = LineKind.EVENT if isinstance(item, Event) else LineKind.ORDER
        why = str(told.detail.get("reason") or "")
        tail = f"：{why}" if why else "", f" ({why})" if why else ""
        text = Text(f"{zh} {item.title}{tail[0]}", f"{en}: {item.title}{tail[1]}")
        return _about(kind, text, item, told.by)

    return teller


def unsigned(title: Text, region: str, department: str) -> Entry:
    """Give the line of a page past its end that nobody has signed."""
    text = Text(
        f"{title.zh}已过,未交接,本页续记",
        f"The {title.en} is over without a handover; this page goes on",
    )
    return Entry(LineKind.SHIFT, text, region, department)


def begun(count: int) -> Text:
    """Give the words of a page's first line."""
    return Text(f"接班开页,承接未了事项 {count} 项", f"Page begun, {count} open items taken over")


# ---- deed by deed ----------------------------------------------------------------------------


def _ref(person: Person | None) -> PersonRef | None:
    return PersonRef(person_id=person.person_id, name=person.name) if person else None


def _about(kind: LineKind, text: Text, item: WorkItem, by: Person | None) -> Entry:
    named: RefKind = type(item).model_fields["kind"].default
    return Entry(
        kind,
        text,
        item.region,
        item.department,
        by=_ref(by),
        ref=Ref(kind=named, item_id=item.item_id),
    )


def _alarm(zh: str, en: str, *, feeds: bool = True) -> Callable[[Told], Entry | None]:
    """Tell of a grave alarm or of a dead feed."""

    def teller(told: Told) -> Entry | None:
        alarm, was = told.item, told.was
        if not isinstance(alarm, Alarm):
            return None
        level = min(alarm.level, was.level) if isinstance(was, Alarm) else alarm.level
        is_feed = alarm.source_kind == "feed"
        if level > GRAVE and not (is_feed and feeds):
            return None
        kind = LineKind.FEED if is_feed else LineKind.ALARM
        roman = ROMAN[alarm.level]
        text = Text(f"{roman} 级{zh} {alarm.title.zh}", f"{en}, level {roman}: {alarm.title.en}")
        return _about(kind, text, alarm, told.by)

    return teller


def _raised(told: Told) -> Entry | None:
    """Tell of an alarm that is new, active again or worse; new words alone are no news."""
    alarm, was = told.item, told.was
    if isinstance(alarm, Alarm) and isinstance(was, Alarm):
        again = was.state is AlarmState.RETURNED and alarm.state is AlarmState.NEW
        if not again and alarm.level >= was.level:
            return None
    return _alarm("报警", "Alarm")(told)


def _shelved(told: Told) -> Entry | None:
    """Tell of every alarm put aside, whatever its level: a silence is always told."""
    alarm = told.item
    if not isinstance(alarm, Alarm):
        return None
    since, until = alarm.acknowledged_at, alarm.shelved_until
    minutes = round((until - since).total_seconds() / 60) if since and until else 0
    text = Text(
        f"搁置 {minutes} 分 {alarm.title.zh}:{alarm.note}",
        f"Shelved {minutes} min, {alarm.title.en}: {alarm.note}",
    )
    return _about(LineKind.SHELVED, text, alarm, told.by)


def _aside(zh: str, en: str) -> Callable[[Told], Entry | None]:
    """Tell of an alarm taken out of service or put back, whatever its level."""

    def teller(told: Told) -> Entry | None:
        alarm = told.item
        if not isinstance(alarm, Alarm):
            return None
        text = Text(f"{zh} {alarm.title.zh}:{alarm.note}", f"{en}, {alarm.title.en}: {alarm.note}")
        return _about(LineKind.SHELVED, text, alarm, told.by)

    return teller


def _folds(told: Told) -> Entry | None:
    """Tell that a response begins or ends to fold other layers' minor alarms away."""
    folding = told.item
    if not isinstance(folding, Suppression):
        return None
    zh, en = ("开始", "begins") if folding.active else ("结束", "ends")
    layers = " ".join(folding.layers)
    text = Text(
        f"战时折叠{zh}(保留 {layers}):{folding.reason}",
        f"Folding for a response {en} (kept: {layers}): {folding.reason}",
    )
    return Entry(LineKind.SHELVED, text, folding.region, folding.department, by=_ref(told.by))


_OUTCOMES: Mapping[CommandStatus, Text] = {
    CommandStatus.REQUESTED: Text("申请", "requested"),
    CommandStatus.AUTHORISED: Text("复核通过", "authorised"),
    CommandStatus.UNKNOWN: Text("结果不明", "result unknown"),
    CommandStatus.CONFIRMED: Text("到位", "confirmed"),
    CommandStatus.REJECTED: Text("被拒绝", "rejected"),
    CommandStatus.EXPIRED: Text("过期", "expired"),
    CommandStatus.ABORTED: Text("撤回", "called off"),
    CommandStatus.FAILED: Text("未完成", "failed"),
    CommandStatus.TIMED_OUT: Text("超时", "timed out"),
}


def _command(told: Told) -> Entry | None:
    command = told.item
    if not isinstance(command, GateCommand):
        return None
    what = _OUTCOMES[command.status]
    note = command.history[-1].note if command.history else None
    zh = f"{command.gate_name.zh} 闸门命令 → {command.target_m:.2f} m {what.zh}"
    en = f"{command.gate_name.en} gate command → {command.target_m:.2f} m {what.en}"
    if note is not None:
        zh, en = f"{zh}:{note.zh.rstrip('。')}", f"{en}: {note.en.rstrip('.')}"
    return _about(LineKind.GATE, Text(zh, en), command, told.by)


def _stopped(told: Told) -> Entry:
    """Tell of a STOP; the scribe looks up where the gate belongs."""
    _, _, gate_id = told.target.partition("/")
    accepted = bool(told.detail.get("accepted"))
    zh, en = ("设备已应答", "answered") if accepted else ("设备无应答", "no answer")
    text = Text(f"紧急停止 {gate_id}:{zh}", f"STOP {gate_id}: {en}")
    return Entry(LineKind.GATE, text, by=_ref(told.by), ref=Ref(kind="gate", item_id=gate_id))


def _undone(told: Told) -> Entry | None:
    event, was = told.item, told.was
    if not isinstance(event, Event) or not isinstance(was, Event) or was.undo is None:
        return None
    zh, en = ("办结", "close") if was.undo.verb == "close" else ("派单", "dispatch")
    text = Text(f"撤销{zh} {event.title}", f"Undid the {en}: {event.title}")
    return _about(LineKind.EVENT, text, event, told.by)


def _taken_over(told: Told) -> Entry | None:
    claim, was = told.item, told.was
    if not isinstance(claim, Claim) or not isinstance(was, Claim):
        return None
    text = Text(
        f"接管 {claim.title}(原处理人 {was.holder.name})",
        f"Taken over from {was.holder.name}: {claim.title}",
    )
    about = Ref(kind="event", item_id=claim.item_id)
    return Entry(LineKind.EVENT, text, claim.region, claim.department, by=_ref(told.by), ref=about)


def _signed_in(told: Told) -> Entry | None:
    person = told.by
    if person is None or person.role not in _SUPERVISORS:
        return None
    text = Text(f"值班领导 {person.name} 登录", f"Duty leader {person.name} signed in")
    return Entry(LineKind.SEAT, text, by=_ref(person), sign_in=person)


def _muted(told: Told) -> Entry | None:
    """Tell that a seat was silenced; it sounds again by itself, or its alarms tell of it."""
    person = told.by
    if person is None or told.detail.get("muted_until") is None:
        return None
    text = Text(
        f"{person.name} 席位静音,最长 2 分钟", f"{person.name} muted the seat, 2 min at most"
    )
    return Entry(LineKind.SHELVED, text, by=_ref(person), sign_in=person)


_TELLERS: Mapping[str, Callable[[Told], Entry | None]] = {
    "alarm.sound": _muted,
    "alarm.raise": _raised,
    "alarm.return": _alarm("恢复", "Back to normal"),
    "alarm.acknowledge": _alarm("确认", "Acknowledged", feeds=False),
    "alarm.shelve": _shelved,
    "alarm.withdraw": _aside("停用", "Out of service"),
    "alarm.restore": _aside("恢复使用", "Back in service"),
    "alarm.suppress": _folds,
    "alarm.unshelve": _alarm("搁置到期", "Shelving over"),
    "gate.request": _command,
    "gate.stop": _stopped,
    **{
        f"gate.{status.value}": _command
        for status in _OUTCOMES
        if status is not CommandStatus.REQUESTED
    },
    "event.undo": _undone,
    "event.supervise": _worked("督办", "Under supervision"),
    "event.withdraw": _worked("撤销", "Withdrawn"),
    "event.redo": _worked("重办", "To be done again"),
    "order.return": _worked("退单", "Sent back"),
    "order.overdue": _worked("超期督办", "Overdue, under supervision"),
    "order.led": _worked("超期报领导", "Overdue, before the leaders"),
    "event.take_over": _taken_over,
    "auth.sign_in": _signed_in,
}
