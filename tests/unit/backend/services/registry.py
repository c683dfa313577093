"""A registry on a database of its own, and a city whose pairs were decided, for its tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.analytics.text.merge_course import body
from backend.domain.models import Decision
from backend.services.learning import Learning
from backend.services.models import FOLDER, Models
from backend.services.policy import load_policy
from backend.storage.database import Database
from backend.storage.unit import View
from backend_client.contract.auth import Person, Role
from backend_client.contract.clock import ManualClock
from backend_client.contract.models import ModelLine
from tests.unit.backend.analytics.text.made_up import city, decisions

START = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)


@dataclass
class Registry:
    """The parts, and what the source of "merge" gives."""

    models: Models
    learning: Learning
    clock: ManualClock
    database: Database
    folder: Path
    decided: list[Decision] = field(default_factory=list)

    @property
    def line(self) -> ModelLine:
        return self.models.listed().models[0]

    def file(self, number: int) -> Path:
        return self.folder / FOLDER / f"merge-{number}.npz"

    def give(self, _view: View) -> Iterable[Decision]:
        return self.decided


@contextmanager
def registry(folder: Path, clock: ManualClock | None = None) -> Iterator[Registry]:
    """Open it on a folder; the same folder again is a restart."""
    clock = clock or ManualClock(START)
    database = Database(folder / "city.db", clock, lambda _: None)
    models = Models(database, load_policy(), clock, folder)
    sources: dict[str, object] = {}
    made = Registry(
        models,
        Learning(database, clock, models, sources),  # type: ignore[arg-type]  # filled below
        clock,
        database,
        folder,
    )
    sources["merge"] = made.give
    try:
        yield made
    finally:
        models.trainer.close()
        database.close()


def person(role: Role = Role.MAINTAINER, region: str = "3206") -> Person:
    """Make somebody."""
    return Person(
        person_id=role.value, name=role.value, role=role, regions=(region,), departments=("*",)
    )


def decided(seed: int = 1, most: int = 400, *, lies: bool = False) -> list[Decision]:
    """Decide pairs of a made-up city, a minute each; a group is an event."""
    reports = [replace(one, id=f"{seed}.{one.id}") for one in city(seed)]
    by_id = {one.id: one for one in reports}
    return [
        Decision(
            key=f"{seed}:{one.one}+{one.other}",
            groups=tuple({f"{seed}:{side.split('-')[0]}" for side in (one.one, one.other)}),
            at=START + timedelta(minutes=at),
            body=body(
                by_id[f"{seed}.{one.one}"],
                by_id[f"{seed}.{one.other}"],
                same=one.is_same is not lies,
            ),
        )
        for at, one in enumerate(decisions(city(seed), seed, most))
    ]
