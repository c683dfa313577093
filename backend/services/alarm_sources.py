"""Departments' own systems tell what stands and what is over; a response folds away the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain import alarms as rules
from backend.services.alarms import raise_all, return_all
from backend.services.feeds import Batch, Feeds
from backend.services.policy import Policy
from backend.storage import alarm_log
from backend.storage.database import Database
from backend_client.contract.alarms import CauseIn, Causes, Suppress, Suppression, Told
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.feature import Rejection
from backend_client.contract.item import Head, PersonRef

AT_ONCE: Final = 500  # alarms a unit writes, so that the writer is never kept long
FEED: Final = "alarm.feed"
SUPPRESS: Final = "alarm.suppress"
CENTRE: Final = "D41"
_NO_ACTION = Text(
    "告警必须写明处置要求和责任人；否则只是通知。",
    "An alarm needs an action and an owner; without them it is a notice.",
)
_NO_TITLE = Text("缺少标题。", "The title is missing.")
_OUTSIDE = Text("不在本账号范围内。", "Outside this account's scope.")


@dataclass(frozen=True, slots=True)
class AlarmSources:
    """What outsiders tell of alarms."""

    database: Database
    policy: Policy
    clock: Clock
    feeds: Feeds

    def put(self, person: Person, body: Causes) -> Told:
        """Take in what stands and what is over; bad rows are named, good ones kept."""
        rejected, good = self._sift(person, body.raised)
        begun = renewed = returned = 0
        for first in range(0, len(good), AT_ONCE):
            causes = [rules.cause_in(body.source, one) for one in good[first : first + AT_ONCE]]
            with self.database.write() as unit:
                heads = raise_all(unit, causes, by=person)
            begun += sum(head.version == 1 for head in heads)
            renewed += sum(head.version > 1 for head in heads)
        over = [rules.key_of(body.source, key) for key in body.returned]
        for first in range(0, len(over), AT_ONCE):
            with self.database.write() as unit:
                known = alarm_log.open_alarms(unit.connection, over[first : first + AT_ONCE])
                own = [
                    cause
                    for cause, alarm in known.items()
                    if self.policy.permits(person, FEED, alarm.region, alarm.department)
                ]
                returned += len(return_all(unit, own, by=person))
        self._tell_feeds(person, body, rejected)
        return Told(begun=begun, renewed=renewed, returned=returned, rejected=tuple(rejected))

    def suppress(self, person: Person, body: Suppress) -> Head:
        """Begin or end a suppression in a region.

        Raises:
            Refused: 404 or 403.
        """
        self.policy.check(person, SUPPRESS, body.region, CENTRE)
        at = self.clock.now()
        fields = {
            "active": body.active,
            "layers": body.layers,
            "reason": body.reason,
            "set_by": PersonRef(person_id=person.person_id, name=person.name),
        }
        with self.database.write() as unit:
            present = unit.get(Suppression, f"suppression-{body.region}")
            if present is not None:
                return unit.put(present.model_copy(update=fields), by=person, action=SUPPRESS)
            first = Suppression(
                item_id=f"suppression-{body.region}",
                version=1,
                region=body.region,
                department=CENTRE,
                created_at=at,
                updated_at=at,
            )
            return unit.add(first.model_copy(update=fields), by=person, action=SUPPRESS)

    def _sift(
        self, person: Person, given: Sequence[CauseIn]
    ) -> tuple[list[Rejection], list[CauseIn]]:
        rejected: list[Rejection] = []
        good: list[CauseIn] = []
        for index, row in enumerate(given):
            where, why = self._fault(person, row)
            if why is None:
                good.append(row)
            else:
                rejected.append(Rejection(index=index, where=where, zh=why.zh, en=why.en))
        return rejected, good

    def _fault(self, person: Person, row: CauseIn) -> tuple[str, Text | None]:
        if not self.policy.permits(person, FEED, row.region, row.department):
            return "region", _OUTSIDE
        for where, text in (("action", row.action), ("owner", row.owner)):
            if not (text.zh.strip() and text.en.strip()):
                return where, _NO_ACTION
        if not (row.title.zh.strip() and row.title.en.strip()):
            return "title", _NO_TITLE
        return "", None

    def _tell_feeds(self, person: Person, body: Causes, rejected: Sequence[Rejection]) -> None:
        """Let the health of the feed of the source's name, or of its layer, count this batch."""
        bad = {one.index for one in rejected}
        for layer in sorted({row.layer for row in body.raised}):
            rows = [(at, row) for at, row in enumerate(body.raised) if row.layer == layer]
            self.feeds.heard(
                self.feeds.source(person, body.source, layer),
                Batch(
                    observed_ms=np.array(
                        [alarm_log.ms(row.observed_at) for _, row in rows], np.int64
                    ),
                    accepted=sum(at not in bad for at, _ in rows),
                    rejected=[one for one in rejected if body.raised[one.index].layer == layer],
                ),
            )
