"""No process of ours reads pandas, which pyarrow would do at its first array."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backend.__main__ import OUTSIDERS
from tests.end2end.stack import ROOT

BEGUN = """
import contextlib, sys
from backend.__main__ import main
with contextlib.suppress(SystemExit):
    main([sys.argv[1], "--help"])
"""
ARRAY = """
import sys
import numpy as np, pyarrow as pa
assert pa.array(np.arange(3)).to_numpy().tolist() == [0, 1, 2]
print("\\npandas" if "pandas" in sys.modules else "\\nnone")
"""


def read_by(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1]


@pytest.mark.parametrize("command", ["serve", *OUTSIDERS])
def test_no_command_reads_pandas(command: str) -> None:
    assert read_by(BEGUN + ARRAY, command) == "none"


def test_neither_does_a_console() -> None:
    assert read_by("import app.early" + ARRAY) == "none"


def test_without_our_word_it_would_be_read() -> None:
    assert read_by(ARRAY) == "pandas"
