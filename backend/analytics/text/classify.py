"""Sort reports into classes learned from examples: one class each, and how sure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backend.analytics.text.message import Refusal, TableError
from backend.analytics.text.results import write_table
from backend.analytics.text.sample import samples
from backend.analytics.text.sorter import Sorter, best, learn

DUTIES: Final = 0.0
"""Duties named are left out: with thousands of examples they took 1.6 points (docs/events.md)."""

_AT_ONCE: Final = 2_000


def classify_file(train: Path, source: Path, out: Path) -> list[Refusal]:
    """Learn classes from one table, give those of another; return the rows left out.

    Args:
        train: columns `id`, `text` or `tokens`, and `label`.
        source: columns `id` and `text` or `tokens`.
        out: is written: `id,pred,score`; the score is how likely the class is.

    Raises:
        TableError: a table cannot be read or has nothing that can be used.
        OSError: `out` cannot be written.
    """
    sorter, refused = learn_file(train, "label", duties=DUTIES)
    asked, left = samples(source)
    rows = []
    for first in range(0, len(asked), _AT_ONCE):
        part = asked[first : first + _AT_ONCE]
        answers = best(sorter.shares(part), sorter.labels, 1)
        rows += [
            (one.id, label, f"{share:.4f}")
            for one, ((label, share),) in zip(part, answers, strict=True)
        ]
    write_table(out, ("id", "pred", "score"), rows)
    return [*refused, *left]


def learn_file(train: Path, answer: str, *, duties: float) -> tuple[Sorter, list[Refusal]]:
    """Learn a sorter from a table of examples; give the rows left out as well.

    Args:
        train: columns `id`, `text` or `tokens` or `title`, and the answer's.
        answer: the column of the labels, `a|b` where there are several.
        duties: weight of the duties named.

    Raises:
        TableError: the table cannot be read or has no example that can be used.
    """
    examples, refused = samples(train, answer)
    if not examples:
        raise TableError(
            f"{train}：没有可用的样例；每行须有 id、文字和 {answer} / "
            f"{train}: no example can be used; a row needs id, words and {answer}"
        )
    return learn(examples, duties=duties), refused
