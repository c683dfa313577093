"""What a layer is: kinds, fields, cards; legend, popup, card and lasso labels are drawn from it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.figures import Abnormal, Figures
from backend_client.contract.auth import Role
from backend_client.contract.base import Text

FieldKind = Literal["text", "number", "instant", "phone", "flag"]
Form = Literal["point", "moving", "line", "area"]
Measure = Callable[[Figures], float | None]

NO_UNIT = Text("", "")


class BadLayersError(ValueError):
    """Two layers share an id, a glyph or an order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of object inside a layer.

    Args:
        kind: the word on the wire.
        title: what people call it.
        named: its objects have names worth a chip of their own from zoom 10 on.
        unit: of the block's value where the map shows it beside the name, else None.
        digits: decimals of the value.
        period_s: how often its source reports; None when it does not grow old.
        form: what is drawn: a point, a moving point, a line, an area.
        states: what the levels I to IV mean for it, in words; computed by the service.
    """

    kind: str
    title: Text
    named: bool = False
    unit: Text | None = None
    digits: int = 2
    period_s: float | None = None
    form: Form = "point"
    states: Mapping[int, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an object as people read it."""

    key: str
    title: Text
    unit: Text = NO_UNIT
    kind: FieldKind = "text"
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the layer's card; the first card is the large one.

    Units: an `instant` is measured in seconds since 1970 UTC.
    """

    title: Text
    measure: Measure
    unit: Text = NO_UNIT
    digits: int = 0
    kind: Literal["number", "instant"] = "number"


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One thematic layer; `order` is its place on the wall and never changes.

    Args:
        layer_id: the word on the wire, in file names and glyphs.
        order: 1 to 16.
        group: token of its hue without the prefix.
        glyph: file name of its glyph without the ending.
        title: its name.
        owner: the leading department.
        refresh_s: how often its source reports.
        kinds: the sorts of objects.
        fields: the properties people read.
        cards: the numbers on its card.
        abnormal: how many are abnormal and how bad the worst is.
        roles: who may see it; empty for everyone. The service decides what each is given.
        heat: whether many of its points are drawn as heat.
    """

    layer_id: str
    order: int
    group: str
    glyph: str
    title: Text
    owner: Text
    refresh_s: float
    kinds: tuple[Kind, ...]
    fields: tuple[Field, ...]
    cards: tuple[Card, ...]
    abnormal: Callable[[Figures], Abnormal]
    roles: frozenset[Role] = frozenset()
    heat: bool = False

    @property
    def forms(self) -> tuple[Form, ...]:
        """Give what its objects are drawn as."""
        return tuple(dict.fromkeys(kind.form for kind in self.kinds))

    def kind(self, word: str) -> Kind | None:
        """Give a sort of object by its word on the wire."""
        return next((kind for kind in self.kinds if kind.kind == word), None)


def load_layers() -> tuple[LayerSpec, ...]:
    """Read every file of the folder `maps/layers`, in the order of the wall.

    Raises:
        BadLayersError: two files claim the same place.
    """
    package = importlib.import_module("maps.layers")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    found = [importlib.import_module(f"maps.layers.{name}").LAYER for name in names]
    for what in ("layer_id", "order", "glyph"):
        values = [getattr(layer, what) for layer in found]
        if len(set(values)) < len(values):
            raise BadLayersError(f"layers share {what}: {values}")
    return tuple(sorted(found, key=lambda layer: layer.order))
