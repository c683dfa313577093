"""Write the shift log by itself: what a unit did becomes lines in that same unit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from backend.domain import logbook, shifts
from backend.domain.logbook import Entry
from backend.domain.shifts import Group, Shift, Table
from backend.domain.tables import BadTableError
from backend.domain.told import Told
from backend.services.policy import Policy
from backend.storage import shifts as lines
from backend.storage.shifts import NewLine
from backend.storage.tables import WORK_ITEM
from backend.storage.unit import Unit
from backend_client.contract.base import Text
from backend_client.contract.shifts import LineKind, OpenItem, ShiftPage

TABLE_FILE = Path(__file__).parents[2] / "resources" / "shifts.toml"
_REGION: Final = r"[0-9A-Z]{4,12}"
_UNIT: Final = r"D[0-9]{2}"
_COVERS: Final = r"D[0-9]{2}|\*"


def load_table(path: Path = TABLE_FILE) -> Table:
    """Read the editable shift table.

    Raises:
        BadTableError: where, what and what to write instead.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        groups = tuple(_group(at, row) for at, row in enumerate(table["group"], 1))
        of_day = tuple(_shift(at, row) for at, row in enumerate(table["shift"], 1))
        zone = timezone(timedelta(hours=table["utc_offset_h"]))
        made = Table(groups, of_day, zone, timedelta(minutes=table["early_min"]))
    except BadTableError as error:
        raise BadTableError(f"{path.name}: {error}") from error
    except KeyError as error:
        raise BadTableError(f"{path.name}: 缺少 / missing {error}") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadTableError(
            f"{path.name}: {error}。请对照自带的表 / compare it with the table that came with it"
        ) from error
    if not groups or not of_day:
        raise BadTableError(
            f"{path.name}: 至少一个 [[group]] 和一个 [[shift]] / write one [[group]] and one "
            "[[shift]] at least"
        )
    return made


def _group(at: int, row: Mapping[str, Any]) -> Group:
    try:
        made = Group(
            str(row["id"]),
            Text(row["zh"], row["en"]),
            str(row["region"]),
            str(row["department"]),
            tuple(row["covers"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadTableError(
            f"group {at}: 需要 id、zh、en、region、department、covers / needs id, zh, en, region, "
            f"department, covers ({type(error).__name__}: {_first(error)})"
        ) from error
    if not re.fullmatch(_REGION, made.region) or not re.fullmatch(_UNIT, made.department):
        raise BadTableError(
            f'group {at}: region 写作 "3206"、department 写作 "D41" / write region as "3206", '
            'department as "D41"'
        )
    if isinstance(row["covers"], str) or not all(re.fullmatch(_COVERS, c) for c in made.covers):
        raise BadTableError(f'group {at}: covers 写作 ["D27"] 或 ["*"] / write covers as ["D27"]')
    return made


def _shift(at: int, row: Mapping[str, Any]) -> Shift:
    try:
        begins = time.fromisoformat(row["begins"])
        return Shift(str(row["id"]), Text(row["zh"], row["en"]), begins)
    except (ValueError, KeyError, TypeError) as error:
        raise BadTableError(
            f'shift {at}: 需要 id、zh、en、begins，begins 写作 "08:00" / needs id, zh, en and '
            f'begins as "08:00" ({type(error).__name__}: {_first(error)})'
        ) from error


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Scribe:
    """Keep every group's open page; `Database` calls it at the end of each unit."""

    table: Table
    policy: Policy

    def __call__(self, unit: Unit, told: Sequence[Told]) -> None:
        """Write what a unit did into the pages it concerns."""
        found = [_placed(unit, one) for one in logbook.entries(told)]
        if found:
            self.write(unit, found)

    def write(self, unit: Unit, found: Sequence[Entry]) -> None:
        """Write entries into the open page of every group they concern, a flood as one line."""
        pages = {page.group: page for page in lines.open_pages(unit.connection)}
        for group in self.table.groups:
            own = logbook.folded([one for one in found if self._concerns(group, one)])
            if own:
                page = pages.get(group.group_id) or self.begin(unit, group)
                self.add(unit, page, [NewLine(one.line(unit.clock.now())) for one in own])

    def begin(
        self,
        unit: Unit,
        group: Group,
        *,
        previous: ShiftPage | None = None,
        items: Sequence[OpenItem] = (),
    ) -> ShiftPage:
        """Begin a group's next page with the line that says so."""
        at = unit.clock.now()
        span = self.table.after(previous, at) if previous else self.table.span(at)
        no = lines.latest_no(unit.connection, group.group_id) + 1
        page = shifts.begin(group, span, at, no=no, previous=previous, items=items)
        by = previous.taken_by.person if previous and previous.taken_by else None
        unit.add(page, by=None, action="shift.begin")
        first = shifts.written(LineKind.SHIFT, logbook.begun(len(items)), at, by=by)
        return self.add(unit, page, [NewLine(first)])

    @staticmethod
    def add(unit: Unit, page: ShiftPage, new: Sequence[NewLine]) -> ShiftPage:
        """Chain lines onto a page and tell the streams how far it has come."""
        longer = lines.append(unit.connection, page, new)
        head = unit.observe(longer)
        return longer.model_copy(update={"version": head.version})

    def group(self, page: ShiftPage) -> Group | None:
        """Give a page's group, None when the table no longer has it."""
        return next((one for one in self.table.groups if one.group_id == page.group), None)

    def _concerns(self, group: Group, entry: Entry) -> bool:
        if entry.sign_in is not None:
            return self.policy.sees(entry.sign_in, group.region, group.department)
        return group.concerns(entry.region, entry.department)


def _placed(unit: Unit, entry: Entry) -> Entry:
    """Look up where the thing an entry is about belongs, when the deed did not say."""
    if entry.region or entry.ref is None:
        return entry
    asked = select(WORK_ITEM.c.region, WORK_ITEM.c.department).where(
        WORK_ITEM.c.kind == entry.ref.kind, WORK_ITEM.c.item_id == entry.ref.item_id
    )
    row = unit.connection.execute(asked).first()
    return replace(entry, region=row.region, department=row.department) if row else entry
