"""Sluices and ship locks: what is measured, what is asked, what the device did."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from backend_client.contract.base import (
    Count,
    Flag,
    Frozen,
    Id,
    Instant,
    Lat,
    Line,
    Lon,
    Number,
    Text,
)
from backend_client.contract.item import PersonRef, WorkItem

BayNo = Annotated[int, Field(strict=True, ge=1, le=99)]
OpeningM = Annotated[float, Field(strict=True, ge=0, le=20, allow_inf_nan=False)]


class GateKind(StrEnum):
    """What stands there."""

    SLUICE = "sluice"  # 节制闸
    TIDE_GATE = "tide_gate"  # 挡潮闸
    DRAIN_GATE = "drain_gate"  # 排涝闸
    GATE_PUMP = "gate_pump"  # 闸站
    PUMP = "pump"  # 泵站
    LOCK = "lock"  # 船闸


class BayMode(StrEnum):
    """Who has the bay in hand."""

    REMOTE = "remote"
    LOCAL = "local"
    MAINTENANCE = "maintenance"


FAULTS: Mapping[str, Text] = {
    "jam": Text("卡阻", "jammed"),
    "reverse": Text("反向运动", "moved the wrong way"),
    "travel_timeout": Text("行程超时", "travel took too long"),
    "switch_disagree": Text("限位与编码器不符", "limit switch and encoder disagree"),
}
"""What a device's word for a latched fault means to people."""


def fault_text(word: str) -> Text:
    """Say a device's word for a fault in both languages; a word not known here is quoted."""
    return FAULTS.get(word, Text(f"设备报告 {word}", f"the device reports {word}"))


class Bay(Frozen):
    """One opening of a sluice as last read from its device; `fault` is the device's own word."""

    no: BayNo
    opening_m: Number
    moving: Flag
    mode: BayMode
    fault: Line | None = None


class Window(Frozen):
    """A span in which the outer level lies below the inner one: gravity drains."""

    start_at: Instant
    end_at: Instant


class Gate(WorkItem):
    """A sluice, lock or pump as last read; `fence.seq` is the state a command must match.

    Units: levels and openings in m (吴淞), flow in m3/s, out of the city positive.
    """

    kind: Literal["gate"] = "gate"
    name: Text
    gate_kind: GateKind
    river: Line
    outlet: Line
    lon: Lon
    lat: Lat
    inner_level_m: Number | None
    outer_level_m: Number | None
    bays: tuple[Bay, ...]
    sill_m: Number
    bay_width_m: Number
    full_open_m: Number
    flow_m3s: Number | None
    design_flow_m3s: Number | None = None
    vessels_near: Count | None = None
    navigation_stopped: Flag | None = None
    link: Literal["online", "late", "offline"]
    observed_at: Instant | None
    fence: Count
    seq: Count
    held_by: Id | None = None
    next_window: Window | None = None
    simulated: Flag = True


class CommandStatus(StrEnum):
    """The command's states; the last six are terminal (`unknown` is resolved by reading)."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    SELECTING = "selecting"
    SELECTED = "selected"
    OPERATING = "operating"
    EXECUTING = "executing"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    ABORTED = "aborted"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


TERMINAL: frozenset[CommandStatus] = frozenset(
    {
        CommandStatus.CONFIRMED,
        CommandStatus.REJECTED,
        CommandStatus.EXPIRED,
        CommandStatus.ABORTED,
        CommandStatus.FAILED,
        CommandStatus.TIMED_OUT,
    }
)


def _both(value: object) -> object:
    """Read a value kept before it was said in two languages."""
    return Text(value, value) if isinstance(value, str) else value


class Interlock(Frozen):
    """One condition with its live value; a failed one blocks execution."""

    key: Id
    name: Text
    value: Annotated[Text, BeforeValidator(_both)]
    ok: Flag


class Step(Frozen):
    """One transition of a command: to which state, when, by whom, why."""

    status: CommandStatus
    at: Instant
    by: PersonRef | None = None
    note: Text | None = None


class GateCommand(WorkItem):
    """One guarded command from request to proof."""

    kind: Literal["gate_command"] = "gate_command"
    gate_id: Id
    gate_name: Text
    bays: tuple[BayNo, ...]
    present_m: tuple[Number, ...]
    target_m: OpeningM
    flow_m3s: Number | None
    reason: Line
    dispatch_no: Line
    status: CommandStatus
    requested_by: PersonRef
    authorised_by: PersonRef | None = None
    expires_at: Instant
    fence: Count
    seq: Count
    body_hash: Line
    interlocks: tuple[Interlock, ...]
    history: tuple[Step, ...]


class CommandRequest(Frozen):
    """Ask for one target opening on some bays. Headers: Idempotency-Key, If-Match."""

    bays: Annotated[tuple[BayNo, ...], Field(min_length=1, max_length=99)]
    present_m: Annotated[tuple[OpeningM, ...], Field(min_length=1, max_length=99)]
    target_m: OpeningM
    reason: Annotated[str, Field(min_length=4, max_length=200)]
    dispatch_no: Annotated[str, Field(min_length=4, max_length=40)]
    ttl_s: Annotated[int, Field(strict=True, ge=5, le=300)] = 120


class Authorise(Frozen):
    """Second person's consent, bound to the exact command by its hash. Header: If-Match."""

    body_hash: Line
    totp: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Stop(Frozen):
    """Stop every bay of a device now: one person, no select, no second person."""

    reason: Line = ""


class StopResult(Frozen):
    """What the device answered to a stop; motion zero is proved by the next reading."""

    device_id: Id
    accepted: Flag
    at: Instant
    note: Text | None = None
