"""`python -m backend events` as people run it: good rows are answered, bad ones told by line."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.stack import ROOT

CLASSES = {
    "道路": ["路面坑洼很深，电动车容易摔倒", "井盖松动，车压过去响", "人行道地砖破损没人修"],
    "噪声": ["工地半夜打桩，吵得睡不着", "广场舞音响太大", "楼下烧烤店喇叭喊到凌晨"],
    "供水": ["自来水发黄有异味", "水压太低六楼没水", "停水三天没有通知"],
}
SITES = ("青年路", "濠东路", "工农路", "跃龙路")
LEFT_OUT = "略过 {0} 行，其余已写入"


def events(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend", "events", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def write(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8") -> Path:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding=encoding, newline="") as file:
        made = csv.DictWriter(file, list(rows[0]))
        made.writeheader()
        made.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def taught() -> list[dict[str, str]]:
    return [
        {"id": f"t{site}{at}{label}", "text": f"{site}{words}", "label": label}
        for label, texts in CLASSES.items()
        for at, words in enumerate(texts)
        for site in SITES
    ]


@pytest.fixture
def train(tmp_path: Path) -> Path:
    return write(tmp_path / "train.csv", taught())


def ask(folder: Path, texts: list[tuple[str, str]]) -> Path:
    return write(folder / "in.csv", [{"id": one, "text": text} for one, text in texts])


def test_classes_are_given_with_how_sure(train: Path, tmp_path: Path) -> None:
    asked = ask(tmp_path, [("a", "红星路井盖松动"), ("b", "停水没有通知，自来水发黄")])
    done = events("classify", "--train", train, asked, tmp_path / "out.csv")
    assert (done.returncode, done.stderr) == (0, "")
    found = read(tmp_path / "out.csv")
    assert [(one["id"], one["pred"]) for one in found] == [("a", "道路"), ("b", "供水")]
    assert all(0.34 < float(one["score"]) <= 1 for one in found)


def test_packed_files_and_tokens_are_read_too(tmp_path: Path) -> None:
    rows = [
        {"id": one["id"], "tokens": " ".join(one["text"]), "label": one["label"]}
        for one in taught()
    ]
    train = write(tmp_path / "train.csv.gz", rows)
    asked = write(tmp_path / "in.csv.gz", [{"id": "a", "tokens": "井盖 松动 路面"}])
    done = events("classify", "--train", train, asked, tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert [one["pred"] for one in read(tmp_path / "out.csv")] == ["道路"]


def test_units_are_ranked(tmp_path: Path) -> None:
    units = {"道路": "市政园林", "噪声": "城管|生态环境", "供水": "水务"}
    rows = [
        {
            "id": one["id"],
            "title": one["text"][:8],
            "text": one["text"],
            "depts": units[one["label"]],
        }
        for one in taught()
    ]
    train = write(tmp_path / "train.csv", rows)
    asked = write(tmp_path / "in.csv", [{"id": "a", "title": "半夜打桩", "text": "工地吵得睡不着"}])
    done = events("route", "--train", train, asked, tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    (found,) = read(tmp_path / "out.csv")
    assert set(found["depts"].split("|")[:2]) == {"城管", "生态环境"}
    assert len(set(found["depts"].split("|"))) == 4


def test_bad_rows_are_told_by_line_and_the_others_answered(train: Path, tmp_path: Path) -> None:
    asked = ask(
        tmp_path,
        [("a", "井盖松动"), ("b", "  "), ("a", "停水"), ("", "停水"), ("c", "停水三天")],
    )
    done = events("classify", "--train", train, asked, tmp_path / "out.csv")
    assert done.returncode == 1
    assert [one["id"] for one in read(tmp_path / "out.csv")] == ["a", "c"]
    for line, zh, en in (
        (3, "没有文字", "no words"),
        (4, "编号 a 重复", "comes twice"),
        (5, "没有编号", "no id"),
    ):
        told = [said for said in done.stderr.splitlines() if f"第 {line} 行" in said]
        assert len(told) == 1, done.stderr
        assert zh in told[0]
        assert en in told[0]
    assert LEFT_OUT.format(3) in done.stderr


def test_an_example_without_label_is_left_out_alone(tmp_path: Path) -> None:
    train = write(tmp_path / "t.csv", [*taught(), {"id": "x", "text": "路灯不亮", "label": ""}])
    done = events("classify", "--train", train, ask(tmp_path, [("a", "停水")]), tmp_path / "o.csv")
    assert done.returncode == 1
    assert "label 为空" in done.stderr
    assert len(read(tmp_path / "o.csv")) == 1


def test_a_text_of_a_megabyte_is_taken(train: Path, tmp_path: Path) -> None:
    asked = ask(tmp_path, [("a", "井盖松动，路面坑洼。" * 100_000), ("b", "停水")])
    assert asked.stat().st_size > 2**20
    done = events("classify", "--train", train, asked, tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert [one["pred"] for one in read(tmp_path / "out.csv")] == ["道路", "供水"]


@pytest.mark.parametrize("what", ["away", "columns", "encoding", "empty", "torn"])
def test_a_table_of_no_use_is_named(train: Path, tmp_path: Path, what: str) -> None:
    asked = tmp_path / ("in.csv.gz" if what == "torn" else "in.csv")
    if what == "columns":
        write(asked, [{"id": "a", "body": "停水"}])
    elif what == "encoding":
        write(asked, [{"id": "a", "正文": "停水三天没有通知"}], encoding="gb18030")
    elif what == "empty":
        asked.write_bytes(b"")
    elif what == "torn":
        asked.write_bytes(gzip.compress(b"id,text\na,b\n" * 99)[:-20])
    done = events("classify", "--train", train, asked, tmp_path / "out.csv")
    assert done.returncode == 2, done.stderr
    assert str(asked) in done.stderr
    assert " / " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_no_example_nothing_learned(tmp_path: Path) -> None:
    train = write(tmp_path / "t.csv", [{"id": "x", "text": "", "label": "道路"}])
    done = events("classify", "--train", train, ask(tmp_path, [("a", "停水")]), tmp_path / "o.csv")
    assert done.returncode == 2
    assert "没有可用的样例" in done.stderr
    assert "no example can be used" in done.stderr


def test_a_folder_that_is_not_there_is_named(train: Path, tmp_path: Path) -> None:
    out = tmp_path / "none" / "out.csv"
    done = events("classify", "--train", train, ask(tmp_path, [("a", "停水")]), out)
    assert done.returncode == 2
    assert f"{out}：无法写入" in done.stderr


def test_lessons_go_together(tmp_path: Path) -> None:
    done = events("merge", tmp_path / "a", tmp_path / "b", "--train-pairs", tmp_path / "c")
    assert done.returncode == 2
    assert "须同时给出" in done.stderr
    assert "go together" in done.stderr


REPORTS = [
    ("r1", "2026-03-01T08:00:00", "青年路12号井盖松动", "青年路12号门口井盖松动，车压过去响"),
    ("r2", "2026-03-01T08:40:00", "青年路12号井盖响", "青年路12号的井盖松了，夜里一直响"),
    ("r3", "2026-03-01T09:00:00", "跃龙路小学门口停水", "跃龙路小学停水三天，食堂做不了饭"),
]


def reports(folder: Path, *more: tuple[str, str, str, str], name: str = "messages.csv.gz") -> Path:
    rows = [
        {"id": one, "user": "u", "time": time, "title": title, "text": text}
        for one, time, title, text in [*REPORTS, *more]
    ]
    return write(folder / name, rows)


def test_reports_are_merged_in_order_of_time(tmp_path: Path) -> None:
    done = events("merge", reports(tmp_path), tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    found = {one["id"]: one["cluster_id"] for one in read(tmp_path / "out.csv")}
    assert found["r1"] == found["r2"]
    assert found["r3"] != found["r1"]


def test_pairs_are_judged_with_a_score(tmp_path: Path) -> None:
    asked = write(
        tmp_path / "pairs.csv",
        [{"id_a": "r1", "id_b": "r2"}, {"id_a": "r1", "id_b": "r3"}, {"id_a": "r1", "id_b": "r9"}],
    )
    done = events("pairs", reports(tmp_path), asked, tmp_path / "out.csv")
    assert done.returncode == 1, done.stderr
    assert "r9" in done.stderr
    assert LEFT_OUT.format(1) in done.stderr
    found = read(tmp_path / "out.csv")
    assert [(one["id_a"], one["id_b"], one["pred"]) for one in found] == [
        ("r1", "r2", "1"), ("r1", "r3", "0"),
    ]  # fmt: skip
    assert float(found[0]["score"]) > float(found[1]["score"])


def test_reports_of_no_use_are_left_out_alone(tmp_path: Path) -> None:
    bad = (
        ("r4", "昨天早上", "青年路积水", "青年路积水"),
        ("r5", "2026-03-01T10:00:00", " ", ""),
        ("r1", "2026-03-01T11:00:00", "编号又来一次", "同一编号"),
        ("r6", "2026-03-01 09:05:00", "工农路积水", "工农路一下雨就积水" * 60_000),
    )
    done = events("merge", reports(tmp_path, *bad), tmp_path / "out.csv")
    assert done.returncode == 1, done.stderr
    assert {one["id"] for one in read(tmp_path / "out.csv")} == {"r1", "r2", "r3", "r6"}
    for line in (5, 6, 7):
        told = [said for said in done.stderr.splitlines() if f"第 {line} 行" in said]
        assert len(told) == 1, done.stderr
        assert " / " in told[0]
