"""Learned models for screen tests: one in use that was learned, one on its rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from backend_client.contract.base import Text
from backend_client.contract.models import Live, ModelLine, ModelList, ModelState, ModelVersion
from tests.qt.people import NOW

NEVER = Live(metrics={"decided": 0.0})


def version(number: int, state: ModelState, right: float) -> ModelVersion:
    at = NOW - timedelta(days=9 - number)
    promoted = state is not ModelState.CANDIDATE
    return ModelVersion(
        number=number,
        state=state,
        made_at=at,
        from_at=at - timedelta(days=90),
        to_at=at,
        decisions=800 + 40 * number,
        exam=212,
        frozen={"right": right},
        rivals={"rules": {"right": 0.861}, "in_use": {"right": 0.9}},
        live=Live(metrics={"decided": 143.0, "right": 0.93}) if promoted else NEVER,
        before=number - 1,
        promoted_at=at if promoted else None,
        sha256="ab",
        taught_by="cd",
    )


def line(name: str, title: Text, versions: tuple[ModelVersion, ...] = ()) -> ModelLine:
    used = next((one.number for one in versions if one.state is ModelState.PROMOTED), 0)
    return ModelLine(
        name=name,
        title=title,
        metric="right",
        fewest=50,
        exam=212 if versions else 12,
        in_use=used,
        answers=used,
        rules=NEVER,
        versions=versions,
    )


def models() -> ModelList:
    versions = (
        version(3, ModelState.CANDIDATE, 0.931),
        version(2, ModelState.PROMOTED, 0.938),
        version(1, ModelState.RETIRED, 0.917),
    )
    return ModelList(
        models=(
            line("merge", Text("同一事件判断", "One event or two"), versions),
            line("matter", Text("事项类别", "What it is about")),
            line("unit", Text("承办单位", "Which unit it goes to"), versions[1:]),
        )
    )


@dataclass
class Told:
    """A registry by hand: remembers what it was asked."""

    given: ModelList = field(default_factory=models)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    refuses: Exception | None = None

    def read(self, told: Callable[[ModelList], None], failed: Callable[[Exception], None]) -> None:
        self.asked.append(("read",))
        if self.refuses is not None:
            failed(self.refuses)
        else:
            told(self.given)

    def learn(
        self, name: str, told: Callable[[ModelLine], None], failed: Callable[[Exception], None]
    ) -> None:
        self.asked.append(("learn", name))
        self._answer(name, {"learning": True}, told, failed)

    def roll_back(
        self,
        name: str,
        reason: str,
        told: Callable[[ModelLine], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.asked.append(("roll_back", name, reason))
        self._answer(name, {"in_use": 1, "answers": 1, "held": True}, told, failed)

    def _answer(
        self,
        name: str,
        update: dict[str, object],
        told: Callable[[ModelLine], None],
        failed: Callable[[Exception], None],
    ) -> None:
        if self.refuses is not None:
            failed(self.refuses)
            return
        (found,) = (one for one in self.given.models if one.name == name)
        told(found.model_copy(update=update))
