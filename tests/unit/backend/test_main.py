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


@pytest.mark.parametrize("command", sorted([*OUTSIDERS, "move", "serve"]))
def test_every_command_says_what_it_takes(command: str) -> None:
    words = [sys.executable, "-m", "backend", command, "--help"]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert any("一" <= sign <= "鿿" for sign in run.stdout), "it is said in Chinese too"


@pytest.mark.parametrize("module", sorted(OUTSIDERS.values()))
def test_outsiders_load_nothing_of_the_service(module: str) -> None:
    code = (
        f"import sys, importlib; import backend.__main__; importlib.import_module({module!r});"
        "print([n for n in sys.modules if n in ('backend.asgi', 'backend.services', 'sqlalchemy')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "[]", run.stderr
