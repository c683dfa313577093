"""What gates call people for: alarms with a required action, raised and returned."""

from __future__ import annotations

from backend.domain.alarms import Cause
from backend.services.alarms import raise_alarm, return_alarm
from backend.storage.unit import Unit
from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus, Gate, GateCommand, fault_text

OWNER = Text("水利值班席", "Water duty desk")
_UNFINISHED: dict[CommandStatus, tuple[int, Text, Text]] = {
    CommandStatus.UNKNOWN: (
        1,
        Text("命令结果不明", "command result unknown"),
        Text(
            "看现场视频并电话核实闸位;勿重复下令,系统以读数判定。",
            "Check the gate by camera and phone; do not repeat the command, a reading decides.",
        ),
    ),
    CommandStatus.TIMED_OUT: (
        1,
        Text("启闭超时,已发停止", "travel timed out, stop was sent"),
        Text("派人到现场检查启闭机,转现地手动。", "Send staff to the hoist; go to local control."),
    ),
    CommandStatus.FAILED: (
        2,
        Text("启闭未完成", "movement not completed"),
        Text("核对闸位和故障,现场处理后重新申请。", "Check position and fault, then ask anew."),
    ),
}


def call_of(unit: Unit, command: GateCommand) -> None:
    """Raise the alarm a command's new state asks for; return it when a later state settles it."""
    cause = f"gate-command:{command.gate_id}"
    wanted = _UNFINISHED.get(command.status)
    if wanted is None:
        doubted = len(command.history) > 1 and command.history[-2].status is CommandStatus.UNKNOWN
        if doubted or command.status is CommandStatus.CONFIRMED:
            return_alarm(unit, cause)
        return
    level, what, action = wanted
    raise_alarm(
        unit,
        Cause(
            cause=cause,
            source_kind="gate_command",
            source_id=command.item_id,
            layer="water",
            level=level,
            title=Text(f"{command.gate_name.zh}:{what.zh}", f"{command.gate_name.en}: {what.en}"),
            action=action,
            owner=OWNER,
            region=command.region,
            department=command.department,
        ),
    )


def call_fault(unit: Unit, gate: Gate) -> None:
    """Raise an alarm per leaf at fault and return those of leaves that are well."""
    for bay in gate.bays:
        cause = f"gate-fault:{gate.item_id}:{bay.no}"
        if bay.fault is None:
            return_alarm(unit, cause)
            continue
        said = fault_text(bay.fault)
        title = Text(
            f"{gate.name.zh} {bay.no} 号孔故障:{said.zh}",
            f"{gate.name.en}, bay {bay.no} at fault: {said.en}",
        )
        action = Text(
            "通知值守人员到场检查并现地复位。", "Send staff to check and reset it on site."
        )
        raise_alarm(unit, _of_gate(gate, cause, title=title, action=action))


def call_stray(unit: Unit, gate: Gate, *, moving: bool) -> None:
    """Raise the alarm of a leaf that moves without a command, or return it."""
    cause = f"gate-stray:{gate.item_id}"
    if not moving:
        return_alarm(unit, cause)
        return
    title = Text(
        f"{gate.name.zh}:无命令而闸门移动", f"{gate.name.en}: a leaf moves without a command"
    )
    action = Text(
        "立即按停止,并派人到现场切断动力。", "Press STOP now and have the power cut on site."
    )
    raise_alarm(unit, _of_gate(gate, cause, title=title, action=action, level=1))


def _of_gate(gate: Gate, cause: str, *, title: Text, action: Text, level: int = 2) -> Cause:
    return Cause(
        cause=cause,
        source_kind="gate",
        source_id=gate.item_id,
        layer="water",
        level=level,
        title=title,
        action=action,
        owner=OWNER,
        region=gate.region,
        department=gate.department,
        lon=gate.lon,
        lat=gate.lat,
    )
