"""What the first window does not need is not read before it: an import there is time on a wall."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end2end.stack import ROOT

LATE = (
    "sqlalchemy",
    "pandas",
    "geopandas",
    "pyogrio",
    "openpyxl",
    "pyqtgraph",
    "folium",
    "sklearn",
)


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    code = "import main, widgets.program, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("name", LATE)
def test_the_console_starts_without(loaded: frozenset[str], name: str) -> None:
    assert name not in loaded


def test_what_a_window_is_made_of_is_looked_at(loaded: frozenset[str]) -> None:
    assert {"widgets.window", "maps.view", "app.sync"} <= loaded
