"""Blocks and fixes of any layer made from its spec: the same numbers each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from app.blocks import empty_fixes
from backend_client.contract.columns import FeatureBlock, FixBlock, empty_features
from maps.spec import LayerSpec

COUNTIES = ("320613", "320612", "320614", "320623", "320681", "320682", "320685", "320671")


def layer_block(
    spec: LayerSpec, at: datetime, *, each: int = 40, version: int = 1, calm: bool = False
) -> FeatureBlock:
    """Give `each` objects of every fixed kind: one in twenty abnormal where its kind can be.

    On a calm day they have the levels only that are everyday work.
    """
    known = [kind for kind in spec.kinds if kind.form != "moving"]
    kinds = tuple(kind.kind for kind in known)
    levels = [sorted(kind.everyday if calm else kind.states) for kind in known]
    flags = [bool(kind.value and kind.value.is_flag) for kind in known]
    size = each * len(kinds)
    dice = np.random.default_rng(spec.order)
    kind = np.repeat(np.arange(len(kinds), dtype=np.uint8), each)
    state = np.zeros(size, np.uint8)
    for row in range(0, size, 20):
        found = levels[int(kind[row])]
        state[row] = found[row // 20 % len(found)] if found else 0
    value = dice.uniform(60, 130, size).astype(np.float32)
    value[np.array(flags)[kind]] = 1.0
    return replace(
        empty_features(spec.layer_id),
        version=version,
        kinds=kinds,
        regions=COUNTIES,
        oid=np.arange(1, size + 1, dtype=np.uint32),
        lon_e7=(1_205_000_000 + dice.integers(0, 10_000_000, size)).astype(np.int32),
        lat_e7=(318_000_000 + dice.integers(0, 5_000_000, size)).astype(np.int32),
        kind=kind,
        state=state,
        region=dice.integers(0, len(COUNTIES), size).astype(np.uint16),
        value=value,
        observed_s=np.full(size, int(at.timestamp()) - 3, np.uint32),
    )


def layer_fixes(
    spec: LayerSpec, at: datetime, *, count: int = 60, seq: int = 1, calm: bool = False
) -> FixBlock:
    """Give fixes of a layer's moving kinds in turn, a third of them standing."""
    kinds = tuple(kind.kind for kind in spec.kinds if kind.form == "moving")
    dice = np.random.default_rng(spec.order)
    return replace(
        empty_fixes(spec.layer_id),
        seq=seq,
        epoch="a",
        kinds=kinds,
        kind=(np.arange(count) % len(kinds)).astype(np.uint8),
        regions=COUNTIES,
        oid=np.arange(10_001, 10_001 + count, dtype=np.uint32),
        layer=np.zeros(count, np.uint8),
        lon_e7=(1_205_000_000 + dice.integers(0, 10_000_000, count)).astype(np.int32),
        lat_e7=(318_000_000 + dice.integers(0, 5_000_000, count)).astype(np.int32),
        state=np.where(np.arange(count) == 7, 0 if calm else 4, 0).astype(np.uint8),
        region=dice.integers(0, len(COUNTIES), count).astype(np.uint16),
        speed_kmh=np.where(np.arange(count) % 3, 40, 0).astype(np.float32),
        heading_deg=np.zeros(count, np.float32),
        observed_ms=np.full(count, int(at.timestamp() * 1000) - 3_000, np.int64),
    )
