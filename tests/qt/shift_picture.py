"""The shift log of the screen tests' picture: two pages, their lines, what is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.item import PersonRef
from backend_client.contract.shifts import (
    LineKind,
    OpenItem,
    OpenItems,
    ShiftLine,
    ShiftPage,
    Sight,
    Signature,
)
from tests.qt.people import CHEN, NOW, ZHOU, head


def claim(event_id: str, holder: PersonRef, *, minutes: int = 5) -> Claim:
    """Give somebody's hand on an event."""
    return Claim(
        **(head(event_id, "320613", "D41", NOW) | {"allowed": ()}),
        title="路灯不亮",
        holder=holder,
        until_at=NOW + timedelta(minutes=minutes),
    )


LOG: tuple[tuple[str, str, str, PersonRef | None], ...] = (
    ("shift", "接班开页,承接未了事项 4 项", "Page begun, 4 open items taken over", CHEN),
    ("seat", "值班领导 顾建华 登录", "Duty leader Gu Jianhua signed in", None),
    ("alarm", "Ⅱ 级报警 天生港 水位 5.26 m 超警戒 0.06 m", "Alarm, level Ⅱ: Tianshenggang", None),
    ("alarm", "Ⅱ 级确认 天生港 水位 5.26 m 超警戒 0.06 m", "Acknowledged, level Ⅱ", ZHOU),
    ("gate", "洋口外闸 闸门命令 → 0.80 m 申请", "Yangkou gate command → 0.80 m requested", ZHOU),
    ("gate", "洋口外闸 闸门命令 → 0.80 m 到位", "Yangkou gate command → 0.80 m confirmed", None),
    ("note", "已电话核实天生港水位,巡堤队 2 队到位", "Level confirmed by phone", ZHOU),
    ("order", "工单逾期 下水道堵塞", "Order overdue: blocked drain", None),
    ("shelved", "搁置 45 分 三条港雨量计:检修", "Shelved 45 min: rain gauge", ZHOU),
    ("feed", "Ⅳ 级报警 群租房主数据中断", "Alarm, level Ⅳ: housing feed dead", None),
    ("note", "洋口外闸 3 号孔启闭机异响,待水利检修", "Bay 3 hoist noisy, repair asked", CHEN),
)


def shift_lines(page_id: str = "shift-hall-12") -> tuple[ShiftLine, ...]:
    """Give the lines of a page, as the service wrote and chained them."""
    return tuple(
        ShiftLine(
            page_id=page_id,
            no=number,
            at=NOW - timedelta(minutes=9 * (len(LOG) - number)),
            kind=LineKind(kind),
            text=Text(zh, en),
            by=by,
            carry=number == len(LOG),
            sight=Sight(scene="water", at=NOW, lon=121.03, lat=32.55, zoom=13.0)
            if kind == "note"
            else None,
            previous=f"{number - 1:064x}",
            hash=f"{number:064x}",
        )
        for number, (kind, zh, en, by) in enumerate(LOG, start=1)
    )


def shift_pages(**more: Any) -> tuple[ShiftPage, ShiftPage]:
    """Give the page before, signed and locked, and the open one."""
    begins = NOW.replace(hour=0, minute=0, second=0)
    usual: dict[str, Any] = {
        "group": "hall",
        "group_title": Text("指挥大厅", "Command hall"),
        "shift": Text("白班", "day shift"),
        "from_at": begins,
        "to_at": begins + timedelta(hours=12),
        "began_at": begins - timedelta(minutes=6),
    }
    signed = [Signature(person=who, at=usual["began_at"], lines=41) for who in (ZHOU, CHEN)]
    before = ShiftPage(
        **(head("shift-hall-11", "3206", "D41", NOW) | usual | {"allowed": ()}),
        no=11,
        state="locked",
        lines=43,
        head="5be0cd19137e2179" * 4,
        handed_by=signed[0],
        taken_by=signed[1],
        locked_at=usual["began_at"],
    )
    present = ShiftPage(
        **(head("shift-hall-12", "3206", "D41", NOW) | usual | {"allowed": ()} | more),
        no=12,
        lines=len(LOG),
        previous_id="shift-hall-11",
    )
    return before, present


def open_items() -> OpenItems:
    """Give what the open page would hand on."""
    rows: tuple[tuple[str, str, str, int], ...] = (
        ("gate_command", "洋口外闸 闸门命令 → 0.80 m", "Yangkou gate command → 0.80 m", 0),
        ("alarm", "天生港 水位 5.26 m 超警戒 0.06 m", "Tianshenggang 0.06 over warning", 2),
        ("alarm", "危化品车 苏F·D3017挂 异常停留", "Hazmat truck stopped 22 min", 3),
        ("event", "下水道堵塞", "blocked drain", 0),
        ("instruction", "强降雨前排查低洼点(待签收 3)", "Check low spots (3 not signed)", 0),
        ("note", "洋口外闸 3 号孔启闭机异响,待水利检修", "Bay 3 hoist noisy", 0),
    )
    items = tuple(
        OpenItem(
            kind=cast("Any", kind),
            item_id=f"item-{number}",
            text=Text(zh, en),
            since_at=NOW - timedelta(minutes=13 * number),
            level=level,
        )
        for number, (kind, zh, en, level) in enumerate(rows, start=1)
    )
    return OpenItems(page_id="shift-hall-12", items=items, count=len(items))
