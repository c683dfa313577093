"""How well reports are sorted: classes and units, ours beside what a user would take instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from backend.analytics.text import classify, route
from backend.analytics.text.sample import Sample, sample, samples
from backend.analytics.text.sorter import Sorter, best, learn
from tests.bench.events_marks import hit, macro_f1
from tests.bench.events_page import Row, Section, share, spread
from tests.bench.events_sets import HOME, folds, near_repeats, rows

CLASSES = HOME / "classify" / "messages7_dev.csv.gz"
UNITS = HOME / "second_reading" / "routing_weak_dev.csv.gz"
RAW = HOME / "merge" / "messages_dev.csv.gz"

_FOLDS = 5
_ROUTE_SEEDS = (1, 2, 3, 4)

Ranked = list[list[str]]
Way = Callable[[list[Sample], list[Sample]], Ranked]


def ours(duties: float) -> Way:
    """Sort as the commands do."""

    def way(shown: list[Sample], asked: list[Sample]) -> Ranked:
        sorter = learn(shown, duties=duties)
        return [[label for label, _ in one] for one in best(sorter.shares(asked), sorter.labels, 5)]

    return way


def taken_instead(model: Callable[[], LinearSVC | MultinomialNB]) -> Way:
    """Sort by a linear model of scikit-learn on TF-IDF of words."""

    def way(shown: list[Sample], asked: list[Sample]) -> Ranked:
        lens = TfidfVectorizer(analyzer=lambda one: one.words, sublinear_tf=True, min_df=2)
        each = [(one, label) for one in shown for label in one.labels]
        fit = model().fit(
            lens.fit_transform([one for one, _ in each]), [label for _, label in each]
        )
        given = lens.transform(asked)
        marks = (
            fit.decision_function(given)
            if hasattr(fit, "decision_function")
            else fit.predict_log_proba(given)
        )
        return [[str(fit.classes_[at]) for at in np.argsort(-row)[:5]] for row in marks]

    return way


RIVALS: dict[str, Way] = {
    "LinearSVC, TF-IDF words": taken_instead(lambda: LinearSVC(C=0.3)),
    "naive Bayes, TF-IDF words": taken_instead(lambda: MultinomialNB(alpha=0.1)),
}


def crossed(way: Way, known: list[Sample], fold: Sequence[int]) -> Ranked:
    """Give every report's answer learned from the other folds."""
    found: Ranked = [[] for _ in known]
    for one in sorted(set(fold)):
        shown = [sample for sample, at in zip(known, fold, strict=True) if at != one]
        asked = [at for at, own in enumerate(fold) if own == one]
        for at, answer in zip(asked, way(shown, [known[at] for at in asked]), strict=True):
            found[at] = answer
    return found


def classes() -> Section:
    """Measure the seven classes."""
    known, _ = samples(CLASSES, "label")
    gold = [one.labels[0] for one in known]
    fold = folds(near_repeats([" ".join(one.words) for one in known]), _FOLDS, 1).tolist()
    section = Section("Classes (7), tokens", note=_CLASS_NOTE)
    answers = {"ours": ours(classify.DUTIES), **RIVALS, "ours + duties named": ours(1.0)}
    marks: dict[str, tuple[float, float]] = {}
    each: dict[str, list[float]] = {}
    for name, way in answers.items():
        said = [one[0] for one in crossed(way, known, fold)]
        right = np.array([a == b for a, b in zip(said, gold, strict=True)])
        marks[name] = (float(right.mean()), macro_f1(said, gold))
        each[name] = [float(right[np.array(fold) == one].mean()) for one in range(_FOLDS)]
    for at, (what, least, aim) in enumerate(
        ((f"accuracy, n = {len(known)}", 0.910, 0.925), ("macro-F1", 0.905, 0.92))
    ):
        value = marks["ours"][at]
        others = "; ".join(f"{name} {share(marks[name][at])}" for name in list(answers)[1:])
        mine = f"{share(value)}{spread(each['ours']) if at == 0 else ''}"
        section.rows.append(Row(what, mine, others, least, aim, value))
    return section


def units() -> Section:
    """Measure the ranking of units."""
    known, _ = samples(UNITS, "depts")
    gold = [one.labels for one in known]
    groups = near_repeats([one.plain for one in known])
    section = Section("Units from official replies (20 groups, weak labels)", note=_UNIT_NOTE)
    answers = {"ours": ours(route.DUTIES), **RIVALS, "ours without duties named": ours(0.0)}
    marks: dict[str, list[tuple[float, float]]] = {name: [] for name in answers}
    for seed in _ROUTE_SEEDS:
        fold = folds(groups, _FOLDS, seed).tolist()
        for name, way in answers.items():
            said = crossed(way, known, fold)
            marks[name].append((hit(said, gold, 1), hit(said, gold, 3)))
    for at, (what, least, aim) in enumerate((("hit@1", 0.66, 0.72), ("hit@3", 0.86, 0.90))):
        mean = {name: float(np.mean([one[at] for one in marks[name]])) for name in answers}
        others = "; ".join(f"{name} {share(mean[name])}" for name in list(answers)[1:])
        mine = f"{share(mean['ours'])}{spread([one[at] for one in marks['ours']])}"
        section.rows.append(
            Row(f"{what}, n = {len(known)}", mine, others, least, aim, mean["ours"])
        )
    return section


def pace() -> Section:
    """Measure how many reports a second are classified on one core, cutting words included."""
    known, _ = samples(CLASSES, "label")
    sorter: Sorter = learn(known, duties=classify.DUTIES)
    given = rows(RAW)
    began = time.process_time()
    cut = [sample(one) for one in given]
    cutting = time.process_time() - began
    sorter.shares(cut)
    whole = time.process_time() - began
    rate = len(given) / whole
    row = Row(
        f"classify, reports/s of CPU, jieba included, {len(given)} raw reports",
        f"{rate:,.0f}",
        f"jieba and normal writing alone {len(given) / cutting:,.0f}",
        300,
        600,
        rate,
    )
    return Section("Pace of sorting, one core", rows=[row])


_CLASS_NOTE = (
    "5 folds, near repeats (TF-IDF cosine ≥ .70) on one side; ± is the spread of the folds. "
    "One label a report."
)
_UNIT_NOTE = (
    "5 folds, 4 orders, near repeats on one side; ± is the spread of the orders. Learned from "
    "four fifths of 733 reports; labels are units named in the reply, right only in part."
)
