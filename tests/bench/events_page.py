"""The page of figures: rows with target and aim, and when and where they were measured."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"
HEAD = """# Judging reports: merge, classes, units

Written by `make events-score`. Real messages (8th 泰迪杯 2020, measuring only, not in this
repository) are cross-validated: whole clusters and near repeats stay on one side. Baselines run
in the same bench on the same rows. A missed target is said so. Labels have a few percent of
errors: differences under about 2 points on a thousand pairs mean nothing.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ours, what others give, what it should be; `most` when less is better."""

    what: str
    ours: str
    others: str
    least: float | None
    aim: float | None
    value: float
    most: bool = False

    def met(self) -> str:
        """Say whether the figure is where it should be."""
        if self.least is None:
            return ""
        sign = -1 if self.most else 1
        if self.aim is not None and sign * self.value >= sign * self.aim:
            return "yes, aim too"
        return "yes" if sign * self.value >= sign * self.least else "**no**"


@dataclass(slots=True)
class Section:
    """A table of the page."""

    title: str
    rows: list[Row] = field(default_factory=list)
    note: str = ""

    def drawn(self) -> str:
        """Draw it."""
        lines = [f"## {self.title}", ""]
        if self.rows:
            lines += ["| what | ours | others, same run | at least / aim | met |"]
            lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {one.what} | {one.ours} | {one.others} | {_wanted(one)} | {one.met()} |"
            for one in self.rows
        ]
        return "\n".join([*lines, *(["", self.note] if self.note else [])]) + "\n"


def _wanted(row: Row) -> str:
    if row.least is None:
        return ""
    sign = "≤ " if row.most else ""
    return f"{sign}{row.least:g}" + ("" if row.aim is None else f" / {row.aim:g}")


def share(value: float) -> str:
    """Write a share as the other tables do."""
    return f"{value:.3f}"


def spread(values: list[float] | list[np.float64]) -> str:
    """Write how far measurements lie apart."""
    return f" ± {np.std(values):.3f}"


def stamp() -> str:
    """Say when and on what machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    now = datetime.now(UTC)
    load, python = os.getloadavg()[0], platform.python_version()
    return f"*{now:%Y-%m-%d %H:%M} UTC · {machine} · load {load:.1f} · Python {python}*"
