"""Keep the bulk layers at the service's version: one pull per layer, merged off the main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.stores import Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.columns import FeatureBlock, merge_features
from backend_client.contract.feature import LayerInfo, Layers
from backend_client.errors import BadReply, Unreachable


class LayerSync(QObject):
    """Pull a layer's block when the service says it moved."""

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        stores: Stores,
        *,
        failed: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._tasks = tasks
        self._stores = stores
        self._failed = failed
        self._pulling: set[str] = set()
        self._wanted: dict[str, int] = {}

    def refresh(self) -> None:
        """Ask for the versions of all layers and pull those that moved."""
        self._tasks.run(self._client.layers, self._on_layers, self._on_failed)

    def poke(self, layer: str, version: int) -> None:
        """Pull a layer whose newest version is said to be this one."""
        if version <= self._stores.blocks.version(layer):
            return
        self._wanted[layer] = max(version, self._wanted.get(layer, 0))
        self._pull(layer)

    def confirm(self) -> None:
        """Note that every block without a newer version is still the newest."""
        for layer in self._stores.blocks.layers():
            if layer not in self._wanted and layer not in self._pulling:
                self._stores.blocks.touch(layer)

    def _on_layers(self, layers: Layers) -> None:
        seen = {info.layer for info in layers.layers}
        for layer in set(self._stores.blocks.layers()) - seen:
            self._stores.blocks.drop(layer)
        for info in layers.layers:
            self._compare(info)

    def _compare(self, info: LayerInfo) -> None:
        blocks = self._stores.blocks
        if blocks.version(info.layer) == info.version and blocks.get(info.layer).oid.size:
            blocks.touch(info.layer)
            return
        self._wanted[info.layer] = info.version
        self._pull(info.layer)

    def _pull(self, layer: str) -> None:
        if layer in self._pulling:
            return
        self._pulling.add(layer)
        have = self._stores.blocks.get(layer)
        since = self._stores.blocks.version(layer)
        self._tasks.run(
            lambda: fetch(self._client, have, since),
            lambda block: self._on_block(layer, block),
            lambda error: self._on_pull_failed(layer, error),
        )

    def _on_block(self, layer: str, block: FeatureBlock | None) -> None:
        self._pulling.discard(layer)
        blocks = self._stores.blocks
        if block is None:
            blocks.touch(layer)
        else:
            blocks.put(block)
        if self._wanted.get(layer, 0) <= blocks.version(layer) or block is None:
            self._wanted.pop(layer, None)
            return
        self._pull(layer)

    def _on_pull_failed(self, layer: str, error: Exception) -> None:
        self._pulling.discard(layer)
        self._wanted.pop(layer, None)
        self._on_failed(error)

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, Unreachable) or isinstance(error, BadReply):
            self._failed(error)


def fetch(client: Client, have: FeatureBlock, since: int) -> FeatureBlock | None:
    """Read a layer's newest block and merge it with the one held; None when nothing moved."""
    block = client.block(have.layer, since=since)
    if block is None or block.base == 0:
        return block
    if block.base == have.version == since:
        return merge_features(have, block)
    return client.block(have.layer, since=0)
