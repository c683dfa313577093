"""Have models taught and examined in a process of its own, behind everything else that runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.analytics.text.learning import EXAM, LESSONS, MODEL, RESULT, TASK
from backend.domain.models import Decision, Measured
from backend.domain.refused import Refused, refuse
from backend_client.contract.base import Text
from backend_client.programs import backend_command

LEARN_S: Final = 3600.0
EXAMINE_S: Final = 60.0
_WORK: Final = "work-"
_ROOT: Final = Path(__file__).resolve().parents[2]
_LOG: Final = "process.log"
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class TrainingError(RuntimeError):
    """The process ended without an outcome; the text has its last words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: the candidate's file, None where nothing was learned, and the exam."""

    model: Path | None
    measured: Measured


class Trainer:
    """Start one such process at a time.

    Args:
        folder: of the models; made when missing. What an earlier run left over is removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self.name = ""
        """The model at work, empty when none is."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def work(
        self,
        name: str,
        *,
        lessons: Sequence[Decision] = (),
        exam: Sequence[Decision],
        files: Mapping[str, Path],
    ) -> Iterator[Outcome]:
        """Teach a model where there are lessons, and examine it beside others.

        The candidate's file is there until the block ends.

        Args:
            name: of the model.
            lessons: what to learn from; only an exam when there are none.
            exam: what to examine by.
            files: model files that sit the exam too, by label; the rules do so always.

        Raises:
            Refused: 503 `learning`, another is at work and a person would wait; learning waits.
            TrainingError: it ended without an outcome.
        """
        if not self._turn.acquire(blocking=bool(lessons)):
            raise _busy(name)
        self.name = name
        try:
            with tempfile.TemporaryDirectory(prefix=_WORK, dir=self._folder) as made:
                folder = Path(made).resolve()
                task = {"name": name, "files": {key: str(one) for key, one in files.items()}}
                (folder / TASK).write_text(json.dumps(task), "utf-8")
                _write(folder / EXAM, exam)
                if lessons:
                    _write(folder / LESSONS, lessons)
                self._run(folder, LEARN_S if lessons else EXAMINE_S)
                measured = json.loads((folder / RESULT).read_text("utf-8"))
                model = folder / MODEL
                yield Outcome(model if model.exists() else None, measured)
        finally:
            self.name = ""
            self._turn.release()

    def close(self) -> None:
        """End what runs and start nothing more: the service goes down."""
        with self._guard:
            self._ended = True
            if self._child is not None:
                self._child.kill()

    def _run(self, folder: Path, limit_s: float) -> None:
        command = [*backend_command(), "learn", str(folder), "--with-parent", str(os.getpid())]
        with (folder / _LOG).open("wb") as log, self._guard:
            if self._ended:
                raise TrainingError("the service goes down")
            child = self._child = subprocess.Popen(
                command,
                cwd=_ROOT,
                env={**os.environ, **_ONE_THREAD},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            status = child.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            child.kill()
            child.wait()
            with self._guard:
                self._child = None
        if status != 0:
            said = (folder / _LOG).read_text("utf-8", errors="replace")
            raise TrainingError(f"exit {status}: {said[-2_000:]}")


def _write(path: Path, decided: Sequence[Decision]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for one in decided:
            lines.write(json.dumps(dict(one.body or {}), ensure_ascii=False) + "\n")


def _busy(name: str) -> Refused:
    return refuse(
        503,
        "learning",
        Text("正在训练或考核模型。", "A model is being taught or examined."),
        Text("几分钟后再试。", "Try again in some minutes."),
        where=name,
    )
