"""What the simulated city sends is what the layers' specs say: kinds, forms, levels, properties."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.simulator import layers
from backend.simulator.gauges import Gauges
from backend.simulator.kinds import Kind, LayerTable
from backend.simulator.lorries import Lorries
from backend.simulator.stock import make
from backend.simulator.table import values, words_of
from backend.simulator.troubles import TROUBLES
from backend_client.contract.feature import FeatureIn
from backend_client.contract.gates import GateKind
from maps.spec import LayerSpec, load_all
from tests.qt.picture import NOW
from tests.town import SEED, facts, world

SPECS = {spec.layer_id: spec for spec in load_all()}
TABLES = {
    table.layer: replace(
        table,
        kinds=(*table.kinds, *(one.kind for one in TROUBLES if one.layer == table.layer)),
    )
    for table in layers.load()
}
HOURS = (0, 3, 6, 9, 12, 15, 18, 21)
# Told by the service's own devices and by feeds of their own, not by the tables.
BESIDE = {
    "water": {kind.value for kind in GateKind} | {"level_station", "rain_gauge", "waterlogging"},
    "hazmat": {"vehicle", "enterprise", "parking", "service_area", "port"},
}
BY_THE_SERVICE = {
    "requests",
    "divisions",
    "drawings",
    "hotspots",
}  # events, facts, what people draw
COMMON = {"generated", "contact", "phone", "station_kind", "forecast"}
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.layer)


def unknown(keys: set[str], fields: set[str]) -> set[str]:
    """Give keys no field reads; `goods_en` is the English of `goods`."""
    return {key for key in keys - fields if not key.endswith("_en")}


def rows_beside() -> list[tuple[str, FeatureIn]]:
    """Give what gauges and lorries say."""
    gauges = Gauges(facts(), seed=SEED, scale=0.02)
    lorries = Lorries(facts(), seed=SEED, scale=0.02)
    water = [("water", row) for row in gauges.all(NOW)]
    return water + [("hazmat", row) for row in (*lorries.register(NOW), *lorries.places(NOW))]


@each_table
def test_a_layer_has_the_kinds_the_city_sends(table: LayerTable) -> None:
    sent = {kind.word for kind in table.kinds} | BESIDE.get(table.layer, set())
    assert {kind.kind for kind in SPECS[table.layer].kinds} == sent


def test_every_layer_is_sent() -> None:
    assert set(TABLES) | BY_THE_SERVICE == set(SPECS)


@each_table
def test_forms_periods_and_values_agree(table: LayerTable) -> None:
    for kind in table.kinds:
        known = SPECS[table.layer].kind(kind.word)
        assert known is not None
        assert (known.form == "moving") == (kind.fleet is not None), kind.word
        due_s = kind.fleet.fix_s if kind.fleet else kind.retell_s or kind.period_s
        assert known.period_s == due_s, kind.word
        if kind.fleet is None:
            assert (known.value is not None) == (kind.value is not None), kind.word


def drawn_as(kind: Kind, layer: str) -> str:
    """Give the form of a kind's objects as they are made."""
    if kind.fleet is not None:
        return "moving"
    shapes = make(layer, kind, world()).placed.shapes
    return "point" if shapes.is_none else {1: "line", 2: "area"}[int(shapes.row(0)[0])]


@each_table
def test_objects_are_drawn_as_the_spec_says(table: LayerTable) -> None:
    spec = SPECS[table.layer]
    forms = {kind.word: drawn_as(kind, table.layer) for kind in table.kinds}
    assert {word: known.form for word in forms if (known := spec.kind(word))} == forms


@each_table
def test_levels_and_properties_have_words(table: LayerTable) -> None:
    spec = SPECS[table.layer]
    fields = {field.key for field in spec.shown_fields} | COMMON
    for kind in table.kinds:
        stock = make(table.layer, kind, world())
        known = spec.kind(kind.word)
        assert known is not None
        for hour in HOURS:
            at_s = NOW.timestamp() + 3_600 * hour
            _value, state = values(stock, at_s)
            words, which = words_of(stock, at_s)
            for number, word in enumerate(words):
                said = spec.kind(word)
                assert said is not None
                own = set(state[which == number].tolist()) - {0}
                assert own <= set(said.states), (word, hour)
        keys = set(kind.fields(stock)) if kind.fields and stock.size else set()
        assert unknown(keys, fields) == set(), kind.word


@pytest.mark.parametrize("layer", BESIDE)
def test_gauges_and_lorries_say_what_the_spec_knows(layer: str) -> None:
    spec: LayerSpec = SPECS[layer]
    fields = {field.key for field in spec.shown_fields} | COMMON
    rows = [row for of, row in rows_beside() if of == layer]
    assert rows
    for row in rows:
        known = spec.kind(row.kind)
        assert known is not None, row.kind
        assert row.state == 0 or row.state in known.states, (row.kind, row.state)
        assert (row.lon is None) == (known.form == "moving")
        assert unknown(set(row.properties), fields) == set(), row.kind
