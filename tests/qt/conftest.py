"""Screen tests: the map's URL scheme must be known before the first QApplication."""

from __future__ import annotations

from maps import scheme

scheme.register()
