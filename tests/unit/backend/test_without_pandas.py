"""The service and the city never read pandas, which pyarrow would do at their first array."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end2end.stack import ROOT

CODE = """
import contextlib, sys
from backend.__main__ import main
with contextlib.suppress(SystemExit):
    main([sys.argv[1], "--help"])
import numpy as np, pyarrow as pa
assert pa.array(np.arange(3)).to_numpy().tolist() == [0, 1, 2]
print("\\npandas" if "pandas" in sys.modules else "\\nnone")
"""


@pytest.mark.parametrize(
    ("command", "read"), [("serve", "none"), ("simulate", "none"), ("import", "pandas")]
)
def test_who_reads_pandas(command: str, read: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == read
