"""The command line's first word decides what is loaded; a parent's number goes with any."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from backend.__main__ import OUTSIDERS, split_parent
from backend.commands import app


def test_parent_is_taken_out_wherever_it_stands() -> None:
    assert split_parent(["serve", "--with-parent", "7", "--city"]) == (7, ["serve", "--city"])
    assert split_parent(["--with-parent", "7", "plant"]) == (7, ["plant"])
    assert split_parent(["plant"]) == (None, ["plant"])


@pytest.mark.parametrize("words", [["serve", "--with-parent"], ["--with-parent", "x"]])
def test_parent_needs_a_number(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="进程号"):
        split_parent(words)


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


def is_chinese(said: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in said)


@pytest.mark.parametrize("command", sorted(OUTSIDERS))
def test_outsiders_say_what_they_take_and_load_nothing_of_the_service(command: str) -> None:
    service = ("backend.asgi", "backend.services", "sqlalchemy")
    words = [sys.executable, "-c", ASK, command, *service]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr.strip()) == (0, "")
    assert is_chinese(run.stdout)


@pytest.mark.parametrize(
    "words", ["serve", "migrate", "move", "thin", "audit verify", "accounts reset"]
)
def test_commands_of_the_service_say_what_they_take(words: str) -> None:
    said = CliRunner().invoke(app, [*words.split(), "--help"])
    assert said.exit_code == 0
    assert is_chinese(said.stdout)
