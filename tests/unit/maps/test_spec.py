"""The sixteen layers as data: complete in both languages, counted, and one file each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtSvg import QSvgRenderer

import maps.layers
from app.census import Census
from app.figures import Figures, tell
from app.places import read_names
from app.stores import Stores
from backend_client.contract.auth import Role
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock, SystemClock
from backend_client.contract.events import Channel
from maps.counties import CountyMap
from maps.facts import Unit
from maps.geometry import County
from maps.growth import fly, grow
from maps.host import GLYPHS
from maps.spec import BadLayersError, LayerSpec, load_all, load_layers, load_overlays
from tests.blocks import COUNTIES as CODES
from tests.blocks import layer_block, layer_fixes
from tests.qt.picture import NOW, make_picture

LAYERS = load_layers()
BY_ID = {layer.layer_id: layer for layer in LAYERS}
# Source: domain section 5, order and ids of the layers.
ORDER = (
    *("party", "economy", "grid", "requests", "housing", "services", "health", "police"),
    *("emergency", "hazmat", "fire", "transport", "urban", "water", "environment", "utilities"),
)
COUNTIES = CountyMap(
    [
        County(Unit(code, Text(code, code), 121, 32, is_county=True), None, (121, 32), 0.1)
        for code in CODES
    ]
)
"""Without areas: what lies where is what its region says."""
each_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer_id)


def test_layers_stand_in_the_order_of_the_wall() -> None:
    assert tuple(layer.layer_id for layer in LAYERS) == ORDER
    assert [layer.order for layer in LAYERS] == list(range(1, 17))


@each_layer
def test_a_layer_says_everything_in_both_languages(layer: LayerSpec) -> None:
    texts = [layer.title, layer.whole_title, *(kind.title for kind in layer.kinds)]
    texts += [field.title for field in layer.shown_fields] + [card.title for card in layer.cards]
    texts += [words for kind in layer.kinds for words in kind.states.values()]
    texts += [kind.value.title for kind in layer.kinds if kind.value]
    assert all(text.zh and text.en for text in texts)
    assert all(
        bool(unit.zh) or not unit.en for unit in (field.unit for field in layer.shown_fields)
    )


@each_layer
def test_a_layer_is_whole(layer: LayerSpec) -> None:
    assert len(layer.cards) == 3  # one large number, two small ones
    assert len({kind.kind for kind in layer.kinds}) == len(layer.kinds)
    assert len({field.key for field in layer.shown_fields}) == len(layer.shown_fields)
    assert all(set(kind.states) <= {1, 2, 3, 4} for kind in layer.kinds)
    assert all(kind.period_s for kind in layer.kinds if kind.form == "moving")
    assert layer.plan.period_s <= layer.refresh_s
    assert layer.department in read_names().departments
    assert {field.key for field in layer.shown_fields} >= {"contact", "phone"}


@each_layer
def test_a_glyph_is_ours_and_draws(layer: LayerSpec) -> None:
    source = (GLYPHS / f"{layer.glyph}.svg").read_text("utf-8")
    assert "currentColor" in source
    assert QSvgRenderer(source.encode()).isValid()


@each_layer
def test_cards_measure_an_empty_city(layer: LayerSpec) -> None:
    figures = tell(Stores(SystemClock()))
    assert not any(layer.measures(figures))
    assert layer.bad(figures).count == 0


@each_layer
def test_cards_measure_a_whole_city(layer: LayerSpec) -> None:
    """Each number of each card comes from the columns: a word that no kind has gives none."""
    figures: Figures = make_picture().pulse.figures
    known = [value for value in layer.measures(figures) if value is not None]
    assert len(known) == 3
    assert known[0] != 0


def test_everyday_work_marks_no_card_but_what_needs_someone_does() -> None:
    stores = Stores(ManualClock(NOW))
    for layer in LAYERS:
        stores.blocks.put(layer_block(layer, NOW, calm=True))
    census = Census(stores, {one.layer_id: one.plan for one in LAYERS})
    calm = tell(stores, census)
    assert {one.layer_id for one in LAYERS if one.bad(calm).count} == set()
    fire = calm.layer("fire")
    kinds = BY_ID["fire"].kinds
    assert sum(fire.kind(one.kind).abnormal.count for one in kinds) == 4  # counted nevertheless
    assert not any(one.bad(fire.kind(one.kind)).count for one in kinds)
    stores.blocks.put(layer_block(BY_ID["fire"], NOW, version=2))
    found = BY_ID["fire"].bad(tell(stores, census))
    assert (found.count, found.level) == (4, 3)
    assert all(set(kind.everyday) <= set(kind.states) for one in LAYERS for kind in one.kinds)


@each_layer
def test_the_map_counts_as_abnormal_what_the_card_counts(layer: LayerSpec) -> None:
    """Requests are graded by what the duty desk gave their events, not by how they are drawn."""
    stores = Stores(ManualClock(NOW))
    block = layer_block(layer, NOW)
    stores.blocks.put(block)
    flocks = [grow(None, block, COUNTIES, layer.everyday)]
    if any(kind.form == "moving" for kind in layer.kinds):
        fixes = layer_fixes(layer, NOW)
        stores.positions.apply(fixes)
        flocks.append(fly(None, fixes, layer, COUNTIES))
    city = tell(stores, Census(stores, {layer.layer_id: layer.plan}))
    known = {county.unit.code for county in COUNTIES.counties}
    counted = city.layer(layer.layer_id)
    odd = sum(row.abnormal.count for row in counted.counties if row.code in known)
    assert odd == sum(bad for flock in flocks for _, bad, _ in flock.groups.values())
    if layer.abnormal is None:
        assert layer.bad(city) == counted.abnormal
        assert counted.abnormal.count == sum(
            kind.bad(counted.kind(kind.kind)).count for kind in layer.kinds
        )


def test_requests_know_every_channel_of_the_contract() -> None:
    assert {kind.kind for kind in BY_ID["requests"].kinds} == {channel.value for channel in Channel}


def test_sensitive_layers_are_not_offered_to_everybody() -> None:
    closed = {layer.layer_id for layer in LAYERS if not layer.is_open_to(Role.MAINTAINER)}
    assert closed == {"housing", "police"}
    assert all(layer.is_open_to(Role.OPERATOR) for layer in LAYERS)
    assert all(layer.is_open_to(None) for layer in LAYERS)  # nobody signed in: nothing to show


def test_two_layers_of_one_place_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(next(iter(maps.layers.__path__))) / "fire.py"
    (tmp_path / "fire_again.py").write_text(copy.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(maps.layers, "__path__", [*maps.layers.__path__, str(tmp_path)])
    try:
        with pytest.raises(BadLayersError, match="fire"):
            load_layers()
    finally:
        sys.modules.pop("maps.layers.fire_again", None)


def test_water_and_economy_say_what_is_measured() -> None:
    stores = Stores(ManualClock(NOW))
    assert BY_ID["economy"].cards[0].measure(tell(stores)) is None
    assert BY_ID["economy"].cards[0].kind == "change"


def test_overlays_are_drawn_like_layers_and_counted_among_none() -> None:
    overlays = {spec.layer_id: spec for spec in load_overlays()}
    assert set(overlays) == {"divisions", "weather", "video", "drawings", "hotspots"}
    assert not set(overlays) & {spec.layer_id for spec in load_layers()}
    assert [spec.layer_id for spec in load_all()][-5:] == list(overlays)
    for spec in overlays.values():
        assert spec.cards == ()
        assert (GLYPHS / f"{spec.glyph}.svg").exists()


def test_a_bare_whole_number_never_stands_beside_a_name() -> None:
    kinds = {f"{spec.layer_id}:{kind.kind}": kind for spec in load_all() for kind in spec.kinds}
    assert kinds["emergency:incident"].unit is None  # 突发事件 6 4 reads as one number
    assert kinds["transport:incident"].unit is not None
    for kind in kinds.values():
        assert kind.unit is None or kind.unit.zh or kind.digits
