"""Put the questions of the cockpit to the service, off the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from PySide6.QtCore import QObject

from app.answers import Answers, Question, Source
from backend_client.errors import ClientError, Refused

T = TypeVar("T")


LATER: Final = frozenset({408, 429})
"""Refusals that say not now; with those of a service in trouble they are no answer at all."""
_TROUBLE: Final = 500


class Runner(Protocol):
    """The part of `app.tasks.Tasks` this needs."""

    def run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run a job elsewhere and bring the result home."""
        ...


class Inquiry(QObject):
    """Ask what is wanted; an answer that is late for another person is dropped."""

    def __init__(
        self, answers: Answers, source: Source, runner: Runner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._answers, self._source, self._runner = answers, source, runner
        self._turn = 0
        self._person = ""
        answers.wanted.connect(self._ask)

    def begin(self, person_id: str) -> None:
        """Begin anew when another person is here."""
        if person_id != self._person:
            self._person = person_id
            self._turn += 1
            self._answers.clear()

    def _ask(self, question: Question[Any]) -> None:
        turn = self._turn

        def done(answer: object) -> None:
            if turn == self._turn and self._answers.is_out(question):  # else it was let go
                self._answers.put(question, answer)

        def failed(error: Exception) -> None:
            if turn == self._turn:
                self._miss(question, error)

        self._runner.run(lambda: question.of(self._source), done, failed)

    def _miss(self, question: Question[Any], error: Exception) -> None:
        said = error.what if isinstance(error, Refused) else None
        is_no = _is_no(error)
        self._answers.miss(question, said if is_no else None, None if is_no else said)
        if not isinstance(error, ClientError):
            raise error


def _is_no(error: Exception) -> bool:
    """Tell whether the service will not answer this person; a busy one will, asked again."""
    if not isinstance(error, Refused):
        return False
    return error.problem.status < _TROUBLE and error.problem.status not in LATER
