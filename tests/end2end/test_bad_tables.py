"""A table a site has spoiled stops the service with one line that names it, and no trace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end2end.stack import ROOT

pytestmark = pytest.mark.end2end

FAULTS = {
    "deadlines.toml": ('span = "15 min"', 'span = "15 minutes"', "rule 3", "write span as 15 min"),
    "shifts.toml": ('begins = "20:00"', 'begins = "8pm"', "shift 2", 'begins as "08:00"'),
    "text/merging.toml": ("auto = 0.9", "auto = 9", "auto = 9", "from 0 to 1"),
}


def site(home: Path) -> Path:
    """Give a site's installation: our program, and tables of its own to spoil."""
    for name in ("backend", "backend_client"):
        (home / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "resources", home / "resources")
    return home


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give two installations that are started beside each other."""
    return site(tmp_path_factory.mktemp("one")), site(tmp_path_factory.mktemp("two"))


@contextmanager
def spoiled(home: Path, name: str, text: str) -> Iterator[subprocess.Popen[str]]:
    """Start a service on a spoiled table, and mend the table again."""
    file = home / "resources" / name
    good = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "backend", "serve", "--data", str(home / "data")]
    running = subprocess.Popen(
        words, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate(timeout=10)
        file.write_text(good, encoding="utf-8")


def refusal(running: subprocess.Popen[str]) -> str:
    """Give the one line a service ends with that cannot use a table."""
    _out, said = running.communicate(timeout=120)
    assert running.returncode == 3, said
    lines = [line for line in said.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, said
    assert any("\u4e00" <= letter <= "\u9fff" for letter in lines[0])
    return lines[0]


@pytest.mark.parametrize("name", FAULTS)
def test_a_spoiled_table_is_named_in_one_line(name: str, sites: tuple[Path, Path]) -> None:
    good, bad, row, todo = FAULTS[name]
    text = (ROOT / "resources" / name).read_text(encoding="utf-8")
    assert good in text
    with (
        spoiled(sites[0], name, text.replace(good, bad, 1)) as wrong,
        spoiled(sites[1], name, text + "\n[[[") as broken,
    ):
        said = refusal(wrong)
        assert said.startswith(Path(name).name)
        assert row in said
        assert todo in said
        said = refusal(broken)
        assert said.startswith(Path(name).name)
        assert "line" in said, "the reader's own place"
