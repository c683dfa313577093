"""The command line's first word decides what is loaded; a parent's number goes with any."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backend.__main__ import OUTSIDERS, split_parent


def test_parent_is_taken_out_wherever_it_stands() -> None:
    assert split_parent(["serve", "--with-parent", "7", "--city"]) == (7, ["serve", "--city"])
    assert split_parent(["--with-parent", "7", "plant"]) == (7, ["plant"])
    assert split_parent(["plant"]) == (None, ["plant"])


@pytest.mark.parametrize("words", [["serve", "--with-parent"], ["--with-parent", "x"]])
def test_parent_needs_a_number(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="进程号"):
        split_parent(words)


SERVICE = ["backend.asgi", "backend.services", "sqlalchemy"]
ASK = """
import sys
from backend.__main__ import main
try:
    main([sys.argv[1], "--help"])
except SystemExit as end:
    status = end.code
print(*[name for name in sys.argv[2:] if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.parametrize("command", sorted([*OUTSIDERS, "move", "serve"]))
def test_every_command_says_what_it_takes_and_outsiders_load_nothing_of_the_service(
    command: str,
) -> None:
    words = [sys.executable, "-c", ASK, command, *SERVICE]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert any("一" <= sign <= "鿿" for sign in run.stdout), "it is said in Chinese too"
    assert run.stderr.split() == ([] if command in OUTSIDERS else SERVICE)
