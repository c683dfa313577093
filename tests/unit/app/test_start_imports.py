"""What the first window does not need is not read before it: an import there is time on a wall."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end2end.stack import ROOT

LATE = ("pandas", "geopandas", "pyogrio", "openpyxl", "pyqtgraph", "folium")
# A block goes through Arrow as well: `to_numpy` would read pandas.
CODE = """
import sys
import main, widgets.program
from backend_client.contract.columns import decode_features, encode_features
from tests.fakes import features
decode_features(encode_features(features()))
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("name", LATE)
def test_the_console_starts_without(loaded: frozenset[str], name: str) -> None:
    assert name not in loaded


def test_what_a_window_is_made_of_is_looked_at(loaded: frozenset[str]) -> None:
    assert {"widgets.window", "maps.view", "app.sync", "pyarrow"} <= loaded


def test_the_caches_library_is_read_before_there_are_workers(loaded: frozenset[str]) -> None:
    """Read by a worker it waited for the loader, and everybody else for the interpreter."""
    assert "sqlalchemy" in loaded
