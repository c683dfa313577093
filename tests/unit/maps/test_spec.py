from __future__ import annotations

import pytest

from app.figures import Figures, HazmatFigures, OrderFigures, RequestFigures, WaterFigures
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Channel
from maps.host import GLYPHS
from maps.spec import LayerSpec, load_layers

LAYERS = load_layers()


def test_layers_stand_in_the_order_of_the_wall() -> None:
    assert [layer.layer_id for layer in LAYERS] == ["requests", "hazmat", "water"]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer_id)
def test_a_layer_says_everything_in_both_languages(layer: LayerSpec) -> None:
    texts = [layer.title, layer.owner, *(kind.title for kind in layer.kinds)]
    texts += [field.title for field in layer.fields] + [card.title for card in layer.cards]
    assert all(text.zh and text.en for text in texts)
    assert (GLYPHS / f"{layer.glyph}.svg").is_file()
    assert layer.cards
    assert len({kind.kind for kind in layer.kinds}) == len(layer.kinds)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer_id)
def test_cards_measure_an_empty_city(layer: LayerSpec) -> None:
    figures = Figures(
        at=SystemClock().now(),
        requests=RequestFigures(),
        hazmat=HazmatFigures(),
        water=WaterFigures(),
        orders=OrderFigures(),
        feeds=(),
    )
    assert not any(card.measure(figures) for card in layer.cards)
    assert layer.abnormal(figures).count == 0


def test_requests_know_every_channel_of_the_contract() -> None:
    layer = LAYERS[0]
    assert {kind.kind for kind in layer.kinds} == {channel.value for channel in Channel}
