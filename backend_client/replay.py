"""The map at an instant of the past, as the service kept it."""

from __future__ import annotations

from datetime import datetime

from backend_client.client import BLOCK_BYTES, Client
from backend_client.contract import paths
from backend_client.contract.columns import FeatureBlock, FixBlock, decode_features, decode_fixes
from backend_client.faults import columns
from backend_client.wire import Call


def positions_at(client: Client, at: datetime) -> FixBlock:
    """Read where every moving object was at an instant."""
    return columns(decode_fixes, _read(client, paths.REPLAY_POSITIONS, at))


def layer_at(client: Client, layer: str, at: datetime) -> FeatureBlock:
    """Read the change that leads from a layer's present back to an instant."""
    return columns(decode_features, _read(client, paths.REPLAY_LAYER.format(layer=layer), at))


def _read(client: Client, path: str, at: datetime) -> bytes:
    query = {"at": at.isoformat()}
    call = Call("GET", path, query=query, again=True, most_bytes=BLOCK_BYTES)
    return client.wire.send(call).body
