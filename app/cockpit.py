"""What the cockpit says, in words: one value object for the screen and for the daily brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.alarm_board import AlarmBoard
from app.i18n import Words
from app.places import Names
from app.stores import Stores
from backend_client.contract.base import CITY, Text
from backend_client.contract.gates import CommandStatus
from backend_client.contract.indicators import (
    Board,
    Definition,
    Earlier,
    Form,
    Group,
    Reading,
    Units,
    UnitScore,
)

NO_SOURCE: Final = Text("尚无来源", "no source yet")
NOT_HEARD: Final = Text("未收到", "none yet")
GROUPS: Final[Mapping[Group, Text]] = {
    Group.TODAY: Text("今日", "Today"),
    Group.CHANNELS: Text("新增来源", "New by channel"),
    Group.ACCOUNTABILITY: Text("行政问效", "Accountability"),
    Group.SAFETY: Text("安全", "Safety"),
    Group.WATER: Text("水情", "Water"),
    Group.CITY: Text("城市", "City"),
    Group.ECONOMY: Text("经济与服务", "Economy and service"),
    Group.DATA: Text("数据健康", "Data health"),
}
NOTHING_TO_DECIDE: Final = Text("今日无待决事项", "Nothing to decide today")
MOST_DECISIONS: Final = 3
GRAVE: Final = 3
_ALARMS: Final = "alarms_"
_MARKS: Final = "▲▼"


@dataclass(frozen=True, slots=True)
class Tile:
    """One indicator as it is read out.

    Args:
        value: the number, empty where there is none.
        note: target, change or since when it is recorded; instead of a number, why there is none.
        short: the note where there is little room.
        misses: the target is missed, so that the note is bold; no alarm, so no colour.
        level: of the state shape beside the number, 0 for none.
        amount: the number itself, for bars and maps.
    """

    indicator: str
    name: str
    value: str
    unit: str
    note: str
    short: str = ""
    misses: bool = False
    level: int = 0
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that waits for a person: what it is, the facts, what to do and whose it is."""

    key: str
    level: int
    title: str
    facts: str
    action: str


@dataclass(frozen=True, slots=True)
class Cockpit:
    """Everything the cockpit says of a region at one instant."""

    at: datetime
    region: str
    tiles: Mapping[str, Tile]
    groups: Mapping[Group, tuple[Tile, ...]]

    def of(self, group: Group) -> tuple[Tile, ...]:
        """Give a group's tiles in their order."""
        return self.groups.get(group, ())


def cockpit_of(board: Board, words: Words) -> Cockpit:
    """Write every reading of a board out."""
    readings = {one.indicator: one for one in board.readings}
    groups: dict[Group, list[Tile]] = {}
    for one in board.definitions:
        tile = tile_of(one, readings.get(one.indicator), words)
        groups.setdefault(one.group, []).append(tile)
    tiles = {tile.indicator: tile for found in groups.values() for tile in found}
    ordered = {group: tuple(found) for group, found in groups.items()}
    return Cockpit(board.at, board.region, tiles, ordered)


def tile_of(definition: Definition, reading: Reading | None, words: Words) -> Tile:
    """Write one reading out."""
    name, unit = words.say(definition.name), words.say(definition.unit)
    if not definition.live:
        return Tile(definition.indicator, name, "", "", words.say(NO_SOURCE))
    value = reading.value if reading else None
    if reading is None or value is None:
        return Tile(definition.indicator, name, "", "", words.say(NOT_HEARD))
    misses = _misses(definition, value)
    level = 0
    if definition.indicator.startswith(_ALARMS) and value:
        level = int(definition.indicator.removeprefix(_ALARMS))
    return Tile(
        indicator=definition.indicator,
        name=name,
        value=value_words(definition, value, words),
        unit="" if definition.form is Form.FIRST else unit,
        note=(note := _note(definition, reading, words, misses=misses)),
        short=" ".join(note.split(" ")[:2]) if note[:1] in _MARKS else "",
        misses=misses,
        level=level,
        amount=value,
    )


def value_words(definition: Definition, value: float | None, words: Words) -> str:
    """Write a number of an indicator; an instant as the time of day."""
    if definition.form is Form.FIRST and value is not None:
        return words.minute(datetime.fromtimestamp(value, UTC))
    return words.number(value, definition.digits)


def _misses(definition: Definition, value: float) -> bool:
    target = definition.target
    if target is None or not definition.better:
        return False
    return value < target if definition.better == "high" else value > target


def _note(definition: Definition, reading: Reading, words: Words, *, misses: bool) -> str:
    """Say the target when there is one, else the change, else since when it is recorded."""
    if definition.target is not None:
        target = words.number(definition.target, definition.digits)
        if not misses:
            return words.pick(f"目标 {target}", f"target {target}")
        is_high = definition.better == "high"
        return words.pick(
            f"{'低' if is_high else '高'}于 {target}", f"{'below' if is_high else 'above'} {target}"
        )
    return change_words(definition, reading, words)


def change_words(definition: Definition, reading: Reading, words: Words) -> str:
    """Say how the number stands to the same hour of an earlier day, or since when it is known."""
    if definition.form is Form.FIRST:
        return ""
    earlier = reading.earlier
    if earlier is None:
        if reading.since_at is None:
            return ""
        day = words.day(reading.since_at)
        return words.pick(f"{day}起", f"since {day}")
    change = round(earlier.now - earlier.then, definition.digits)
    if not change:
        return _same(earlier, words)
    mark = _MARKS[0] if change > 0 else _MARKS[1]
    size = words.number(abs(change), definition.digits)
    is_week = _is_week(earlier)
    against = (
        words.pick("较上周同时", "vs last week")
        if is_week
        else words.pick("较昨日同时", "vs yesterday")
    )
    return f"{mark} {size} {against}"


def _is_week(earlier: Earlier) -> bool:
    return (earlier.now_at - earlier.then_at).days >= 7


def _same(earlier: Earlier, words: Words) -> str:
    if _is_week(earlier):
        return words.pick("与上周同时持平", "as last week")
    return words.pick("与昨日同时持平", "as yesterday")


def decisions(
    board: AlarmBoard, stores: Stores, words: Words, overdue: Tile | None
) -> tuple[Decision, ...]:
    """Give what waits for a decision, at most three: grave alarms, second persons, the overdue.

    A command expires within a minute, so alarms leave one place to those that wait.
    """
    waiting = [one for one in stores.gate_commands.all() if one.status is CommandStatus.REQUESTED]
    found = [
        Decision(
            key=f"alarm:{alarm.item_id}",
            level=alarm.level,
            title=words.say(alarm.title),
            facts=words.join(words.say(alarm.owner), words.since(alarm.raised_at)),
            action=words.pick("处置：", "Do: ") + words.say(alarm.action),
        )
        for alarm in board.heads(MOST_DECISIONS - bool(waiting))
        if alarm.level <= GRAVE
    ]
    found += [
        Decision(
            key=f"gate:{one.gate_id}",
            level=0,
            title=words.pick(
                f"{one.gate_name.zh} 开度 {one.target_m:.2f} m 待第二人复核",
                f"{one.gate_name.en} to {one.target_m:.2f} m awaits a second person",
            ),
            facts=words.join(one.requested_by.name, one.dispatch_no, one.reason),
            action=words.pick("复核：在坐席打开该闸站", "Review: open the sluice at the desk"),
        )
        for one in waiting
    ]
    if overdue is not None and overdue.amount:
        found.append(
            Decision(
                key="overdue",
                level=0,
                title=words.pick(f"{overdue.value} 件事件逾期", f"{overdue.value} events overdue"),
                facts=overdue.note,
                action=words.pick("督办：下钻到镇街与明细", "Supervise: open by county and row"),
            )
        )
    return tuple(found[:MOST_DECISIONS])


def unit_name(unit: str, names: Names) -> Text:
    """Name a department or a county."""
    return names.department(unit) if unit.startswith("D") else names.region(unit)


def share_words(top: int, bottom: int, words: Words) -> str:
    """Write a share in percent; a dash where there is nothing to share."""
    return words.number(100.0 * top / bottom, 1) if bottom else "–"


def unit_cells(score: UnitScore, words: Words) -> tuple[str, ...]:
    """Write the numbers behind a unit's rank: those that decide it, then the rates of the loop."""
    behind = (score.first_time, score.returned, score.extended, score.redone, score.satisfied)
    return (
        share_words(score.closed_on_time.top, score.closed_on_time.bottom, words),
        share_words(score.signed_on_time.top, score.signed_on_time.bottom, words),
        words.number(score.overdue),
        words.number(score.sent),
        words.number(score.hours, 1),
        *(share_words(one.top, one.bottom, words) for one in behind),
    )


def unit_heads(words: Words) -> tuple[str, ...]:
    """Name the columns of `unit_cells`."""
    return (
        words.pick("按时 %", "On time %"),
        words.pick("签收 %", "Signed %"),
        words.pick("逾期", "Overdue"),
        words.pick("派出", "Sent"),
        words.pick("时长 h", "Hours"),
        words.pick("一次 %", "Once %"),
        words.pick("退单 %", "Back %"),
        words.pick("延期 %", "More time %"),
        words.pick("重办 %", "Redone %"),
        words.pick("满意 %", "Content %"),
    )


def held_first(units: Units | None) -> Sequence[UnitScore]:
    """Give the units as they are ranked; those without orders are left out."""
    return [one for one in units.units if one.sent or one.closed_on_time.bottom] if units else []


def is_city(region: str) -> bool:
    """Tell whether a region is the whole city."""
    return region in ("", CITY)
