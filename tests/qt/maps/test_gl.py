"""WebGL draws what the raster draws, is taken on a real card only, and may be lost.

No real card was at hand: the same shaders run on llvmpipe here, by a forced setting.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.qt.maps.conftest import Show
from tests.qt.maps.test_lasso import ask

ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 120


def test_webgl_draws_the_raster_picture_and_its_loss_costs_nothing() -> None:
    flags = "--ignore-gpu-blocklist --disable-gpu-compositing"
    env = {**os.environ, "QTWEBENGINE_CHROMIUM_FLAGS": flags}
    env.pop("QT_QUICK_BACKEND", None)
    command = [sys.executable, "-m", "tests.qt.maps.gl_once"]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    drawn = found["gl"]
    assert drawn["name"] == "Gl"
    assert drawn["drawn"] > 10_000
    assert drawn["off"] <= 0.005 * drawn["drawn"]
    assert drawn["mean"] < 2.0
    assert found["after"]["name"] == "Raster"
    assert found["faults"] == []


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("ANGLE (Mesa/X.org, llvmpipe (LLVM 15.0.6 256 bits), OpenGL 4.5)", True),
        ("Google SwiftShader", True),
        ("ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11)", True),
        ("ANGLE (NVIDIA Corporation, NVIDIA RTX A2000/PCIe/SSE2, OpenGL 4.5)", False),
        ("ANGLE (Intel, Mesa Intel(R) UHD Graphics 770 (ADL-S GT1), OpenGL 4.6)", False),
        ("ANGLE (AMD, Radeon RX 6600, OpenGL 4.6)", False),
    ],
)
def test_only_a_real_card_is_taken(qtbot: QtBot, show: Show, name: str, software: bool) -> None:
    view = show([])
    assert ask(qtbot, view, f"NT.SOFTWARE.test({json.dumps(name)})") is software
    assert ask(qtbot, view, "NT.app.back.constructor.name") == "Raster"  # no card here
