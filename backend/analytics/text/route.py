"""Rank the units that should take a report, learned from who answered earlier ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backend.analytics.text.classify import learn_file
from backend.analytics.text.message import Refusal
from backend.analytics.text.results import write_table
from backend.analytics.text.sample import samples
from backend.analytics.text.sorter import best

DUTIES: Final = 2.0
"""Weight of the duties named: with hundreds of examples they brought 5 points at the third unit."""

RANKED: Final = 5
"""Units named per report; a person looks at the first few."""


def route_file(train: Path, source: Path, out: Path) -> list[Refusal]:
    """Learn from one table who takes what, rank units for another; return the rows left out.

    Args:
        train: columns `id`, `title`, `text` and `depts`, which is `a|b` where several took part.
        source: columns `id`, `title`, `text`.
        out: is written: `id,depts`, likeliest first, `a|b|c`.

    Raises:
        TableError: a table cannot be read or has nothing that can be used.
        OSError: `out` cannot be written.
    """
    sorter, refused = learn_file(train, "depts", duties=DUTIES)
    asked, left = samples(source)
    ranked = best(sorter.shares(asked), sorter.labels, RANKED)
    rows = [
        (one.id, "|".join(label for label, _share in units))
        for one, units in zip(asked, ranked, strict=True)
    ]
    write_table(out, ("id", "depts"), rows)
    return [*refused, *left]
