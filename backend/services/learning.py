"""Models learn from what people decided: each night, and when somebody wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog

from backend.domain.models import IN_USE, RULES, Decision, digest, night_of, split
from backend.domain.refused import Refused
from backend.services.model_kinds import Kind
from backend.services.models import Made, Models
from backend.services.trainer import TrainingError
from backend.storage import lessons as lesson_table
from backend.storage import models as table
from backend.storage.database import Database
from backend.storage.dialect import upsert
from backend.storage.tables import META
from backend.storage.unit import View
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

Source = Callable[[View], Iterable[Decision]]
"""Gives all that was decided for a model, in the snapshot handed in.

What it no longer gives stays in the exam; what was taken back it gives with no body. The body is
what the model's course reads: for "merge" `backend.analytics.text.merge_course.body`.
"""

_NIGHT: Final = "models_learned_night"
_LOG = structlog.get_logger("service")


class Learning:
    """Teach, examine and, where the gate is passed, promote. Sync: call it from worker threads.

    Args:
        database: holds what was decided.
        clock: the one clock.
        models: the registry.
        sources: of each model that learns here, by its name.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        models: Models,
        sources: Mapping[str, Source],
    ) -> None:
        self._database, self._clock = database, clock
        self._models, self._sources = models, sources
        self._night = ""

    def tend(self) -> None:
        """Learn what is wished for, and everything once a night."""
        is_due = self._is_due(night_of(self._clock.now()).isoformat())
        for name in self._sources if is_due else self._models.wished():
            try:
                self.run(name)
            except (TrainingError, Refused) as error:  # the others learn all the same
                _LOG.error("model did not learn", name=name, exc_info=error)

    def run(self, name: str) -> Text | None:
        """Let a model learn from all that was decided; None when it came into use, or why not.

        Raises:
            Refused: 409, its own file cannot be read.
            TrainingError: the process failed.
        """
        if name not in self._sources:
            return Text("没有可学的决定", "nothing to learn from")
        kind = self._models.kinds[name]
        with self._database.read() as view:
            decided = list(self._sources[name](view))
            lessons, apart = split(name, decided, table.exam_keys(view.connection, name))
        with self._database.write() as unit:
            lesson_table.trim(unit.connection, name)
            if apart:
                table.freeze(unit.connection, name, apart)
        with self._database.read() as view:
            exam = table.exam(view.connection, name)
            newest = table.versions(view.connection, name, 1)
        if not lessons or (newest and newest[0].taught_by == digest(lessons, exam)):
            return Text("没有新的决定", "nothing new was decided")
        why = self._taught(kind, lessons, exam)
        _LOG.info("model learned", name=name, lessons=len(lessons), barred=why.en if why else "")
        return why

    def close(self) -> None:
        """End what learns: the service goes down."""
        self._models.trainer.close()

    def _taught(
        self, kind: Kind[Any], lessons: Sequence[Decision], exam: Sequence[Decision]
    ) -> Text | None:
        rival = self._models.current(kind)
        files = {} if rival.file is None else {IN_USE: rival.file}
        with self._models.trainer.work(
            kind.name, lessons=lessons, exam=exam, files=files
        ) as outcome:
            if outcome.model is None:
                return Text("决定太少，仍用规则", "too little was decided, the rules go on")
            measured = {IN_USE: outcome.measured[RULES], **outcome.measured}
            made = Made(outcome.model, lessons, exam, measured)
            number = self._models.candidate(kind.name, made)
        return self._models.promote_itself(kind.name, number)

    def _is_due(self, night: str) -> bool:
        """Tell whether a night's learning has not begun; it has from now on.

        Noted first: what fails is tried again the next night, not all day long.
        """
        if night == self._night:
            return False
        with self._database.read() as view:
            self._night = view.meta(_NIGHT) or ""
        if night == self._night:
            return False
        with self._database.write() as unit:
            statement = upsert(unit.connection, META, key=("key",))
            unit.connection.execute(statement, [{"key": _NIGHT, "value": night}])
        self._night = night
        return True
