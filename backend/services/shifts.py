"""The shift log for people: read, write, search, take out, hand over, prove."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol, TypeVar

from backend.domain import logbook
from backend.domain import shifts as rules
from backend.domain.refused import forbidden, not_found
from backend.domain.shifts import Group
from backend.services.policy import Policy
from backend.services.scribe import Scribe
from backend.storage import shifts as lines
from backend.storage.database import Database
from backend.storage.dialect import upsert
from backend.storage.gates import open_commands
from backend.storage.shifts import NewLine
from backend.storage.tables import META
from backend.storage.unit import Unit, View
from backend_client.contract.auth import Person, SignIn
from backend_client.contract.clock import Clock
from backend_client.contract.instructions import Instruction
from backend_client.contract.item import Head, PersonRef, WorkItem
from backend_client.contract.shifts import (
    FoundLines,
    Handover,
    LineIn,
    LinesPage,
    OpenItem,
    OpenItems,
    PageProof,
    ShiftLine,
    ShiftPage,
    Signature,
)

T = TypeVar("T", bound=WorkItem)
_MARK_EVERY = timedelta(minutes=1)
_DUE = "shift_orders_due"  # the instant up to which overdue orders are told
_BATCH = 1_000
_FORMULA = frozenset("=+-@\t\r")
_HEADS = ("行号", "时间", "类别", "内容", "Content", "记录人", "所指", "链")


class Vouching(Protocol):
    """Whoever knows persons by their credentials."""

    def vouch(self, given: SignIn) -> Person:
        """Check name and password, or refuse."""
        ...

    def verify_totp(self, unit: Unit, person_id: str, code: str) -> None:
        """Accept a one-time code once, or refuse."""
        ...


@dataclass(frozen=True, slots=True)
class Shifts:
    """What people do with the log. Sync: call it from worker threads."""

    database: Database
    policy: Policy
    clock: Clock
    scribe: Scribe
    auth: Vouching

    def lines(self, person: Person, page_id: str, *, after: int, limit: int) -> LinesPage:
        """Read a page's lines after a number.

        Raises:
            Refused: 404.
        """
        with self.database.read() as view:
            self._seen(view, person, page_id)
            rows = lines.page(view.connection, page_id, after=after, limit=limit)
        return LinesPage(
            page_id=page_id, rows=rows, next=rows[-1].no if len(rows) == limit else None
        )

    def write(self, person: Person, page_id: str, body: LineIn) -> Head:
        """Write a typed line; the same `entry_id` again changes nothing.

        Raises:
            Refused: 404, 403, 409 on a locked page, 422.
        """
        with self.database.write() as unit:
            page = self._seen(unit, person, page_id)
            self.policy.check_item(person, "shift.write", page)
            if lines.entry(unit.connection, body.entry_id) is not None:
                return unit.head(page)
            rules.must_be_open(page)
            at, by = self.clock.now(), _ref(person)
            line = rules.typed(body, self._referred(unit, page, body), by=by, at=at)
            page = self.scribe.add(unit, page, [NewLine(line, body.entry_id)])
            unit.audit("shift.write", f"{page_id}/{page.lines}", by=person)
            return unit.head(page)

    def search(self, person: Person, words: str, *, limit: int) -> FoundLines:
        """Find lines by their words on every page in the person's sight, newest first."""
        with self.database.read() as view:
            places = [
                place for place in lines.places(view.connection) if self.policy.sees(person, *place)
            ]
            if not places:
                return FoundLines(rows=(), more=False)
            rows = lines.found(view.connection, words.split(), places, limit=limit + 1)
        return FoundLines(rows=rows[:limit], more=len(rows) > limit)

    def open_items(self, person: Person, page_id: str) -> OpenItems:
        """Tell what a page would hand on now; of a locked one, what it did hand on.

        Raises:
            Refused: 404.
        """
        with self.database.read() as view:
            page = self._seen(view, person, page_id)
            found = self._open(view, page)
        return OpenItems(
            page_id=page_id, items=tuple(found[: rules.MOST_CARRIED]), count=len(found)
        )

    def hand_over(self, person: Person, page_id: str, body: Handover) -> Head:
        """Lock a page by two signatures and begin the next one with what is still open.

        Returns: the head of the next page.

        Raises:
            Refused: 404, 403 `same_person`, role or code, 401 wrong credentials, 409 locked.
        """
        with self.database.read() as view:
            page = self._seen(view, person, page_id)
        self.policy.check_item(person, "shift.handover", page)
        rules.must_be_open(page)
        taker = self.auth.vouch(body.incoming)
        self._may_take(person, taker, page)
        with self.database.write() as unit:
            page = unit.load(ShiftPage, page_id)
            rules.must_be_open(page)
            self.auth.verify_totp(unit, taker.person_id, body.incoming.totp or "")
            return self._locked(unit, page, (person, taker), body)

    def proof(self, person: Person, page_id: str) -> PageProof:
        """Check a page's chain.

        Raises:
            Refused: 404.
        """
        with self.database.read() as view:
            page = self._seen(view, person, page_id)
            before = view.get(ShiftPage, page.previous_id) if page.previous_id else None
            return lines.prove(view.connection, page, before)

    def export(self, person: Person, page_id: str) -> Iterator[str]:
        """Give a page as CSV, a piece at a time; the first piece has the heads.

        Raises:
            Refused: 404.
        """
        with self.database.read() as view:
            page = self._seen(view, person, page_id)
        return self._csv(page)

    def tend(self) -> None:
        """Begin missing first pages, tell of overdue orders, mark pages past their end."""
        with self.database.read() as view:
            pages = lines.open_pages(view.connection)
            since = view.meta(_DUE)
            now = self.clock.now()
            due = lines.fell_due(view.connection, since, lines.instant(now)) if since else []
        late = [page for page in pages if not page.overdue and page.to_at <= now]
        kept = {page.group for page in pages}
        missing = [one for one in self.scribe.table.groups if one.group_id not in kept]
        stale = since is None or datetime.fromisoformat(since) + _MARK_EVERY <= now
        if not (late or missing or due or stale):
            return
        with self.database.write() as unit:
            for group in missing:
                self.scribe.begin(unit, group)
            for page in late:
                self._mark_late(unit, page.item_id)
            if due:
                self.scribe.write(unit, logbook.overdue(due))
            mark = {"key": _DUE, "value": lines.instant(now)}
            unit.connection.execute(upsert(unit.connection, META, key=("key",)), [mark])

    # ---- parts -----------------------------------------------------------------------------

    def _seen(self, view: View, person: Person, page_id: str) -> ShiftPage:
        page = view.load(ShiftPage, page_id)
        if not self.policy.sees_item(person, page):
            raise not_found(page_id)
        return page

    def _referred(self, unit: Unit, page: ShiftPage, body: LineIn) -> ShiftLine | None:
        """Give the line a typed one refers to, of the same group's pages only."""
        if body.refers_to is None:
            return None
        other = unit.get(ShiftPage, body.refers_to.page_id)
        if other is None or other.group != page.group:
            return None
        return lines.one(unit.connection, other.item_id, body.refers_to.no)

    def _may_take(self, gives: Person, takes: Person, page: ShiftPage) -> None:
        if gives.person_id == takes.person_id:
            raise rules.same_person(page)
        if not self.policy.permits(takes, "shift.handover", page.region, page.department):
            raise forbidden("shift.handover")

    def _locked(
        self, unit: Unit, page: ShiftPage, people: tuple[Person, Person], body: Handover
    ) -> Head:
        at = self.clock.now()
        items = self._open(unit, page)
        seen = min(body.lines, page.lines)
        gives, takes = (Signature(person=_ref(one), at=at, lines=seen) for one in people)
        locked, signed = rules.lock(page, gives, takes, at=at)
        new = [NewLine(line) for line in signed[:-1]]
        if body.note.strip():
            new.insert(0, NewLine(rules.parting(body.note, gives.person, at)))
        new.append(NewLine(signed[-1], closes=True))
        done = lines.append(unit.connection, locked, new)
        detail = {"lines": done.lines, "head": done.head, "taken_by": takes.person.person_id}
        unit.put(done, by=people[0], action="shift.handover", detail=detail)
        group = self.scribe.group(page)
        if group is None:
            return unit.head(done)
        return unit.head(self.scribe.begin(unit, group, previous=done, items=items))

    def _open(self, view: View, page: ShiftPage) -> list[OpenItem]:
        if page.state == "locked":
            following = view.find(ShiftPage, previous_id=page.item_id)
            return list(following[0].carried) if following else []
        group, now = self.scribe.group(page), self.clock.now()
        here = view.connection
        alarms = lines.standing_alarms(here, sorted(rules.OPEN_ALARMS))
        events = lines.late_events(here, sorted(rules.OPEN_EVENTS), lines.instant(now))
        return rules.open_items(
            _concerning(group, alarms),
            _concerning(group, events),
            _concerning(group, open_commands(here)),
            _concerning(group, view.find(Instruction)),
            rules.carried_notes(page, lines.typed(here, page.item_id)),
            now,
        )

    def _mark_late(self, unit: Unit, page_id: str) -> None:
        page = unit.load(ShiftPage, page_id)
        if page.state == "open" and not page.overdue:
            entry = logbook.unsigned(page.shift, page.region, page.department)
            late = page.model_copy(update={"overdue": True})
            self.scribe.add(unit, late, [NewLine(entry.line(self.clock.now()))])

    def _csv(self, page: ShiftPage) -> Iterator[str]:
        yield "\ufeff" + _row(_HEADS)
        after = 0
        while True:
            with self.database.read() as view:
                rows = lines.page(view.connection, page.item_id, after=after, limit=_BATCH)
            for line in rows:
                yield _row(_cells(line, self.scribe.table.zone))
            if len(rows) < _BATCH:
                return
            after = rows[-1].no


def _concerning(group: Group | None, items: Sequence[T]) -> list[T]:
    return [one for one in items if group and group.concerns(one.region, one.department)]


def _ref(person: Person) -> PersonRef:
    return PersonRef(person_id=person.person_id, name=person.name)


def _cells(line: ShiftLine, zone: tzinfo) -> tuple[str, ...]:
    refers = f"{line.refers_to.page_id}:{line.refers_to.no}" if line.refers_to else ""
    about = f"{line.ref.kind}/{line.ref.item_id}" if line.ref else refers
    return (
        str(line.no),
        line.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        line.kind.value,
        line.text.zh,
        line.text.en,
        line.by.name if line.by else "",
        about,
        line.hash,
    )


def _row(cells: Sequence[str]) -> str:
    """Write one row; a cell a spreadsheet would run as a formula is led by a quote."""
    text = io.StringIO()
    csv.writer(text).writerow([f"'{one}" if one[:1] in _FORMULA else one for one in cells])
    return text.getvalue()
