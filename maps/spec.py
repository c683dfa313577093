"""What a layer is: kinds, fields, cards; legend, popup, card and lasso labels are drawn from it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from app.census import Plan
from app.figures import Figures
from app.tally import Abnormal, Everyday, KindFigures
from backend_client.contract.auth import Role
from backend_client.contract.base import Text

FieldKind = Literal["text", "number", "instant", "phone", "flag"]
Form = Literal["point", "moving", "line", "area"]
Measure = Callable[[Figures], float | None]

NO_UNIT = Text("", "")


class BadLayersError(ValueError):
    """Two layers share an id, a glyph or an order."""


@dataclass(frozen=True, slots=True)
class Value:
    """What the one number of a kind's objects says.

    Args:
        title: what is measured.
        unit: of the number.
        digits: decimals.
        is_flag: 1 says yes and 0 says no.
    """

    title: Text
    unit: Text = NO_UNIT
    digits: int = 0
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of object inside a layer.

    Args:
        kind: the word on the wire.
        title: what people call it.
        value: what its number says; None when it has none.
        period_s: how often its source reports; None when it does not grow old.
        states: what the levels I to IV mean for it, in words; set by its source or the service.
        form: what is drawn: a point, a moving point, a line, an area.
        named: its objects have names worth a chip of their own from zoom 10 on.
        everyday: levels that are everyday work: drawn, but neither the layer's card nor the map
            counts them as abnormal.
    """

    kind: str
    title: Text
    value: Value | None = None
    period_s: float | None = None
    states: Mapping[int, Text] = field(default_factory=dict)
    form: Form = "point"
    named: bool = False
    everyday: tuple[int, ...] = ()

    def bad(self, found: KindFigures) -> Abnormal:
        """Give how many of its objects are abnormal beyond everyday work, and the worst level."""
        counts = {at: found.state(at) for at in (1, 2, 3, 4) if at not in self.everyday}
        return Abnormal(sum(counts.values()), next((at for at in counts if counts[at]), 0))

    @property
    def unit(self) -> Text | None:
        """Give the unit the map shows beside a name, None where it shows no number.

        A bare whole number would read as part of the name: 突发事件 6 4.
        """
        value = self.value
        if value is None or value.is_flag or (value.unit == NO_UNIT and not value.digits):
            return None
        return value.unit

    @property
    def digits(self) -> int:
        """Give the decimals of its number."""
        return self.value.digits if self.value is not None else 0


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an object as people read it."""

    key: str
    title: Text
    unit: Text = NO_UNIT
    kind: FieldKind = "text"
    digits: int = 0


CONTACTS = (
    Field("contact", Text("联系人", "Contact")),
    Field("phone", Text("电话", "Phone"), kind="phone"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the layer's card; the first card is the large one.

    Args:
        title: its name.
        measure: gives the number; None says that there is none.
        unit: stands after it.
        digits: decimals.
        kind: a number, a change with its sign, or an instant.
        of: gives the whole it is a part of, written after a slash.

    Units: an `instant` is measured in seconds since 1970 UTC.
    """

    title: Text
    measure: Measure
    unit: Text = NO_UNIT
    digits: int = 0
    kind: Literal["number", "change", "instant"] = "number"
    of: Measure | None = None


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One thematic layer; `order` is its place on the wall and never changes.

    Args:
        layer_id: the word on the wire, in file names and glyphs.
        order: 1 to 16.
        group: token of its hue without the prefix.
        glyph: file name of its glyph without the ending.
        title: its name where room is short.
        department: id of the leading department.
        refresh_s: how often its source reports.
        kinds: the sorts of objects.
        fields: the properties people read.
        cards: the numbers on its card.
        abnormal: how many need someone and how bad the worst is; None counts its objects' states.
        roles: who may see it; empty for everyone. The service decides what each is given.
        heat: whether many of its points are drawn as heat.
        full: its whole name where it differs.
        key: shows or hides it; from its order where it names none.
    """

    layer_id: str
    order: int
    group: str
    glyph: str
    title: Text
    department: str
    refresh_s: float
    kinds: tuple[Kind, ...]
    fields: tuple[Field, ...]
    cards: tuple[Card, ...]
    abnormal: Callable[[Figures], Abnormal] | None = None
    roles: frozenset[Role] = frozenset()
    heat: bool = False
    full: Text | None = None
    key: str = ""

    @property
    def forms(self) -> tuple[Form, ...]:
        """Give what its objects are drawn as."""
        return tuple(dict.fromkeys(kind.form for kind in self.kinds))

    @property
    def shown_fields(self) -> tuple[Field, ...]:
        """Give the properties people read, whom to call last."""
        own = {field.key for field in self.fields}
        return (*self.fields, *(field for field in CONTACTS if field.key not in own))

    @property
    def whole_title(self) -> Text:
        """Give its whole name."""
        return self.full or self.title

    @property
    def plan(self) -> Plan:
        """Give what its count needs to know of it."""
        periods_s = {kind.kind: kind.period_s for kind in self.kinds if kind.period_s}
        return Plan(self.refresh_s, periods_s, self.everyday)

    @property
    def everyday(self) -> Everyday:
        """Give the levels of each kind that are everyday work."""
        return {kind.kind: kind.everyday for kind in self.kinds if kind.everyday}

    def kind(self, word: str) -> Kind | None:
        """Give a sort of object by its word on the wire."""
        return next((kind for kind in self.kinds if kind.kind == word), None)

    def bad(self, now: Figures) -> Abnormal:
        """Give how many of its objects need someone and how bad the worst is."""
        if self.abnormal is not None:
            return self.abnormal(now)
        return now.layer(self.layer_id).abnormal

    def is_open_to(self, role: Role | None) -> bool:
        """Tell whether the layer is offered to a role; before sign-in there is none."""
        return role is None or not self.roles or role in self.roles

    def measures(self, now: Figures) -> tuple[float | None, ...]:
        """Give the numbers of its card, the large one first."""
        return tuple(card.measure(now) for card in self.cards)


def load_layers() -> tuple[LayerSpec, ...]:
    """Read every file of the folder `maps/layers`, in the order of the wall.

    Raises:
        BadLayersError: two files claim the same place.
    """
    return _read("maps.layers")


def load_overlays() -> tuple[LayerSpec, ...]:
    """Read every file of `maps/overlays`: shown over any layer, counted among none.

    Raises:
        BadLayersError: two files claim the same place.
    """
    return _read("maps.overlays")


def load_all() -> tuple[LayerSpec, ...]:
    """Give the layers, then the overlays: everything the map can draw.

    Raises:
        BadLayersError: two files claim the same place.
    """
    return _checked((*load_layers(), *load_overlays()))


def _read(folder: str) -> tuple[LayerSpec, ...]:
    return _found(folder, tuple(importlib.import_module(folder).__path__))


@cache
def _found(folder: str, paths: tuple[str, ...]) -> tuple[LayerSpec, ...]:
    """Look once: scenes, cards and legends ask for the layers again and again."""
    names = sorted(module.name for module in pkgutil.iter_modules(paths))
    found = [importlib.import_module(f"{folder}.{name}").LAYER for name in names]
    return _checked(tuple(sorted(found, key=lambda layer: layer.order)))


def _checked(found: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    for what in ("layer_id", "order", "glyph"):
        values = [getattr(layer, what) for layer in found]
        if len(set(values)) < len(values):
            raise BadLayersError(f"layers share {what}: {values}")
    return found
