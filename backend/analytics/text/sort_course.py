"""How sorters are taught and examined by what people decided: the class of a report, its units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from backend.analytics.text import classify, route
from backend.analytics.text.learning import Body
from backend.analytics.text.sample import Sample, sample
from backend.analytics.text.sorter import best, learn, load, targets

FEWEST: Final = 40
"""With fewer examples, or one label only, nothing is learned."""

_SHOWN: Final = 3
_LABELS: Final = "labels"


def body(id_: str, title: str, text: str, labels: Sequence[str]) -> dict[str, object]:
    """Give a report and the labels people gave it as the course reads it."""
    return {"id": id_, "title": title, "text": text, _LABELS: "|".join(labels)}


@dataclass(frozen=True, slots=True)
class SortCourse:
    """Teach a sorter from labelled reports and examine it by others.

    Args:
        duties: weight of the duties a report names.
    """

    duties: float

    def teach(self, lessons: Sequence[Body], _exam: Sequence[Body], path: Path) -> bool:
        """Learn a sorter; False where the examples are too few or all alike."""
        examples = _samples(lessons)
        if len(examples) < FEWEST or len({label for one in examples for label in one.labels}) < 2:
            return False
        learn(examples, duties=self.duties).save(path)
        return True

    def examine(self, path: Path | None, exam: Sequence[Body]) -> dict[str, float]:
        """Give how often the first label named is right, and one of the first three.

        Without a file nothing is named, and nothing right.
        """
        asked = _samples(exam)
        if path is None or not asked:
            return {"right": 0.0, "third": 0.0}
        sorter = load(path)
        named = best(sorter.shares(asked), sorter.labels, _SHOWN)
        hits = [
            [label in one.labels for label, _share in labels]
            for one, labels in zip(asked, named, strict=True)
        ]
        known = targets(asked, sorter.labels).any(axis=1)
        return {
            "right": float(np.mean([one[0] for one in hits])),
            "third": float(np.mean([any(one) for one in hits])),
            "known": float(known.mean()),
        }


MATTER: Final = SortCourse(classify.DUTIES)
UNIT: Final = SortCourse(route.DUTIES)


def _samples(bodies: Sequence[Body]) -> list[Sample]:
    """Read reports; one without words is left out."""
    made = []
    for one in bodies:
        try:
            made.append(sample({name: str(value) for name, value in one.items()}, _LABELS))
        except ValueError:
            continue
    return made
