"""The registry of learned models: versions, which one answers, who let it in, how it does live."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

import structlog

from backend.analytics.text.modelfile import ModelFileError
from backend.domain.feeds import city_day
from backend.domain.models import CANDIDATE, IN_USE, RULES, Decision, Measured, barred, digest
from backend.domain.refused import Refused, forbidden, not_found, refuse, stale_version, wrong_state
from backend.services.model_kinds import KINDS, Kind
from backend.services.policy import Policy
from backend.services.trainer import Trainer, TrainingError
from backend.storage import models as table
from backend.storage.database import Database
from backend.storage.models import NO_DECISION, Use
from backend.storage.unit import Unit, View
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY, Text
from backend_client.contract.clock import Clock
from backend_client.contract.item import PersonRef
from backend_client.contract.models import (
    ModelLine,
    ModelList,
    ModelState,
    ModelVersion,
)

T = TypeVar("T")
FOLDER: Final = "models"
SHOWN: Final = 50
LIVE_DAYS: Final = 30
_BY_HAND: Final = 1  # decisions kept apart without which nobody can say which version is better
_CENTRE: Final = "D41"
_LOG = structlog.get_logger("service")


@dataclass(frozen=True, slots=True)
class InUse(Generic[T]):
    """What answers now: its number, 0 the rules; `fault` says why it is not the one promoted."""

    number: int
    model: T
    file: Path | None = None
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A candidate as it comes from learning: its file, what it learned from, what it reached."""

    file: Path
    lessons: Sequence[Decision]
    exam: Sequence[Decision]
    measured: Measured


class Models:
    """Keep the versions of every learned model. Sync: call it from worker threads.

    Args:
        database: holds the versions.
        policy: who may see and decide.
        clock: the one clock.
        folder: the service's own; the files lie in `models` in it.
        kinds: which models there are.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        clock: Clock,
        folder: Path,
        kinds: Iterable[Kind[Any]] = KINDS,
    ) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self.home = folder
        """The service's own folder."""
        self._folder = folder / FOLDER
        self.trainer = Trainer(self._folder)
        """The process that teaches and examines."""
        self.kinds = {kind.name: kind for kind in kinds}
        self._lock = threading.Lock()
        self._answering: dict[str, InUse[Any]] = {}
        self._wished: set[str] = set()

    # ---- what answers ----------------------------------------------------------------------

    def current(self, kind: Kind[T]) -> InUse[T]:
        """Give what answers now: the version in use, or the nearest before it whose file is sound.

        Read once and kept: a file damaged later on touches no model that is at work.
        """
        with self._lock:
            if kind.name not in self._answering:
                with self._database.read() as view:
                    now = table.use(view.connection, kind.name)
                    found = self._nearest(view, kind, (*now.trail, now.number))
                self._answering[kind.name] = found
            return cast("InUse[T]", self._answering[kind.name])

    def record(self, unit: Unit, name: str, number: int, *, right: bool) -> None:
        """Count a decision a person took on what a version proposed, in the unit of that decision.

        Args:
            unit: the decision's own.
            name: of the model.
            number: the version that proposed, 0 the rules.
            right: whether the person agreed.
        """
        day = city_day(self._clock.now())
        table.count(unit.connection, name, number, day, right=right)

    def take_back(self, unit: Unit, name: str, number: int, at: datetime, *, right: bool) -> None:
        """Count a decision no more that `record` counted at an instant: it was thought better of.

        Args:
            unit: that of the decision that takes its place.
            name: of the model.
            number: the version that proposed.
            at: when the first was taken.
            right: whether the person agreed then.
        """
        table.count(unit.connection, name, number, city_day(at), right=right, by=-1)

    # ---- for people ------------------------------------------------------------------------

    def listed(self) -> ModelList:
        """Give every model with its newest versions."""
        return ModelList(models=tuple(map(self._line, self.kinds.values())))

    def promote(self, person: Person, name: str, number: int, reason: str) -> ModelLine:
        """Take a version into use that is no worse than what is and than the rules.

        All three sit today's exam for it: what a version reached when it was made may be of
        another exam.

        Raises:
            Refused: 403, 404, 409 `in_use`, `model_worse` or `model_file`, 503 while another
                is taught or the exam cannot be held.
        """
        kind = self._may(person, "model.promote", name)
        with self._database.read() as view:
            version = _version(view, name, number)
            exam = table.exam(view.connection, name)
            now = table.use(view.connection, name)
            if now.number == number:
                raise wrong_state(f"{name}/{number}", Text("在用", "in use"))
        file = self._sound(kind, version)
        rival = self.current(kind)
        if len(exam) < _BY_HAND:
            raise _worse(name, barred(kind.metric, {}, len(exam), fewest=_BY_HAND))
        measured = self._examined(name, {CANDIDATE: file, **_file_of(rival)}, exam)
        if why := barred(kind.metric, measured, len(exam), fewest=_BY_HAND):
            raise _worse(name, why)
        with self._database.write() as unit:
            if table.use(unit.connection, name) != now:
                raise stale_version(name, "")
            version = _version(unit, name, number).model_copy(update=_reached(measured, len(exam)))
            self._take(unit, name, version, by=person, reason=reason)
        return self._line(kind)

    def roll_back(self, person: Person, name: str, reason: str) -> ModelLine:
        """Go back, in one step, to what was in use before; the service then promotes nothing.

        Where that one's file is damaged it is the nearest before it that is sound, at last the
        rules.

        Raises:
            Refused: 403, 404, 409 on the rules.
        """
        kind = self._may(person, "model.roll_back", name)
        with self._database.write() as unit:
            now = table.use(unit.connection, name)
            if now.number == 0:
                raise wrong_state(name, Text("仅用规则", "on its rules alone"))
            back = self._nearest(unit, kind, now.trail).number
            trail = now.trail[: -1 - now.trail[::-1].index(back)] if back else ()
            self._retire(unit, name, now.number)
            self._enter(unit, name, Use(back, trail, held=True))
            detail = {"to": back, "reason": reason}
            unit.audit("model.roll_back", f"model/{name}/{now.number}", by=person, detail=detail)
        return self._line(kind)

    def learn(self, person: Person, name: str) -> ModelLine:
        """Have a model learn soon, not only at night.

        Raises:
            Refused: 403, 404.
        """
        kind = self._may(person, "model.learn", name)
        with self._database.write() as unit:
            unit.audit("model.learn", f"model/{name}", by=person)
            unit.then(partial(self._wished.add, name))
        return self._line(kind)

    # ---- for the learning ------------------------------------------------------------------

    def wished(self) -> tuple[str, ...]:
        """Name the models somebody wants to learn now; asked once, told once."""
        found = tuple(sorted(self._wished))
        self._wished.difference_update(found)
        return found

    def candidate(self, name: str, made: Made) -> int:
        """Keep a new version and give its number; candidates before it make room for it."""
        learned = [one.at for one in made.lessons]
        with self._database.write() as unit:
            number = table.last_number(unit.connection, name) + 1
            version = ModelVersion(
                number=number,
                state=ModelState.CANDIDATE,
                made_at=self._clock.now(),
                from_at=min(learned),
                to_at=max(learned),
                decisions=len(learned),
                live=NO_DECISION,
                sha256=_sha256(made.file),
                taught_by=digest(made.lessons, made.exam),
                **_reached(made.measured, len(made.exam)),
            )
            for older in table.versions(unit.connection, name, SHOWN):
                if older.state is ModelState.CANDIDATE:
                    gone = older.model_copy(update={"state": ModelState.RETIRED, "kept": False})
                    table.put(unit.connection, name, gone)
                    unit.then(_removal(self._file(name, older.number)))
            made.file.replace(self._file(name, number))
            table.put(unit.connection, name, version)
            detail = {"decisions": len(learned), "frozen": version.frozen, "sha256": version.sha256}
            unit.audit("model.candidate", f"model/{name}/{number}", by=None, detail=detail)
        return number

    def promote_itself(self, name: str, number: int) -> Text | None:
        """Let the service take its fresh candidate into use; None, or why it does not."""
        kind = self.kinds[name]
        with self._database.write() as unit:
            if table.use(unit.connection, name).held:
                return Text("已回退，由人决定", "rolled back: a person decides")
            version = _version(unit, name, number)
            self._sound(kind, version)
            measured = {CANDIDATE: version.frozen, **version.rivals}
            why = barred(kind.metric, measured, version.exam, fewest=kind.fewest)
            if why is None:
                reached = f"{kind.metric} {version.frozen[kind.metric]:.3f} / {version.exam}"
                reason = f"夜间学习，考核不差于在用版本和规则 / learned, no worse: {reached}"
                self._take(unit, name, version, by=None, reason=reason)
        return why

    # ---- parts -----------------------------------------------------------------------------

    def _may(self, person: Person, action: str, name: str) -> Kind[Any]:
        """Give the model when the person may do this to what judges for the whole city."""
        if name not in self.kinds:
            raise not_found(name)
        if not self._policy.permits(person, action, CITY, _CENTRE):
            raise forbidden(action)
        return self.kinds[name]

    def _line(self, kind: Kind[Any]) -> ModelLine:
        answers = self.current(kind)
        since = city_day(self._clock.now()) - timedelta(days=LIVE_DAYS - 1)
        with self._database.read() as view:
            here, name = view.connection, kind.name
            now, live = table.use(here, name), table.live(here, name, since)
            versions = [
                one.model_copy(update={"live": live.get(one.number, NO_DECISION)})
                for one in table.versions(here, name, SHOWN)
            ]
            return ModelLine(
                name=name,
                title=kind.title,
                metric=kind.metric,
                fewest=kind.fewest,
                exam=table.exam_size(here, name),
                in_use=now.number,
                answers=answers.number,
                fault=answers.fault,
                held=now.held,
                learning=name in self._wished or self.trainer.name == name,
                rules=live.get(0, NO_DECISION),
                versions=tuple(versions),
            )

    def _take(
        self, unit: Unit, name: str, version: ModelVersion, *, by: Person | None, reason: str
    ) -> None:
        now = table.use(unit.connection, name)
        self._retire(unit, name, now.number)
        told = {
            "state": ModelState.PROMOTED,
            "before": now.number,
            "promoted_at": self._clock.now(),
            "promoted_by": PersonRef(person_id=by.person_id, name=by.name) if by else None,
            "reason": reason,
        }
        table.put(unit.connection, name, version.model_copy(update=told))
        self._enter(unit, name, Use(version.number, (*now.trail, now.number)))
        detail = {"before": now.number, "reason": reason, "frozen": version.frozen}
        unit.audit("model.promote", f"model/{name}/{version.number}", by=by, detail=detail)

    def _retire(self, unit: Unit, name: str, number: int) -> None:
        if number:
            old = _version(unit, name, number)
            retired = old.model_copy(update={"state": ModelState.RETIRED})
            table.put(unit.connection, name, retired)

    def _enter(self, unit: Unit, name: str, now: Use) -> None:
        """Say what is in use; what answers is read anew after the commit."""
        if now.number:
            entering = _version(unit, name, now.number)
            promoted = entering.model_copy(update={"state": ModelState.PROMOTED})
            table.put(unit.connection, name, promoted)
        table.set_use(unit.connection, name, now)
        unit.then(partial(self._forget, name))

    def _forget(self, name: str) -> None:
        with self._lock:
            self._answering.pop(name, None)

    def _examined(self, name: str, files: dict[str, Path], exam: Sequence[Decision]) -> Measured:
        try:
            with self.trainer.work(name, exam=exam, files=files) as outcome:
                return _with_rival(outcome.measured)
        except TrainingError as error:
            _LOG.error("examining a model", name=name, exc_info=error)
            raise refuse(
                503,
                "exam",
                Text("考核未能完成，模型未更换。", "The exam was not held; nothing was changed."),
                Text("请稍后再试。", "Try again later."),
                where=name,
            ) from error

    def _nearest(self, view: View, kind: Kind[T], trail: Sequence[int]) -> InUse[T]:
        """Read the last of some versions whose file is sound; the rules where none is."""
        fault = None
        for number in filter(None, reversed(trail)):
            version = _version(view, kind.name, number)
            file = self._file(kind.name, number)
            try:
                return InUse(number, _read(kind, file, version), file, fault)
            except ModelFileError as error:
                _LOG.error("model file", error=str(error))
                fault = fault or _fault(error)
        return InUse(0, kind.rules(), None, fault)

    def _sound(self, kind: Kind[Any], version: ModelVersion) -> Path:
        file = self._file(kind.name, version.number)
        try:
            _read(kind, file, version)
        except ModelFileError as error:
            raise refuse(
                409,
                "model_file",
                _fault(error),
                Text(
                    "在用版本不变；重新训练后再试。",
                    "What is in use goes on; have it taught again, then try.",
                ),
                where=f"{kind.name}/{version.number}",
            ) from error
        return file

    def _file(self, name: str, number: int) -> Path:
        return self._folder / f"{name}-{number}.npz"


def _read(kind: Kind[T], file: Path, version: ModelVersion) -> T:
    """Read a version's file when it is the very one that was made.

    Raises:
        ModelFileError: it is not, or is gone.
    """
    try:
        found = _sha256(file)
    except OSError as error:
        raise ModelFileError(
            f"{file} 无法读取（{error}） / {file} cannot be read ({error})"
        ) from error
    if found != version.sha256:
        raise ModelFileError(
            f"{file} 与登记的校验值不符 / {file} is not the file that was made: its hash differs"
        )
    return kind.read(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def _fault(error: ModelFileError) -> Text:
    zh, _, en = str(error).rpartition(" / ")
    return Text(zh or en, en)


def _version(view: View, name: str, number: int) -> ModelVersion:
    found = table.version(view.connection, name, number)
    if found is None:
        raise not_found(f"{name}/{number}")
    return found


def _removal(file: Path) -> Callable[[], None]:
    return partial(file.unlink, missing_ok=True)


def _file_of(rival: InUse[Any]) -> dict[str, Path]:
    return {} if rival.file is None else {IN_USE: rival.file}


def _with_rival(measured: Measured) -> Measured:
    """Give the numbers; where nothing was ever promoted the rules are what is in use."""
    return {IN_USE: measured[RULES], **measured}


def _reached(measured: Measured, exam: int) -> dict[str, Any]:
    rivals = {label: dict(one) for label, one in measured.items() if label != CANDIDATE}
    return {"exam": exam, "frozen": dict(measured[CANDIDATE]), "rivals": rivals}


def _worse(name: str, why: Text | None) -> Refused:
    said = why or Text("", "")
    return refuse(
        409,
        "model_worse",
        Text(f"不能启用：{said.zh}。", f"Not taken into use: {said.en}."),
        Text(
            "保留在用版本；决定更多后再训练。",
            "Keep what is in use; decide more and have it taught again.",
        ),
        where=name,
    )
