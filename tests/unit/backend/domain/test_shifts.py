"""Which shift it is, what a page hands on, and which deeds write themselves into the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import alarms, logbook, shifts
from backend.domain.alarms import Cause
from backend.domain.refused import Refused
from backend.domain.told import Told
from backend.services.scribe import load_table
from backend_client.contract.alarms import Alarm, AlarmState, Shelve
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import CITY, EVERY_DEPARTMENT, Text
from backend_client.contract.item import PersonRef
from backend_client.contract.shifts import LineIn, LineKind, LineRef, ShiftPage

TABLE = load_table()
HALL = TABLE.groups[0]
MORNING = datetime(2026, 7, 20, 1, 41, tzinfo=UTC)  # 09:41 in the city
JING = PersonRef(person_id="operator", name="李静")
MIN = Person(
    person_id="duty",
    name="周敏",
    role=Role.DUTY_LEADER,
    regions=(CITY,),
    departments=(EVERY_DEPARTMENT,),
)


def cause(level: int = 2) -> Cause:
    return Cause(
        cause="water:NT-G01:warning",
        source_kind="feature",
        source_id="NT-G01",
        layer="water",
        level=level,
        title=Text("洋口外闸 超警戒", "Yangkou over warning"),
        action=Text("加密巡查", "patrol more often"),
        owner=Text("水利局", "water bureau"),
        region="320623",
        department="D27",
    )


def told(action: str, item: Alarm, was: Alarm | None = None) -> Told:
    return Told(action, f"alarm/{item.item_id}", None, item, was, {})


def page(at: datetime = MORNING) -> ShiftPage:
    return shifts.begin(HALL, TABLE.span(at), at, no=1)


@pytest.mark.parametrize(
    ("at", "title", "from_", "to"),
    [
        (MORNING, "白班", (20, 0), (20, 12)),
        (datetime(2026, 7, 20, 0, 0, tzinfo=UTC), "白班", (20, 0), (20, 12)),
        (datetime(2026, 7, 19, 23, 59, 59, tzinfo=UTC), "夜班", (19, 12), (20, 0)),
        (datetime(2026, 7, 20, 12, 0, tzinfo=UTC), "夜班", (20, 12), (21, 0)),
    ],
)
def test_a_shift_is_told_in_the_citys_time(
    at: datetime, title: str, from_: tuple[int, int], to: tuple[int, int]
) -> None:
    span = TABLE.span(at)
    assert span.title.zh == title
    assert [
        (one.astimezone(UTC).day, one.astimezone(UTC).hour) for one in (span.from_at, span.to_at)
    ] == [
        from_,
        to,
    ]


@pytest.mark.parametrize(
    ("after_from", "title"),
    [
        (timedelta(hours=5), "白班"),  # a change in mid-shift goes on with the same shift
        (timedelta(hours=11, minutes=30), "夜班"),
        (timedelta(hours=13), "夜班"),
        (timedelta(hours=25), "白班"),  # unsigned for a whole shift: the one there is now
    ],
)
def test_the_next_page_is_for_the_next_shift(after_from: timedelta, title: str) -> None:
    present = page()
    assert TABLE.after(present, present.from_at + after_from).title.zh == title


def test_groups_write_what_concerns_them() -> None:
    places = [("320623", "D27"), ("320613", "D24"), ("3206", "D27")]
    seen = {one.group_id: [one.concerns(*place) for place in places] for one in TABLE.groups}
    assert seen == {
        "hall": [True, True, True],
        "water": [True, False, True],
        "rudong": [True, False, False],
    }


def test_only_grave_alarms_write_themselves_and_new_words_alone_do_not() -> None:
    grave, mild = (alarms.begin(cause(level), "alarm-1", MORNING) for level in (2, 3))
    worse = alarms.again(mild, cause(1), MORNING)
    entries = logbook.entries(
        [
            told("alarm.raise", grave),
            told("alarm.raise", mild),
            told("alarm.raise", grave, grave),
            told("alarm.raise", worse, mild),
            told("alarm.return", grave, grave),
            told("alarm.rename", grave),
        ]
    )
    assert [one.text.zh for one in entries] == [
        "Ⅱ 级报警 洋口外闸 超警戒",
        "Ⅰ 级报警 洋口外闸 超警戒",
        "Ⅱ 级恢复 洋口外闸 超警戒",
    ]


def test_every_silence_is_told_with_reason_and_length() -> None:
    mild = alarms.begin(cause(4), "alarm-1", MORNING)
    wish = Shelve(version=1, reason="检修", until_at=MORNING + timedelta(minutes=45))
    aside = alarms.shelve(mild, wish, by=JING, at=MORNING)
    (entry,) = logbook.entries([told("alarm.shelve", aside, mild)])
    assert (entry.kind, entry.text.zh) == (LineKind.SHELVED, "搁置 45 分 洋口外闸 超警戒:检修")


def test_a_flood_is_one_line_and_a_few_are_a_few() -> None:
    many = [logbook.Entry(LineKind.ALARM, Text(f"警{n}", f"a{n}"), "3206", "D27") for n in range(9)]
    feed = logbook.Entry(LineKind.FEED, Text("断", "dead"), "3206", "D27")
    kept = logbook.folded([many[0], feed, *many[1:]])
    assert [one.text.zh for one in kept] == ["9 条,首发:警0;警1;警2", "断"]
    assert logbook.folded(many[:5]) == many[:5]


def test_only_a_supervisors_sign_in_is_told() -> None:
    def signed(person: Person) -> Told:
        return Told("auth.sign_in", "session/x", person, None, None, {})

    operator = MIN.model_copy(update={"role": Role.OPERATOR})
    entries = logbook.entries([signed(MIN), signed(operator)])
    assert [one.text.zh for one in entries] == ["值班领导 周敏 登录"]


def test_typed_lines_need_words_and_corrections_need_their_line() -> None:
    note = LineIn(entry_id="e1", text=" 已电话核实 ", carry=True)
    line = shifts.typed(note, None, by=JING, at=MORNING)
    assert (line.text.zh, line.carry, line.by) == ("已电话核实", True, JING)
    for wrong in (
        LineIn(entry_id="e2", text="   "),
        LineIn(entry_id="e3", text="改正", kind=LineKind.CORRECTION),
        LineIn(entry_id="e4", text="见前", refers_to=LineRef(page_id="shift-hall-1", no=9)),
    ):
        with pytest.raises(Refused) as no:
            shifts.typed(wrong, None, by=JING, at=MORNING)
        assert no.value.problem.status == 422


def test_a_note_is_carried_until_it_is_settled() -> None:
    def line(no: int, kind: LineKind, **more: object) -> object:
        made = shifts.written(kind, Text(f"记{no}", f"n{no}"), MORNING, by=JING)
        return made.model_copy(update={"page_id": "shift-hall-1", "no": no, **more})

    first, second = (line(no, LineKind.NOTE, carry=True) for no in (1, 2))
    ends = line(3, LineKind.SETTLED, refers_to=LineRef(page_id="shift-hall-1", no=1))
    left = shifts.carried_notes(page(), [first, second, ends])  # type: ignore[list-item]
    assert [one.text.zh for one in left] == ["记2"]
    following = page().model_copy(update={"carried": tuple(left)})
    assert shifts.carried_notes(following, []) == left


def test_the_gravest_and_oldest_come_first() -> None:
    found = [
        alarms.begin(cause(level), f"alarm-{level}{hours}", MORNING - timedelta(hours=hours))
        for level, hours in ((3, 9), (1, 1), (1, 2))
    ]
    shelved = found[0].model_copy(update={"state": AlarmState.SHELVED})
    closed = found[1].model_copy(update={"state": AlarmState.CLOSED})
    items = shifts.open_items([shelved, closed, found[2]], [], [], [], [], MORNING)
    assert [one.item_id for one in items] == ["alarm-12", "alarm-39"]
