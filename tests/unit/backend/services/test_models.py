"""The registry whole: real lessons, a real process that learns, a real database and files."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from backend.analytics.text import judge as judges
from backend.analytics.text import modelfile
from backend.analytics.text.clues import CLUES, rows
from backend.analytics.text.judge import Judge, by_hand
from backend.domain.models import CANDIDATE, IN_USE, RULES, Decision, is_frozen
from backend.domain.refused import Refused
from backend.services import models as registry_module
from backend.services.model_kinds import MERGE
from backend.services.models import Made
from backend.services.trainer import Trainer, TrainingError
from backend.storage import audit
from backend.storage import models as table
from backend_client.contract.auth import Role
from backend_client.contract.models import ModelState
from tests.unit.backend.analytics.text.made_up import city, readings
from tests.unit.backend.services.registry import Registry, decided, person, registry

WORST = {"right": 0.0, "loss": 9.0}
BEST = {"right": 1.0, "loss": 0.0}


@pytest.fixture(scope="module")
def taught_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a registry whose version 1 was learned at night and is in use."""
    folder = tmp_path_factory.mktemp("models")
    with registry(folder) as one:
        one.decided = decided()
        one.learning.tend()
        assert one.line.in_use == 1
    return folder


@pytest.fixture
def taught(taught_folder: Path, tmp_path: Path) -> Iterator[Registry]:
    """Give a copy of it, restarted."""
    folder = tmp_path / "data"
    shutil.copytree(taught_folder, folder)
    with registry(folder) as one:
        one.decided = decided()
        yield one


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Registry]:
    with registry(tmp_path) as one:
        yield one


def scores(judge: Judge) -> list[float]:
    """Score pairs of a city nobody learned from."""
    read = list(readings(city(9)).values())
    pairs = list(pairwise(read))
    return [float(one) for one in judge.scores(rows(pairs))]


def upside_down() -> Judge:
    """Give a judge that says the contrary of the rules: plainly worse."""
    rules = by_hand().linear
    return Judge(judges.Linear(-rules.weights, -rules.base))


def bring(one: Registry, write: Callable[[Path], object]) -> int:
    """Register a file as a candidate that claims to be the best."""
    file = one.folder / "brought.npz"
    write(file)
    measured = {CANDIDATE: BEST, IN_USE: WORST, RULES: WORST}
    return one.models.candidate("merge", Made(file, decided()[:50], decided(2)[:60], measured))


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        call()
    problem = caught.value.problem
    assert all((problem.what.zh, problem.what.en, problem.todo.zh, problem.todo.en))
    assert problem.what.zh != problem.what.en
    return problem.status, problem.code


def is_exam(one: Decision) -> bool:
    return any(is_frozen("merge", group) for group in one.groups)


def deeds(one: Registry) -> list[tuple[str, str, str]]:
    with one.database.read() as view:
        rows_ = audit.page(view.connection, after=0, limit=100)
    return [(row.action, row.target, row.person_id) for row in rows_]


def test_an_empty_city_judges_by_rules_and_learns_nothing(fresh: Registry) -> None:
    fresh.learning.tend()
    assert (fresh.line.in_use, fresh.line.versions, fresh.line.exam) == (0, (), 0)
    assert scores(fresh.models.current(MERGE).model) == scores(by_hand())


def test_what_was_decided_is_learned_at_night_examined_and_taken_into_use(taught: Registry) -> None:
    line, first = taught.line, taught.line.versions[0]
    assert (line.in_use, line.answers, line.fault, line.held) == (1, 1, None, False)
    assert first.state is ModelState.PROMOTED
    assert first.promoted_by is None
    assert first.decisions + first.exam == len(taught.decided)
    assert (first.from_at, first.to_at) >= (taught.decided[0].at, taught.decided[0].at)
    assert line.exam == first.exam >= line.fewest
    assert first.frozen["right"] > first.rivals["rules"]["right"]
    assert first.rivals["in_use"] == first.rivals["rules"]
    assert scores(taught.models.current(MERGE).model) != scores(by_hand())
    with taught.database.read() as view:
        kept = table.exam_keys(view.connection, "merge")
    assert kept == {one.key for one in taught.decided if is_exam(one)}
    assert deeds(taught) == [
        ("model.candidate", "model/merge/1", ""),
        ("model.promote", "model/merge/1", ""),
    ]


def test_a_night_learns_once_and_only_from_something_new(taught: Registry) -> None:
    taught.learning.tend()
    assert len(taught.line.versions) == 1
    taught.clock.advance(timedelta(days=1).total_seconds())
    taught.learning.tend()
    assert len(taught.line.versions) == 1  # nothing new was decided
    taught.decided += decided(2)
    taught.learning.tend()
    assert len(taught.line.versions) == 1  # this night has learned
    taught.models.learn(person(), "merge")
    assert taught.line.learning
    taught.learning.tend()
    assert [one.number for one in taught.line.versions] == [2, 1]
    assert not taught.line.learning


def test_a_worse_candidate_does_not_come_into_use_by_night_or_by_hand(taught: Registry) -> None:
    before = scores(taught.models.current(MERGE).model)
    truth = {one.key: one for one in taught.decided}
    lies = [one for one in decided(lies=True) if not is_exam(one)]
    taught.decided = [*(truth | {one.key: one for one in lies}).values()]
    why = taught.learning.run("merge")
    assert why is not None
    newest = taught.line.versions[0]
    assert (newest.number, newest.state) == (2, ModelState.CANDIDATE)
    assert newest.frozen["right"] < newest.rivals["in_use"]["right"]
    hand = refusal(lambda: taught.models.promote(person(), "merge", 2, "想试试"))
    assert hand == (409, "model_worse")
    assert taught.line.in_use == 1
    assert scores(taught.models.current(MERGE).model) == before


def test_what_a_candidate_claims_counts_for_nothing(
    taught: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's promotion holds the exam anew; without the gate the worse one would be in."""
    number = bring(taught, lambda file: judges.save(upside_down(), file))
    call = partial(taught.models.promote, person(), "merge", number, "看数字很好")
    assert refusal(call) == (409, "model_worse")
    monkeypatch.setattr(registry_module, "barred", lambda *_args, **_more: None)
    assert call().in_use == number


def test_too_few_kept_apart_leave_the_decision_to_a_person(fresh: Registry) -> None:
    every = decided()
    apart = [one for one in every if is_exam(one)]
    fresh.decided = [one for one in every if one not in apart] + apart[:20]
    why = fresh.learning.run("merge")
    assert why is not None
    assert "20" in why.en
    assert (fresh.line.in_use, fresh.line.versions[0].state) == (0, ModelState.CANDIDATE)
    line = fresh.models.promote(person(Role.DUTY_LEADER), "merge", 1, "试用")
    assert line.in_use == 1
    by = line.versions[0].promoted_by
    assert by is not None
    assert (by.person_id, line.versions[0].reason) == ("duty_leader", "试用")


def test_a_roll_back_restores_the_former_scores_and_the_service_keeps_its_hands_off(
    taught: Registry,
) -> None:
    first = scores(taught.models.current(MERGE).model)
    taught.decided += decided(2)
    assert taught.learning.run("merge") is None
    second = scores(taught.models.current(MERGE).model)
    assert second != first
    line = taught.models.roll_back(person(), "merge", "误并变多")
    assert (line.in_use, line.held) == (1, True)
    assert [one.state for one in line.versions] == [ModelState.RETIRED, ModelState.PROMOTED]
    assert scores(taught.models.current(MERGE).model) == first
    taught.decided += decided(3)
    why = taught.learning.run("merge")
    assert why is not None  # a person rolled back: a person decides
    assert taught.line.in_use == 1
    line = taught.models.roll_back(person(), "merge", "也不好")
    assert (line.in_use, line.held) == (0, True)
    assert scores(taught.models.current(MERGE).model) == scores(by_hand())
    again = refusal(lambda: taught.models.roll_back(person(), "merge", "再退"))
    assert again == (409, "wrong_state")
    back = [one for one in deeds(taught) if one[0] == "model.roll_back"]
    assert back == [
        ("model.roll_back", "model/merge/2", "maintainer"),
        ("model.roll_back", "model/merge/1", "maintainer"),
    ]
    line = taught.models.promote(person(), "merge", 2, "查明原因，再用")
    assert (line.in_use, line.held) == (2, False)
    assert scores(taught.models.current(MERGE).model) == second


def spoil(file: Path) -> None:
    written = bytearray(file.read_bytes())
    written[len(written) // 2] ^= 0xFF
    file.write_bytes(written)


def exchange(file: Path) -> None:
    """Put a sound model there that is not the one that was made."""
    judges.save(upside_down(), file)


@pytest.mark.parametrize("hurt", [spoil, exchange, Path.unlink])
def test_a_tampered_file_is_refused_and_the_version_before_answers(
    taught: Registry, hurt: Callable[[Path], None]
) -> None:
    first = scores(taught.models.current(MERGE).model)
    number = bring(taught, lambda file: file.write_bytes(taught.file(1).read_bytes()))
    assert taught.models.promote_itself("merge", number) is None
    assert taught.models.current(MERGE).number == 2
    hurt(taught.file(2))
    assert taught.models.current(MERGE).number == 2  # what is at work goes on
    with registry(taught.folder, taught.clock) as again:
        answers = again.models.current(MERGE)
        assert (answers.number, scores(answers.model)) == (1, first)
        line = again.line
        assert (line.in_use, line.answers) == (2, 1)
        assert line.fault is not None
        assert "merge-2.npz" in line.fault.zh
        assert "merge-2.npz" in line.fault.en
        assert again.models.roll_back(person(), "merge", "文件损坏").in_use == 1
        refused = refusal(lambda: again.models.promote(person(), "merge", 2, "再试"))
        assert refused == (409, "model_file")
        hurt(taught.file(1))
    with registry(taught.folder, taught.clock) as bare:
        assert bare.models.current(MERGE).number == 0  # at last the rules


def trap(mark: Path) -> object:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.write_text, (mark, "sprung")

    return Trap()


def pickled(file: Path, mark: Path) -> None:
    with file.open("wb") as to:
        np.savez(to, weights=np.array([trap(mark)], dtype=object))


def raw(file: Path, mark: Path) -> None:
    with file.open("wb") as to:
        np.save(to, np.array([trap(mark)], dtype=object), allow_pickle=True)


@pytest.mark.parametrize("write", [pickled, raw])
def test_a_pickle_in_a_models_place_never_runs(
    taught: Registry, write: Callable[[Path, Path], None]
) -> None:
    mark = taught.folder / "sprung"
    number = bring(taught, lambda file: write(file, mark))
    refused = refusal(lambda: taught.models.promote(person(), "merge", number, "外来文件"))
    assert refused == (409, "model_file")
    assert refusal(lambda: taught.models.promote_itself("merge", number)) == (409, "model_file")
    files = {CANDIDATE: taught.file(number)}
    with (
        pytest.raises(TrainingError, match="no usable model file"),
        taught.models.trainer.work("merge", exam=decided()[:3], files=files),
    ):
        pass
    assert not mark.exists()
    assert taught.line.in_use == 1
    unsafe = np.load(taught.file(number), allow_pickle=True)
    if write is pickled:
        with unsafe:
            _ = unsafe["weights"]
    assert mark.exists()  # the trap does work, where pickle is read


def test_a_model_of_another_kind_or_of_other_clues_is_refused(taught: Registry) -> None:
    parts = by_hand().parts()
    foreign = bring(taught, lambda file: modelfile.save(file, "sorter", {"clues": CLUES}, parts))
    assert refusal(lambda: taught.models.promote_itself("merge", foreign)) == (409, "model_file")
    fewer = {"clues": [*CLUES[:-1], "dearer"]}
    other = bring(taught, lambda file: modelfile.save(file, "judge", fewer, parts))
    assert refusal(lambda: taught.models.promote_itself("merge", other)) == (409, "model_file")


def test_a_tree_that_points_nowhere_is_refused(taught: Registry) -> None:
    learned = judges.load(taught.file(1)).parts()
    about = {"clues": CLUES}
    for name in ("child", "clue", "roots"):
        broken = {**learned, name: learned[name].astype(np.int64) + 10**6}
        save = partial(modelfile.save, kind="judge", about=about, arrays=broken)
        number = bring(taught, save)
        refused = refusal(partial(taught.models.promote_itself, "merge", number))
        assert refused == (409, "model_file"), name


def test_a_newer_candidate_takes_the_older_ones_room(taught: Registry) -> None:
    older = bring(taught, lambda file: judges.save(by_hand(), file))
    newer = bring(taught, lambda file: judges.save(by_hand(), file))
    states = {one.number: (one.state, one.kept) for one in taught.line.versions}
    assert states[newer] == (ModelState.CANDIDATE, True)
    assert states[older] == (ModelState.RETIRED, False)
    assert states[1] == (ModelState.PROMOTED, True)
    assert not taught.file(older).exists()
    assert taught.file(1).exists()


def test_only_who_decides_for_the_city_may(taught: Registry) -> None:
    for one in (
        person(Role.DISPATCHER),
        person(Role.LEADER),
        person(Role.OPERATOR),
        person(Role.DUTY_LEADER, "320623"),
    ):
        for call in (
            partial(taught.models.promote, one, "merge", 1, "x"),
            partial(taught.models.roll_back, one, "merge", "x"),
            partial(taught.models.learn, one, "merge"),
        ):
            assert refusal(call) == (403, "forbidden")
    assert refusal(lambda: taught.models.learn(person(), "gate"))[0] == 404
    assert refusal(lambda: taught.models.promote(person(), "merge", 9, "x"))[0] == 404
    in_use = refusal(lambda: taught.models.promote(person(), "merge", 1, "x"))
    assert in_use == (409, "wrong_state")


def test_live_counts_go_with_the_version_and_with_the_unit(taught: Registry) -> None:
    with taught.database.write() as unit:
        for right in (True, True, False):
            taught.models.record(unit, "merge", 1, right=right)
        taught.models.record(unit, "merge", 0, right=True)
    with suppress(KeyError), taught.database.write() as unit:
        taught.models.record(unit, "merge", 1, right=True)
        raise KeyError  # the decision itself fails: nothing was decided
    line = taught.line
    assert line.versions[0].live.metrics == {"decided": 3.0, "right": 2 / 3}
    assert line.rules.metrics == {"decided": 1.0, "right": 1.0}
    taught.clock.advance(timedelta(days=31).total_seconds())
    assert taught.line.versions[0].live.metrics == {"decided": 0.0}


def test_one_at_a_time_a_person_is_told_and_going_down_ends_it(tmp_path: Path) -> None:
    trainer = Trainer(tmp_path / "models")
    failed: list[str] = []

    def long() -> None:
        try:
            with trainer.work("merge", lessons=decided(1) * 200, exam=decided(2), files={}):
                pass
        except TrainingError as error:
            failed.append(str(error))

    thread = Thread(target=long)
    thread.start()
    end = time.monotonic() + 20
    while not trainer.name and time.monotonic() < end:
        time.sleep(0.01)
    busy = refusal(lambda: trainer.work("merge", exam=decided(2), files={}).__enter__())
    assert busy == (503, "learning")
    time.sleep(0.3)
    began = time.monotonic()
    trainer.close()
    thread.join(5)
    assert time.monotonic() - began < 3
    assert failed
    with pytest.raises(TrainingError), trainer.work("merge", exam=[], files={}):
        pass
    assert list((tmp_path / "models").iterdir()) == []


def test_what_a_killed_service_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "models" / "work-abc"
    left.mkdir(parents=True)
    (left / "lessons.jsonl").write_text(json.dumps({"text": "来电人姓名"}))
    Trainer(tmp_path / "models")
    assert not left.exists()


def test_a_model_that_fails_spares_the_others_and_the_rest_of_the_night(
    taught: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(name: str) -> None:
        tried.append(name)
        raise TrainingError(name)

    monkeypatch.setattr(taught.learning, "run", fail)
    monkeypatch.setattr(taught.learning, "_sources", {"merge": taught.give, "matter": taught.give})
    taught.clock.advance(timedelta(days=1).total_seconds())
    for _ in range(3):
        taught.learning.tend()
    assert tried == ["merge", "matter"]
