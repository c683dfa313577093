"""How well reports of several channels with coordinates are merged, in a made-up city."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from backend.analytics.text.merging import merge_file
from tests.bench import events_city
from tests.bench.events_city import PRACTICE, SEALED, Report, city
from tests.bench.events_marks import Streamed, streamed
from tests.bench.events_page import Row, Section, share, spread
from tests.bench.events_rivals import RIVALS, likest, stream
from tests.bench.events_sets import rows, write

FACTS = Path(__file__).resolve().parents[2] / "resources" / "facts"
GATE = 0.80
_THRESHOLDS = np.linspace(0.1, 0.95, 18)


def crossing() -> Section:
    """Merge the sealed cities: by rules alone, and after a practice city was decided."""
    sealed = [city("sealed", seed) for seed in SEALED]
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        lessons = _lessons(home)
        taught = [_ours(home, one, *lessons) for one in sealed]
        by_rule = [_ours(home, one) for one in sealed]
    rivals = {name: [_rival(name, one) for one in sealed] for name in RIVALS}
    gate = float(np.mean([one.right for one in rivals["TF-IDF cosine"]]))
    count = sum(len(one) for one in sealed)
    section = Section("Across channels, with coordinates (made-up city)", note=_note(sealed, gate))

    def others(field: str) -> str:
        named = {"ours, rules alone": by_rule, **rivals}
        return "; ".join(f"{name} {share(_mean(many, field))}" for name, many in named.items())

    for what, field, least, aim in (
        (f"merge accuracy, n = {count}", "right", 0.90, 0.95),
        ("wrong merges", "wrong_merges", 0.02, 0.02),
        ("of first reports", "new", None, None),
        ("of repeats", "repeat", None, None),
        ("B-cubed F1", "b_cubed", None, None),
    ):
        mine = f"{share(_mean(taught, field))}{spread([getattr(one, field) for one in taught])}"
        value = _mean(taught, field)
        most = field == "wrong_merges"
        section.rows.append(Row(what, mine, others(field), least, aim, value, most))
    section.rows.append(
        Row("the gate: best TF-IDF cosine", share(gate), "", GATE, GATE, gate, most=True)
    )
    return section


def _mean(many: list[Streamed], field: str) -> float:
    return float(np.mean([getattr(one, field) for one in many]))


def _lessons(home: Path) -> tuple[Path, Path]:
    """Write what a practice city's operators decided: other places, other wording."""
    shown, decided = [], []
    for seed in PRACTICE:
        reports = [
            replace(one, row={**one.row, "id": f"{seed}-{one.row['id']}"})
            for one in city("practice", seed)
        ]
        shown += [one.row for one in reports]
        decided += events_city.pairs(reports, Random(seed))
    return write(home / "shown.csv", shown), write(home / "taught.csv", decided)


def _ours(home: Path, given: list[Report], *lessons: Path) -> Streamed:
    merge_file(write(home / "in.csv", [one.row for one in given]), home / "out.csv", *lessons)
    put = {one["id"]: one["cluster_id"] for one in rows(home / "out.csv")}
    return streamed([one.row["id"] for one in given], put, _truth(given))


def _truth(given: list[Report]) -> dict[str, str]:
    return {one.row["id"]: one.event for one in given}


def _rival(name: str, given: list[Report]) -> Streamed:
    """Merge by a rival, with the threshold that is best on the very truth."""
    ids = [one.row["id"] for one in given]
    nearest = likest(RIVALS[name]([(one.row["title"], one.row["text"]) for one in given]))
    found = [
        streamed(ids, dict(zip(ids, map(str, stream(nearest, one)), strict=True)), _truth(given))
        for one in _THRESHOLDS
    ]
    return max(found, key=lambda one: one.right)


def _known_places() -> set[str]:
    names: set[str] = set()
    for path in FACTS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            names |= {one["name"] for one in csv.DictReader(file) if one.get("name")}
    return names


def _note(sealed: list[list[Report]], gate: float) -> str:
    known = _known_places()
    reports = [one for many in sealed for one in many]
    unknown = [one for one in reports if one.misspelt or not _names_one(one, known)]
    counts = "counts" if gate <= GATE else "does NOT count"
    return (
        f"{len(sealed)} sealed cities, never looked at in tuning; ours learned from three practice "
        "cities whose places and wording are other ones. Wrong places, GPS errors, graver second "
        "reports and neighbours that look alike are drawn in. "
        f"{len(unknown) / len(reports):.0%} of the places named are misspelt or missing from "
        f"`resources/facts`, {np.mean([one.misspelt for one in reports]):.0%} misspelt. "
        f"Rivals have the threshold that is best on the truth; the city {counts} "
        f"(TF-IDF cosine {gate:.3f}, at most {GATE:.2f})."
    )


def _names_one(report: Report, known: set[str]) -> bool:
    said = report.row["title"] + report.row["text"]
    return any(name in said for name in known)
