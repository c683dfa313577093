"""Drawings: put on the shared map by a person, seen by all in scope, gone at their end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.domain.refused import not_found, unfit
from backend.services.features import Features
from backend.services.policy import Policy
from backend.storage import features as table
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.base import EVERY_DEPARTMENT, Text
from backend_client.contract.clock import Clock
from backend_client.contract.drawings import LAYER, DrawingIn, Drawn
from backend_client.contract.feature import FeatureIn

OWNER: Final = "D41"
LONGEST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Drawings:
    """What people do with drawings."""

    database: Database
    features: Features
    policy: Policy
    clock: Clock

    def put(self, person: Person, body: DrawingIn) -> Drawn:
        """Draw on the map, or change a drawing in sight.

        Raises:
            Refused: 403 outside one's scope, 422 for an end that makes no sense.
        """
        now = self.clock.now()
        department = _department(person)
        self.policy.check(person, "drawing.edit", body.region, department)
        if not now < body.until_at <= now + LONGEST:
            raise unfit(
                "until_at",
                Text("标绘期限应在现在之后 30 天之内。", "A drawing ends within 30 days from now."),
                Text("重新选择期限。", "Choose another end."),
            )
        row = FeatureIn(
            id=body.drawing_id,
            kind=body.kind,
            name=body.title,
            lon=body.lon,
            lat=body.lat,
            region=body.region,
            department=department,
            observed_at=now,
            outline=body.outline,
            properties={
                "note": body.note,
                "drawn_by": person.name,
                "until_at": body.until_at.isoformat(),
            },
        )
        with self.database.write() as unit:
            self._check_present(person, table.known(unit.connection, LAYER, [row.id], ()))
            oid = self.features.project(unit, LAYER, row)
            target = f"{LAYER}/{row.id}"
            unit.audit("drawing.edit", target, by=person, detail={"title": body.title})
        return Drawn(drawing_id=row.id, oid=oid)

    def erase(self, person: Person, drawing_id: str) -> None:
        """Take a drawing off the map.

        Raises:
            Refused: 404, there is none in sight; 403, the person may not.
        """
        with self.database.write() as unit:
            known = table.known(unit.connection, LAYER, [drawing_id], ())
            if known.oid[0] == 0 or known.gone[0]:
                raise not_found(drawing_id)
            self._check_present(person, known)
            self.features.withdraw(unit, LAYER, drawing_id)
            unit.audit("drawing.erase", f"{LAYER}/{drawing_id}", by=person)

    def erase_due(self) -> int:
        """Take off what has reached its end and say how many there were."""
        now = self.clock.now()
        with self.database.read() as view:
            rows = table.properties(view.connection, LAYER)
        due = [drawing_id for drawing_id, fields in rows if _ends_at(fields) <= now]
        for drawing_id in due:
            with self.database.write() as unit:
                self.features.withdraw(unit, LAYER, drawing_id)
                unit.audit("drawing.end", f"{LAYER}/{drawing_id}", by=None)
        return len(due)

    def _check_present(self, person: Person, known: table.Known) -> None:
        """Ask about the drawing as it is before it is changed: it may be another region's."""
        memory = self.features.find(LAYER)
        scope = memory.scope(int(known.oid[0])) if memory else None
        if scope is not None:
            self.policy.check(person, "drawing.edit", *scope)


def _department(person: Person) -> str:
    first = person.departments[0]
    return OWNER if first == EVERY_DEPARTMENT else first


def _ends_at(fields: str) -> datetime:
    return datetime.fromisoformat(json.loads(fields)["until_at"])
