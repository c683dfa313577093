from __future__ import annotations

import json

import pytest

from maps.bridge import Bridge


def test_orders_are_json_whatever_they_hold() -> None:
    bridge = Bridge()
    told: list[str] = []
    bridge.told.connect(told.append)
    bridge.tell("labels", "water", {"1": ["'); alert(1); ('</script>", "九圩港闸\n"]})
    (text,) = told
    assert json.loads(text) == {
        "verb": "labels",
        "args": ["water", {"1": ["'); alert(1); ('</script>", "九圩港闸\n"]}],
    }


@pytest.mark.parametrize(
    ("shape", "points"),
    [
        ("star", "[[120, 32]]"),
        ("polygon", "[]"),
        ("polygon", "{}"),
        ("polygon", "[[720, 32], [1e400, 3]]"),
    ],
)
def test_drawings_that_are_none_are_dropped(shape: str, points: str) -> None:
    bridge = Bridge()
    drawn: list[object] = []
    bridge.area_drawn.connect(lambda *args: drawn.append(args))
    bridge.lasso(shape, points)
    assert drawn == []


def test_reports_are_typed() -> None:
    bridge = Bridge()
    heard: list[object] = []
    bridge.camera_moved.connect(lambda *args: heard.append(args))
    bridge.object_clicked.connect(lambda *args: heard.append(args))
    bridge.words_wanted.connect(lambda *args: heard.append(args))
    bridge.camera(120.9, 32.0, 10.5)
    bridge.camera(float("nan"), 32.0, 10.5)
    bridge.clicked("water", 7.0)
    bridge.clicked("water", -1.0)
    bridge.wanted("water", '[1, "x", -2, 3]')
    assert heard == [(120.9, 32.0, 10.5), ("water", 7), ("water", (1, 3))]
