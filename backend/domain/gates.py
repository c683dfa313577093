"""Rules of a gate command: its states, who may do what, what it is bound to, what a reading proves.

Source: control study 3.1 (state machine), 2.3 (select and operate), 7 (separation of duty).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from backend.domain.devices import Reading
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import Text
from backend_client.contract.gates import TERMINAL, CommandStatus, Gate, GateCommand, Step
from backend_client.contract.item import PersonRef, WorkItem

S = CommandStatus

TRANSITIONS: Mapping[CommandStatus, frozenset[CommandStatus]] = {
    S.REQUESTED: frozenset({S.AUTHORISED, S.REJECTED, S.EXPIRED, S.ABORTED}),
    S.AUTHORISED: frozenset({S.SELECTING, S.REJECTED, S.EXPIRED, S.ABORTED}),
    S.SELECTING: frozenset({S.SELECTED, S.REJECTED, S.ABORTED, S.UNKNOWN}),
    S.SELECTED: frozenset({S.OPERATING, S.EXPIRED, S.ABORTED, S.UNKNOWN}),
    S.OPERATING: frozenset({S.EXECUTING, S.REJECTED, S.ABORTED, S.UNKNOWN}),
    S.EXECUTING: frozenset({S.CONFIRMED, S.TIMED_OUT, S.FAILED, S.ABORTED, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.EXECUTING, S.CONFIRMED, S.FAILED, S.REJECTED}),
    **{status: frozenset() for status in TERMINAL},
}
"""Every step a command can take; `unknown` never leads back to a word sent to the device."""

ON_THE_WIRE: frozenset[CommandStatus] = frozenset(
    {S.SELECTING, S.SELECTED, S.OPERATING, S.EXECUTING}
)
AUTHORISERS: frozenset[Role] = frozenset({Role.DUTY_LEADER, Role.LEADER})

AT_TARGET_M = 0.02
PRESENT_M = 0.02
SETTLED_S = 2.0
TRAVEL_FACTOR = 1.3
TRAVEL_GRACE_S = 5.0


class WrongTransitionError(Exception):
    """A command was asked to take a step its state does not have."""


def move(
    command: GateCommand,
    status: CommandStatus,
    at: datetime,
    *,
    by: PersonRef | None = None,
    note: Text | None = None,
) -> GateCommand:
    """Give the command one state further, with the step written down.

    Raises:
        WrongTransitionError: the table has no such step.
    """
    if status not in TRANSITIONS[command.status]:
        raise WrongTransitionError(f"{command.item_id}: {command.status} -> {status}")
    step = Step(status=status, at=at, by=by, note=note)
    return command.model_copy(update={"status": status, "history": (*command.history, step)})


def first_step(person: Person, at: datetime) -> Step:
    """Give the step every history begins with."""
    return Step(status=S.REQUESTED, at=at, by=ref(person))


def body_hash(
    command_id: str, *, gate: Gate, bays: tuple[int, ...], target_m: float, expires_at: datetime
) -> str:
    """Give the SHA-256 of what is consented to, in canonical JSON."""
    words = {
        "command_id": command_id,
        "gate_id": gate.item_id,
        "bays": list(bays),
        "target_m": target_m,
        "fence": gate.fence,
        "seq": gate.seq,
        "expires_at": expires_at.isoformat(),
    }
    text = json.dumps(words, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def ref(person: Person) -> PersonRef:
    """Name a person inside an item."""
    return PersonRef(person_id=person.person_id, name=person.name)


def verbs(item: WorkItem) -> Mapping[str, str]:
    """Name the verbs an item's state allows, with the policy action each needs."""
    if isinstance(item, Gate):
        return _gate_verbs(item)
    if isinstance(item, GateCommand):
        return _command_verbs(item)
    return {}


def barred(item: WorkItem, person: Person) -> frozenset[str]:
    """Name the verbs this person may not use on this item whatever the role allows."""
    if not isinstance(item, GateCommand):
        return frozenset()
    words = set()
    if person.person_id == item.requested_by.person_id or person.role not in AUTHORISERS:
        words.add("authorise")
    if not may_abort(item, person):
        words.add("abort")
    return frozenset(words)


def may_abort(command: GateCommand, person: Person) -> bool:
    """Tell whether a person may call a command off: requester, authoriser, duty leader."""
    named = {command.requested_by.person_id}
    if command.authorised_by:
        named.add(command.authorised_by.person_id)
    return person.person_id in named or person.role in AUTHORISERS


def resolve(command: GateCommand, reading: Reading) -> tuple[CommandStatus, Text]:
    """Tell from a reading alone what became of a command in doubt.

    The reading must be younger than the claim of a new fence: then no late word can follow it.
    """
    if reading.running == command.item_id:
        return S.EXECUTING, Text("读数证明正在执行。", "A reading proves that it is under way.")
    echo = reading.echoes.get(command.item_id)
    if echo in _NEVER_MOVED:
        return S.REJECTED, _NEVER_MOVED[echo]
    if echo == "done" and at_target(command, reading):
        return S.CONFIRMED, Text("读数证明已到位。", "A reading proves the target is reached.")
    return S.FAILED, ended(echo)


def progress(command: GateCommand, reading: Reading) -> tuple[CommandStatus, Text] | None:
    """Give the end a reading proves short of the target, None while it goes well."""
    if reading.running == command.item_id or any(bay.moving for bay in reading.bays):
        return None
    echo = reading.echoes.get(command.item_id)
    if echo == "stopped":
        return S.ABORTED, ended(echo)
    return None if arrived(command, reading) else (S.FAILED, ended(echo))


def arrived(command: GateCommand, reading: Reading) -> bool:
    """Tell whether the device says done and the leaves stand at the target."""
    return reading.echoes.get(command.item_id) == "done" and at_target(command, reading)


def at_target(command: GateCommand, reading: Reading) -> bool:
    """Tell whether every commanded leaf stands still at the target."""
    named = [bay for bay in reading.bays if bay.no in command.bays]
    return bool(named) and all(
        not bay.moving and abs(bay.opening_m - command.target_m) <= AT_TARGET_M for bay in named
    )


def ended(echo: str | None) -> Text:
    """Say in words how the device ended a command short of its target."""
    return _ENDED.get(echo or "", Text(f"设备报告:{echo}。", f"The device reports: {echo}."))


def refusal(word: str) -> Text:
    """Say a device's word of refusal in both languages."""
    return _REFUSALS.get(word, Text(f"设备拒绝:{word}。", f"The device refused: {word}."))


def _gate_verbs(gate: Gate) -> Mapping[str, str]:
    words = {"stop": "gate.stop"}
    if gate.link != "offline" and gate.held_by is None and gate.bays:
        words["request"] = "gate.request"
    return words


def _command_verbs(command: GateCommand) -> Mapping[str, str]:
    if command.status in TERMINAL:
        return {}
    if command.status is S.REQUESTED:
        return {"authorise": "gate.authorise", "abort": "gate.abort"}
    return {"abort": "gate.abort"}


_NEVER_MOVED: Mapping[str | None, Text] = {
    None: Text("设备从未收到此命令。", "The device never received this command."),
    "selected": Text("设备仅被选择,未执行。", "The device was only selected; it did not move."),
    "cancelled": Text("选择已撤销,未执行。", "The select was cancelled; it did not move."),
    "lapsed": Text("选择已超时,未执行。", "The select lapsed; it did not move."),
}
_ENDED: Mapping[str, Text] = {
    "stopped": Text("已被停止。", "It was stopped."),
    "watchdog": Text("失去心跳,设备自行停止。", "The device stopped itself: no heartbeat."),
    "tripped": Text("设备跳闸,现场检查并复位。", "The device tripped; check and reset it on site."),
    "permissive_lost": Text("行程中联锁条件失去。", "An interlock was lost in travel."),
    "levelling_timeout": Text("闸室未能平水。", "The chamber did not level in time."),
    "restart": Text("设备重启,行程中断。", "The device restarted in travel."),
    "done": Text("设备报告完成,但开度不符。", "The device says done, but the opening differs."),
    "executing": Text("设备已不在执行。", "The device is no longer executing it."),
}
_REFUSALS: Mapping[str, Text] = {
    "fence_old": Text("控制权已被另一服务取得。", "Another service has taken control."),
    "fence_not_claimed": Text("尚未取得控制权。", "Control has not been claimed."),
    "seq_moved": Text("设备状态已变化。", "The device's state has moved on."),
    "busy": Text("设备正被占用。", "The device is busy."),
    "not_selected": Text("选择已失效。", "The select is no longer there."),
    "differs_from_select": Text("与选择内容不一致。", "It differs from what was selected."),
    "no_such_bay": Text("没有此闸孔。", "There is no such bay."),
    "both_gates": Text("两道人字门不得同时开启。", "Both mitre gates may not open together."),
    "not_remote": Text("闸孔不在远控方式。", "A bay is not in remote mode."),
    "tripped": Text("闸孔故障未复位。", "A bay has tripped and is not reset."),
    "no_heartbeat": Text("设备收不到心跳。", "The device hears no heartbeat."),
    "in_motion": Text("闸孔正在运动。", "A bay is moving."),
    "out_of_range": Text("目标超出行程。", "The target is beyond the travel."),
    "outer_above_inner": Text("外水位高于允许值。", "The outer level is too high."),
    "opening_above_permitted": Text("超过当前水头允许开度。", "Too wide for the present head."),
    "other_gate_switch": Text("另一道门未证实关闭。", "The other gate is not proved closed."),
    "other_gate_open": Text("另一道门未关到位。", "The other gate is not shut."),
    "other_gate_open_switch": Text("另一道门开限位接通。", "The other gate's open switch is on."),
    "other_gate_tripped": Text("另一道门故障未复位。", "The other gate has tripped."),
    "other_gate_moving": Text("另一道门正在运动。", "The other gate is moving."),
    "other_gate_waiting": Text("另一道门正在平水。", "The other gate is levelling."),
    "other_valve_open": Text("另一侧阀门开着。", "The other side's valve is open."),
    "water_not_level": Text("闸室水位未平。", "The chamber is not level."),
}
