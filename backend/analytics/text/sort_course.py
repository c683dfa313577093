"""How sorters are taught and examined by what people decided: the class of a report, its units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from backend.analytics.text import classify, route
from backend.analytics.text.learning import Body
from backend.analytics.text.message import Message
from backend.analytics.text.sample import Sample, sample
from backend.analytics.text.sorter import best, learn, load, targets
from backend.analytics.text.understand import Understood, read_known, understand

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
        named: gives the labels the rules of a new city name for a report, the likeliest first.
    """

    duties: float
    named: Callable[[Understood], Sequence[str]]

    def teach(self, lessons: Sequence[Body], _exam: Sequence[Body], path: Path) -> bool:
        """Learn a sorter; False where the examples are too few or all alike."""
        examples = _samples(lessons)
        if len(examples) < FEWEST or len({label for one in examples for label in one.labels}) < 2:
            return False
        learn(examples, duties=self.duties).save(path)
        return True

    def examine(self, path: Path | None, exam: Sequence[Body]) -> dict[str, float]:
        """Give how often the first label named is right, and one of the first three.

        Without a file the rules of a new city name them.
        """
        asked = _samples(exam)
        if path is None or not asked:
            return self._by_rule(exam)
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

    def _by_rule(self, exam: Sequence[Body]) -> dict[str, float]:
        """Give the same of the rules alone."""
        known, first, any_of_three = read_known(), 0, 0
        for one in exam:
            labels = str(one[_LABELS]).split("|")
            named = list(self.named(understand(_report(one), known)))[:_SHOWN]
            first += bool(named) and named[0] in labels
            any_of_three += any(label in labels for label in named)
        count = max(1, len(exam))
        return {"right": first / count, "third": any_of_three / count}


def _matters(read: Understood) -> Sequence[str]:
    return [one.code for one in read.classes]


def _unit_ids(read: Understood) -> Sequence[str]:
    return [one.unit for one in read.units]


MATTER: Final = SortCourse(classify.DUTIES, _matters)
UNIT: Final = SortCourse(route.DUTIES, _unit_ids)


def _report(told: Body) -> Message:
    """Read a report as the rules do; what a body does not say of its place is not known."""
    words = {name: str(told.get(name, "")) for name in ("id", "title", "text", "place")}
    lon, lat = (float(str(told[name])) if told.get(name) else None for name in ("lon", "lat"))
    return Message(time=0.0, lon=lon, lat=lat, **words)


def _samples(bodies: Sequence[Body]) -> list[Sample]:
    """Read reports; one without words is left out."""
    made = []
    for one in bodies:
        try:
            made.append(sample({name: str(value) for name, value in one.items()}, _LABELS))
        except ValueError:
            continue
    return made
