"""A console's types are built when first used; everybody else's at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ASK = (
    "from backend_client.contract.events import Event, Touch; whole = Event.__pydantic_complete__;"
    "Touch(version=1); print(whole, Touch.__pydantic_complete__)"
)


def said(*first: str) -> str:
    words = "; ".join((*first, ASK))
    return subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_only_a_console_builds_its_types_when_first_used() -> None:
    assert said("import app.early") == "False True"
    assert said() == "True True"


def test_the_program_says_so_before_it_reads_anything_of_ours() -> None:
    ours = [
        line
        for line in (ROOT / "main.py").read_text(encoding="utf-8").splitlines()
        if line.startswith(("import app", "from app", "from backend_client", "from maps"))
    ]
    assert ours[0].startswith("import app.early")
