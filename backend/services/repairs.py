"""The repair list: refused reports, kept for people to mend, off the door's own way."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.domain.events import OWNER
from backend.domain.refused import forbidden, not_found, wrong_state
from backend.domain.veil import veil
from backend.services.policy import Policy
from backend.storage import repairs as table
from backend.storage.database import Database
from backend.storage.repairs import Refusal
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Channel
from backend_client.contract.item import PersonRef
from backend_client.contract.problem import Problem
from backend_client.contract.repairs import Mending, Repair, RepairsPage, RepairState

MOST_RAW: Final = 65_536
MOST_WAITING: Final = 200
MOST_WAITING_BYTES: Final = 1_000_000
_SEND, _VIEW, _DONE = "event.intake", "repair.view", "repair.done"
_LINE: Final = 200
_NAMES: Final = {
    RepairState.OPEN: Text("待处理", "open"),
    RepairState.MENDED: Text("已修正", "mended"),
    RepairState.DROPPED: Text("已作废", "dropped"),
}


@dataclass(slots=True)
class _Waiting:
    """A refusal on its way into the list."""

    person: Person
    raw: bytes
    is_cut: bool
    problem: Problem
    at: datetime
    count: int = 1


class Repairs:
    """Note refusals in memory and write them down twice a second.

    The door waits for nothing. In a flood a bounded number a turn is kept, the rest counted: a
    broken source neither fills the disk nor holds the writer.
    """

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._bytes = 0
        self._lost = 0

    def note(self, person: Person, raw: bytes, problem: Problem) -> None:
        """Note a refused item; whoever may hand none in is not listened to."""
        if not self._policy.grants(person, _SEND):
            return
        key = (person.person_id, hashlib.sha256(raw).hexdigest())
        kept = raw[:MOST_RAW]
        with self._lock:
            present = self._waiting.get(key)
            if present is not None:
                present.count += 1
                present.at = self._clock.now()
            elif len(self._waiting) < MOST_WAITING and self._bytes < MOST_WAITING_BYTES:
                is_cut = len(raw) > MOST_RAW
                self._waiting[key] = _Waiting(person, kept, is_cut, problem, self._clock.now())
                self._bytes += len(kept)
            else:
                self._lost += 1

    def tend(self) -> None:
        """Write down what was noted; what cannot be written waits for the next turn."""
        with self._turn:
            with self._lock:
                taken = {key: one.count for key, one in self._waiting.items()}
                noted = [(key, self._waiting[key]) for key in taken]
            if not noted:
                return
            rows = [(self._refusal(key, one), taken[key], one.at) for key, one in noted]
            with self._database.write() as unit:
                table.put(unit.connection, rows)
            with self._lock:
                for key, one in noted:
                    one.count -= taken[key]
                    if one.count == 0:
                        del self._waiting[key]
                        self._bytes -= len(one.raw)

    def close(self) -> None:
        """Write down what is left."""
        self.tend()

    def page(
        self, person: Person, *, before: int, limit: int, state: RepairState | None
    ) -> RepairsPage:
        """Read the list as far as a person sees it, newest first."""
        self.tend()
        with self._database.read() as view:
            rows = table.page(
                view.connection, person.regions, before=before, limit=limit, state=state
            )
        seen = tuple(row for row in rows if self._may(person, _VIEW, row))
        return RepairsPage(
            rows=seen, next=rows[-1].no if len(rows) == limit else None, lost=self._lost
        )

    def check_open(self, person: Person, repair_id: str) -> None:
        """Check that a person may see to an item and nobody has.

        Raises:
            Refused: 404, 403, 409.
        """
        with self._database.read() as view:
            self._open(view, person, repair_id)

    def done(self, person: Person, repair_id: str, body: Mending) -> Repair:
        """Say what became of an item.

        Raises:
            Refused: 404, 403, 409 when somebody has said so already.
        """
        with self._database.write() as unit:
            found = self._open(unit, person, repair_id)
            after = found.model_copy(
                update={
                    "state": RepairState(body.outcome),
                    "note": body.note,
                    "done_by": PersonRef(person_id=person.person_id, name=person.name),
                    "done_at": self._clock.now(),
                }
            )
            table.done(unit.connection, after)
            detail = body.model_dump(mode="json")
            unit.audit(_DONE, f"repair/{repair_id}", by=person, detail=detail)
        return after

    def _open(self, view: View, person: Person, repair_id: str) -> Repair:
        found = table.find(view.connection, repair_id)
        if found is None or not self._may(person, _VIEW, found):
            raise not_found(repair_id)
        if not self._may(person, _DONE, found):
            raise forbidden(_DONE)
        if found.state is not RepairState.OPEN:
            raise wrong_state(repair_id, _NAMES[found.state])
        return found

    def _may(self, person: Person, action: str, row: Repair) -> bool:
        return self._policy.permits(person, action, row.region, row.department)

    def _refusal(self, key: tuple[str, str], one: _Waiting) -> Refusal:
        person, text = one.person, _as_text(one.raw, is_cut=one.is_cut)
        told = {} if one.is_cut else _fields(text)
        region, channel = told.get("region"), told.get("channel")
        is_region = isinstance(region, str) and re.fullmatch(r"[0-9A-Z]{4,12}", region)
        is_theirs = is_region and self._policy.permits(person, _SEND, str(region), OWNER)
        problem = one.problem
        return Refusal(
            by=PersonRef(person_id=person.person_id, name=person.name),
            digest=key[1],
            channel=str(channel) if channel in list(Channel) else "",
            region=str(region) if is_theirs else person.regions[0],
            department=OWNER,
            raw=veil(text).encode()[:MOST_RAW].decode("utf-8", "ignore"),
            is_cut=one.is_cut,
            problem=problem.model_copy(update={"where": problem.where[:_LINE]}),
        )


def _as_text(raw: bytes, *, is_cut: bool) -> str:
    """Read bytes as people would: a body in the wrong encoding is mostly Chinese of old."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(raw, final=not is_cut)
        except UnicodeDecodeError:
            continue
        break
    else:
        text = raw.decode("utf-8", "replace")
    text = text.replace("\x00", "\ufffd")
    return text.encode()[:MOST_RAW].decode("utf-8", "ignore")


def _fields(text: str) -> dict[str, object]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
