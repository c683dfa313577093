"""The house rules can fail: each planted breach is found by the tool that guards it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
FOLDERS = ("app", "widgets", "maps", "backend_client", "backend")

BREACHES = {
    "console imports the service": ("app/stores.py", "import backend.domain"),
    "model imports widgets": ("app/stores.py", "import widgets"),
    "domain imports the database": ("backend/domain/events.py", "import backend.storage.tables"),
    "city imports the service": ("backend/simulator/tide.py", "import backend.services"),
    "client imports Qt": ("backend_client/client.py", "import PySide6.QtCore"),
    "service imports the client": ("backend/services/events.py", "import backend_client.client"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of our sources that a test may spoil."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tree / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True)


@pytest.mark.parametrize("breach", BREACHES)
def test_planted_import_breaks_a_contract(copy: Path, breach: str) -> None:
    place, line = BREACHES[breach]
    source = copy / place
    whole = source.read_text(encoding="utf-8")
    source.write_text(f"{whole}\n{line}  # planted\n", encoding="utf-8")
    try:
        assert lint_imports(copy).returncode != 0
    finally:
        source.write_text(whole, encoding="utf-8")


def test_unspoiled_tree_keeps_every_contract(copy: Path) -> None:
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("app/x.py", "import threading"),
        ("app/x.py", "from datetime import datetime\nprint(datetime.now())"),
        ("app/x.py", "from PySide6.QtWidgets import QWidget"),
        ("backend_client/x.py", "import sqlalchemy"),
        ("widgets/x.py", "import time\nprint(time.time())"),
    ],
)
def test_planted_name_is_refused_by_the_linter(place: str, code: str) -> None:
    command = [str(BIN / "ruff"), "check", "--select", "TID251", "--stdin-filename", place, "-"]
    done = subprocess.run(command, cwd=ROOT, input=code + "\n", capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert "TID251" in done.stdout


@pytest.mark.parametrize(("lines", "verdict"), [(58, 0), (60, 1)])
def test_a_long_function_fails_the_size_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, verdict: int
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    import sizes

    short = "".join(f"def f{number}():\n    return {number}\n" for number in range(99))
    body = "\n".join("    x = 1" for _ in range(lines))
    (tmp_path / "app").mkdir()
    source = tmp_path / "app" / "long.py"
    source.write_text(f"{short}def long():\n{body}\n", encoding="utf-8")
    (tmp_path / "main.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    assert sizes.main() == verdict
