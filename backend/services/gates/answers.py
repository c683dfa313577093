"""The noes of gate control, each a bilingual Problem, and the checks that give them."""

from __future__ import annotations

import re

from backend.domain import gates as rules
from backend.domain.interlocks import Limits
from backend.domain.refused import Refused, not_found, refuse, unfit, wrong_state
from backend.storage.gates import Asked
from backend_client.contract.base import Text
from backend_client.contract.gates import CommandRequest, CommandStatus, Gate, GateCommand
from backend_client.contract.problem import Problem

__all__ = ["not_found"]

_KEY = re.compile(r"[\x21-\x7e]{16,64}")
_LOOK = Text("查看最新状态后重新申请。", "Look at the present state and ask anew.")
_STATES = {
    CommandStatus.REQUESTED: Text("待授权", "waiting for authorisation"),
    CommandStatus.AUTHORISED: Text("已授权", "authorised"),
    CommandStatus.SELECTING: Text("正在选择设备", "selecting the device"),
    CommandStatus.SELECTED: Text("已选择设备", "the device is selected"),
    CommandStatus.OPERATING: Text("正在下发", "being sent"),
    CommandStatus.EXECUTING: Text("执行中", "under way"),
    CommandStatus.UNKNOWN: Text("结果不明", "in doubt"),
    CommandStatus.CONFIRMED: Text("已确认到位", "confirmed"),
    CommandStatus.REJECTED: Text("已拒绝", "rejected"),
    CommandStatus.EXPIRED: Text("已过期", "expired"),
    CommandStatus.ABORTED: Text("已中止", "aborted"),
    CommandStatus.FAILED: Text("失败", "failed"),
    CommandStatus.TIMED_OUT: Text("超时", "timed out"),
}


def required(key: str | None, if_match: str | None) -> tuple[str, str]:
    """Give both headers of a request, or refuse with 428 or 422."""
    if key is None:
        raise _missing("Idempotency-Key")
    if if_match is None:
        raise _missing("If-Match")
    if not _KEY.fullmatch(key):
        raise unfit(
            "Idempotency-Key",
            Text("请求号应为 16 至 64 个可见字符。", "The key has 16 to 64 visible characters."),
            Text("生成新的请求号。", "Make a new key."),
        )
    return key, _bare(if_match)


def version(if_match: str | None) -> int:
    """Give the version a consent was given to, or refuse with 428 or 412."""
    if if_match is None:
        raise _missing("If-Match")
    bare = _bare(if_match)
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else -1


def fresh(command: GateCommand, seen: int) -> None:
    """Refuse with 412 a consent to another version of the command."""
    if command.version != seen:
        raise refuse(
            412,
            "stale_version",
            Text("命令在你查看之后已变化。", "The command has changed since you saw it."),
            Text("看过新内容后再授权。", "Look at it again before you authorise."),
            where="If-Match",
        )


def is_requested(command: GateCommand) -> None:
    """Refuse with 409 a consent to a command that no longer waits for one."""
    if command.status is not CommandStatus.REQUESTED:
        raise wrong_state(command.item_id, _STATES[command.status])


def same_request(known: Asked, asked: Asked) -> None:
    """Refuse with 422 a key used for other words or by somebody else."""
    if (known.person_id, known.body_hash) != (asked.person_id, asked.body_hash):
        raise refuse(
            422,
            "key_reused",
            Text("此请求号已用于另一内容。", "This key was used for something else."),
            Text("生成新的请求号后再发送。", "Make a new key and send again."),
            where="Idempotency-Key",
        )


def enabled(limits: Limits) -> None:
    """Refuse with 503 while control is switched off."""
    if not limits.enabled:
        raise refuse(
            503,
            "read_only",
            Text("闸门控制已停用,仅可查看和停止。", "Gate control is off; viewing and STOP work."),
            Text("联系运维和领导启用。", "Ask maintainer and leader to switch it on."),
        )


def online(link: str, device_id: str) -> None:
    """Refuse with 503 what would go to a device that is not heard: nothing is ever queued."""
    if link == "offline":
        raise refuse(
            503,
            "device_offline",
            Text("设备离线,命令未受理。", "The device is offline; the command was not taken."),
            Text("恢复通信后重新申请,或现地操作。", "Ask anew once it is back, or act on site."),
            where=device_id,
        )


def busy(active: GateCommand) -> Refused:
    """Refuse a second command on one device, naming who has it in hand."""
    return Refused(
        Problem(
            status=409,
            code="busy",
            what=Text(
                f"此闸正由 {active.requested_by.name} 操作({_STATES[active.status].zh})。",
                f"{active.requested_by.name} has this gate in hand: {_STATES[active.status].en}.",
            ),
            todo=Text("等其结束,或与其联系。", "Wait until it ends, or call them."),
            where=active.item_id,
            holder=active.requested_by.name,
        )
    )


def in_flight(command_id: str) -> Refused:
    """Refuse a request whose twin is being worked on this moment."""
    return refuse(
        409,
        "in_flight",
        Text("同一请求正在处理。", "The same request is being worked on."),
        Text("稍候查看结果。", "Wait a moment and look at its result."),
        where=command_id,
    )


def fits(gate: Gate, body: CommandRequest) -> None:
    """Refuse with 422 bays or openings the gate does not have."""
    own = {bay.no for bay in gate.bays}
    if not own.issuperset(body.bays) or len(set(body.bays)) != len(body.bays):
        raise unfit(
            "bays",
            Text("所选闸孔不存在或重复。", "A bay does not exist or is named twice."),
            Text("重新选择闸孔。", "Choose the bays again."),
        )
    if body.target_m > gate.full_open_m:
        raise unfit(
            "target_m",
            Text(
                f"目标超过全开 {gate.full_open_m:g} m。",
                f"The target is beyond full opening, {gate.full_open_m:g} m.",
            ),
            Text("减小目标开度。", "Choose a smaller opening."),
        )
    if len(body.present_m) != len(body.bays):
        raise unfit(
            "present_m",
            Text("每个闸孔都要有当前开度。", "Every bay needs its present opening."),
            Text("刷新后重新申请。", "Refresh and ask anew."),
        )


def unmoved(gate: Gate, body: CommandRequest, etag: str) -> None:
    """Refuse with 412 a wish made on a picture the gate no longer shows."""
    openings = {bay.no: bay.opening_m for bay in gate.bays}
    pairs = zip(body.bays, body.present_m, strict=True)
    as_seen = all(abs(openings[no] - seen) <= rules.PRESENT_M for no, seen in pairs)
    if etag != f"{gate.fence}.{gate.seq}" or not as_seen:
        raise refuse(
            412,
            "state_moved",
            Text("闸门状态在你查看之后已变化。", "The gate has moved on since you saw it."),
            _LOOK,
            where="If-Match",
        )


def same_words(command: GateCommand, body_hash: str) -> None:
    """Refuse with 422 a consent bound to other words than the command's."""
    if body_hash != command.body_hash:
        raise refuse(
            422,
            "hash_differs",
            Text("授权内容与命令不一致。", "What you consent to is not this command."),
            Text("重新打开命令后再授权。", "Open the command again before you authorise."),
            where="body_hash",
        )


def same_person(command: GateCommand) -> Refused:
    """Refuse the requester as second person."""
    return refuse(
        403,
        "same_person",
        Text("申请人不得授权自己的命令。", "Nobody authorises their own command."),
        Text("请值班领导或领导授权。", "Ask a duty leader or leader to authorise it."),
        where=command.item_id,
    )


def not_yours(command: GateCommand) -> Refused:
    """Refuse calling off somebody else's command."""
    return refuse(
        403,
        "not_yours",
        Text("只有申请人、授权人或领导可中止。", "Requester, authoriser or a leader may abort."),
        Text("紧急时请按停止。", "In an emergency press STOP."),
        where=command.item_id,
    )


def expired(command_id: str) -> Refused:
    """Refuse a consent that came too late."""
    return refuse(
        409,
        "expired",
        Text("命令已过有效期。", "The command has expired."),
        _LOOK,
        where=command_id,
    )


def _missing(header: str) -> Refused:
    return refuse(
        428,
        "header_missing",
        Text(f"缺少请求头 {header}。", f"The header {header} is missing."),
        Text("刷新后重试;若重复出现,更新程序。", "Refresh and retry; else update the program."),
        where=header,
    )


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


NO_ANSWER = Text(
    "设备无应答!请立即现场停机。", "The device did not answer! Stop it on site at once."
)
