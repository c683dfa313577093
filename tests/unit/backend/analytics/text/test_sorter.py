"""A sorter learns what it is shown, says how sure it is, and comes back from its file the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from backend.analytics.text.lens import DUTIES_FILE, grind, read_duties, runs
from backend.analytics.text.modelfile import ModelFileError, save
from backend.analytics.text.sample import Sample, sample
from backend.analytics.text.sorter import KIND, best, learn, load, solve

BUS = "公交车不按时到站，司机态度差，线路班次太少"
NOISE = "工地夜间施工噪音太大，渣土车进出扬尘，睡不着"
SCHOOL = "学校补课收费，老师布置作业太多，入学名额不够"


def made(number: int, words: str, label: str = "") -> Sample:
    row = {"id": f"m{number}", "title": "", "text": f"{words}，第{number}次", "label": label}
    return sample(row, "label" if label else None)


def examples(each: int = 12) -> list[Sample]:
    texts = {"交通": BUS, "环境": NOISE, "教育": SCHOOL}
    numbered = [(label, words) for label, words in texts.items() for _ in range(each)]
    return [
        made(at, words[at % 5 :] + words[: at % 7], label)
        for at, (label, words) in enumerate(numbered)
    ]


def test_a_report_goes_where_its_like_went() -> None:
    sorter = learn(examples(), duties=0.0)
    asked = [made(90, "公交线路司机"), made(91, "夜间噪音渣土"), made(92, "老师补课")]
    found = [row[0] for row in best(sorter.shares(asked), sorter.labels, 1)]
    assert [label for label, _ in found] == ["交通", "环境", "教育"]
    assert all(share > 0.5 for _, share in found)


def test_shares_sum_to_one_also_for_words_never_seen() -> None:
    sorter = learn(examples(), duties=1.0)
    shares = sorter.shares([made(90, "qwerty"), made(91, BUS)])
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    assert np.isfinite(shares).all()
    assert sorter.shares([]).shape == (0, 3)


def test_a_duty_named_leads_to_a_unit_whose_examples_had_other_words() -> None:
    shown = [made(1, "自来水停水", "水务"), made(2, "供水水压低", "水务")]
    shown += [made(3, "红绿灯坏了", "交警"), made(4, "违停很多", "交警")]
    sorter = learn(shown, duties=2.0)
    (first,) = best(sorter.shares([made(9, "管网爆管，二次供水水表")]), sorter.labels, 1)
    assert first[0][0] == "水务"
    (first,) = best(sorter.shares([made(9, "逆行闯红灯，斑马线")]), sorter.labels, 1)
    assert first[0][0] == "交警"


def test_a_sorter_comes_back_the_same(tmp_path: Path) -> None:
    sorter = learn(examples(), duties=1.0)
    sorter.save(tmp_path / "model")
    again = load(tmp_path / "model")
    asked = [made(90, BUS), made(91, "路灯不亮")]
    assert (again.shares(asked) == sorter.shares(asked)).all()
    assert again.labels == sorter.labels


def test_a_model_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "model", KIND, {"labels": ["a"]}, {"weights": np.zeros((3, 1))})
    with pytest.raises(ModelFileError, match="重新训练"):
        load(tmp_path / "model")


def test_learning_is_the_same_each_time() -> None:
    one, two = learn(examples(), duties=1.0), learn(examples(), duties=1.0)
    assert (one.weights == two.weights).all()
    assert one.sharp == two.sharp


def test_a_row_in_another_encoding_is_no_report() -> None:
    with pytest.raises(ValueError, match="不是 UTF-8"):
        sample({"id": "a", "text": "停水".encode("gb18030").decode("ascii", "surrogateescape")})


def test_nothing_shown_nothing_learned() -> None:
    with pytest.raises(ValueError, match="no examples"):
        learn([], duties=0.0)


def test_weights_are_those_of_ridge_regression() -> None:
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(40, 15)).astype(np.float32)
    wanted = draw.normal(size=(40, 3)).astype(np.float32)
    exact = np.linalg.solve(rows.T @ rows + 0.7 * np.eye(15), rows.T @ wanted)
    assert solve(sparse.csr_matrix(rows), wanted, 0.7) == pytest.approx(exact, abs=2e-3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=5))
def test_runs_are_those_counted_one_by_one(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    owner, key = runs(texts)
    wanted = sorted(
        (at, sum(ord(sign) << 21 * place for place, sign in enumerate(text[first : first + long])))
        for at, text in enumerate(texts)
        for long in (1, 2, 3)
        for first in range(len(text) - long + 1)
    )
    assert sorted(zip(owner.tolist(), key.tolist(), strict=True)) == wanted


def test_reports_in_any_number_give_rows_of_the_same_evidence() -> None:
    lens = grind(examples(), duties=1.0)
    assert {lens.rows(examples()[:count]).shape[1] for count in (1, 2, 9)} == {
        len(lens.words) + len(lens.runs.keys) + len(lens.heads.keys) + len(lens.duties)
    }


def test_every_duty_has_words_of_its_own() -> None:
    duties = read_duties(DUTIES_FILE)
    assert len(duties) >= 25
    for at, words in enumerate(duties):
        others = {word for other in duties[:at] + duties[at + 1 :] for word in other}
        assert len(set(words) - others) >= 5, words
