"""The Qt binding itself: a release that corrupts the interpreter must not slip in."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject


def test_void_calls_keep_the_reference_count_of_none() -> None:
    """PySide6 6.12.0 on Python 3.11 drops one reference per call and aborts in the end."""
    subject = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        subject.setObjectName("a")
    assert before - sys.getrefcount(None) < 50
