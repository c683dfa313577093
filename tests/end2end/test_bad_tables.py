"""A table a site has spoiled stops the service with one line that names it, and no trace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.stack import ROOT

pytestmark = pytest.mark.end2end

FAULTS = {
    "deadlines.toml": ('span = "15 min"', 'span = "15 minutes"', "rule 3", "write span as 15 min"),
    "shifts.toml": ('begins = "20:00"', 'begins = "8pm"', "shift 2", 'begins as "08:00"'),
    "text/merging.toml": ("auto = 0.9", "auto = 9", "auto = 9", "from 0 to 1"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("site")
    for name in ("backend", "backend_client", "resources"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    return home


@pytest.mark.parametrize("name", FAULTS)
def test_a_spoiled_table_is_named_in_one_line(name: str, copied: Path, tmp_path: Path) -> None:
    good, bad, row, todo = FAULTS[name]
    file = copied / "resources" / name
    text = file.read_text(encoding="utf-8")
    assert good in text
    for spoiled in (text.replace(good, bad, 1), text + "\n[[["):
        file.write_text(spoiled, encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "backend", "serve", "--data", str(tmp_path / "data")],
                cwd=copied,
                capture_output=True,
                text=True,
                timeout=120,
            )
        finally:
            file.write_text(text, encoding="utf-8")
        assert done.returncode == 3, done.stderr
        said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        assert len(said) == 1, done.stderr
        assert said[0].startswith(f"{file.name}")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said[0])
        if spoiled.endswith("[[["):
            assert "line" in said[0], "the reader's own place"
        else:
            assert row in said[0]
            assert todo in said[0]
