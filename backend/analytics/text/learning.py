"""`python -m backend learn FOLDER`: teach and examine one model in a process of its own.

The service lays what was decided into a folder and reads the outcome from it: learning takes
minutes of processor time, and this process, which has no database and no door, is put behind
everything else on the machine.

The folder holds `task.json` (`name`, and `files`: path by label of what else sits the exam),
`exam.jsonl` and, where something is to be learned, `lessons.jsonl`: a decision's body a line.
Written are `result.json`, named numbers by label, and the candidate's `model.npz`; a candidate is
left out where the lessons are too few to learn anything.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

TASK: Final = "task.json"
LESSONS: Final = "lessons.jsonl"
EXAM: Final = "exam.jsonl"
MODEL: Final = "model.npz"
RESULT: Final = "result.json"
CANDIDATE: Final = "candidate"
RULES: Final = "rules"

COURSES: Final[Mapping[str, tuple[str, str]]] = {
    "merge": ("merge_course", "COURSE"),
    "matter": ("sort_course", "MATTER"),
    "unit": ("sort_course", "UNIT"),
}
"""Which module of this package teaches a model, and the name its `Course` has there."""

_BEHIND_ALL: Final = 19
_BEHIND: Final = 5  # a person waits for an exam

Body = Mapping[str, object]


class Course(Protocol):
    """How one kind of model is taught and examined."""

    def teach(self, lessons: Sequence[Body], exam: Sequence[Body], path: Path) -> bool:
        """Learn from lessons into a model file; False where there are too few.

        What is in the exam may only be looked at to keep it out.
        """
        ...

    def examine(self, path: Path | None, exam: Sequence[Body]) -> dict[str, float]:
        """Give what a model file, or with None the rules alone, reaches in an exam.

        Raises:
            ModelFileError: it is no such file.
        """
        ...


def main(words: Sequence[str]) -> int:
    """Do the task of the folder the words name."""
    folder: Path = _parser().parse_args(words).folder
    task = json.loads((folder / TASK).read_text("utf-8"))
    lessons, exam = _read(folder / LESSONS), _read(folder / EXAM)
    os.nice(_BEHIND_ALL if lessons else _BEHIND)
    course = course_of(task["name"])
    files: dict[str, Path | None] = {label: Path(file) for label, file in task["files"].items()}
    files[RULES] = None
    if lessons and course.teach(lessons, exam, folder / MODEL):
        files[CANDIDATE] = folder / MODEL
    reached = {label: course.examine(file, exam) if exam else {} for label, file in files.items()}
    (folder / RESULT).write_text(json.dumps(reached, allow_nan=False), "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="backend learn",
        description="训练并考核一个模型，由服务调用 / teach and examine a model; the service asks",
    )
    made.add_argument("folder", type=Path, help=f"含 {TASK} 的文件夹 / the folder with {TASK}")
    return made


def course_of(name: str) -> Course:
    """Give the course of a model.

    Raises:
        KeyError: there is none of that name.
    """
    module, own = COURSES[name]
    found: Course = getattr(importlib.import_module(f"backend.analytics.text.{module}"), own)
    return found


def _read(path: Path) -> list[Body]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
