"""The city's layers: one module each, holding one `LAYER` table; a new file is a new layer."""

from __future__ import annotations

import importlib
import pkgutil

from backend.simulator.kinds import LayerTable


def load() -> tuple[LayerTable, ...]:
    """Read every module of this folder."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").LAYER for name in names)
