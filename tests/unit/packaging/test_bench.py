"""A bench renews its own section of the page and leaves the others alone."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_program", ROOT / "packaging" / "bench.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PAGE", tmp_path / "benchmarks.md")
    return module


def result(title: str, *, met: bool) -> dict[str, object]:
    row = {"what": "w", "ours": "1", "other": "2", "ratio": 2.0, "target": "t", "met": met}
    return {"title": title, "rows": [row], "note": "n"}


def test_one_section_is_renewed_and_the_others_stay(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "run", lambda name: result(f"Bench {name}", met=True))
    monkeypatch.setattr(sys, "argv", ["bench.py", "a", "b"])
    assert bench.main() == 0
    before = bench.sections(bench.PAGE.read_text("utf-8"))
    monkeypatch.setattr(bench, "run", lambda name: result(f"Bench {name}", met=False))
    monkeypatch.setattr(sys, "argv", ["bench.py", "b"])
    assert bench.main() == 0
    after = bench.sections(bench.PAGE.read_text("utf-8"))
    assert list(after) == ["Bench a", "Bench b"]
    assert after["Bench a"] == before["Bench a"]
    assert "**no**" in after["Bench b"]


def test_a_bench_without_a_result_is_said_and_fails(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "run", lambda name: {"title": name, "rows": [], "note": "ended"})
    monkeypatch.setattr(sys, "argv", ["bench.py", "a"])
    assert bench.main() == 1
    assert "ended" in bench.PAGE.read_text("utf-8")
