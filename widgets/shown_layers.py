"""Which layers a map shows: the keys that turn them on and off, and only what one may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from app.scenes import layer_key
from backend_client.contract.base import Text
from maps.spec import LayerSpec
from maps.view import MapView
from widgets.commands import Command
from widgets.panel import Room


class ShownLayers:
    """The layers one map shows, in the order they were asked for."""

    def __init__(
        self,
        room: Room,
        specs: Mapping[str, LayerSpec],
        view: MapView | None,
        layers: Iterable[str] = (),
    ) -> None:
        self._room, self._specs, self._view = room, specs, view
        self.wanted = list(layers)

    def offered(self) -> tuple[str, ...]:
        """Give those shown that the person may see."""
        return tuple(layer for layer in self.wanted if self._room.sees(layer))

    def show(self, layers: Iterable[str]) -> None:
        """Show these layers and no others."""
        self.wanted = list(layers)
        self.tell()

    def add(self, layer: str) -> None:
        """Show a layer besides the others."""
        if layer in self._specs and layer not in self.wanted:
            self.wanted.append(layer)
            self.tell()

    def toggle(self, layer: str) -> None:
        """Show or hide a layer; one that is not offered stays hidden."""
        if layer in self.wanted:
            self.wanted.remove(layer)
        elif self._room.sees(layer):
            self.wanted.append(layer)
        self.tell()

    def tell(self) -> None:
        """Let the map follow."""
        if self._view is not None:
            self._view.show_layers(self.offered())

    def commands(self) -> tuple[Command, ...]:
        """Give one command per layer that has a key."""
        return tuple(
            Command(
                (key,),
                Text(f"图层 {spec.title.zh}", f"layer {spec.title.en}"),
                partial(self.toggle, name),
            )
            for name, spec in self._specs.items()
            if (key := spec.key or layer_key(spec.order))
        )
