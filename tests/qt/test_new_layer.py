"""A new layer is one file: everything that shows layers finds it, in both languages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import maps.layers
from app.i18n import Words
from app.scenes import SHARED, layer_key
from maps.host import _spec_json
from maps.scenes import all_scenes, scene
from maps.spec import LayerSpec, load_layers
from tests.blocks import layer_block
from tests.qt.picture import NOW, Picture, make_picture
from tests.qt.test_panels import cut_words, make_stage
from widgets.hover import Hover
from widgets.panel_table import make_panel
from widgets.panels.object import ObjectPage
from widgets.panels.resources import kind_words
from widgets.shown_layers import ShownLayers

NOISE = '''
"""噪声: what the night sounds like."""

from backend_client.contract.base import Text
from maps.spec import Card, Field, Kind, LayerSpec, Value

LAYER = LayerSpec(
    layer_id="noise",
    order=17,
    group="city",
    glyph="state-III-diamond",
    title=Text("噪声", "Noise"),
    department="D22",
    refresh_s=600,
    kinds=(
        Kind(
            "meter",
            Text("声级计", "Sound meter"),
            Value(Text("声级", "Sound level"), Text("dB(A)", "dB(A)"), 1),
            600,
            {3: Text("扰民", "keeps people awake")},
        ),
    ),
    fields=(Field("limit_db", Text("限值", "Limit"), Text("dB(A)", "dB(A)"), kind="number"),),
    cards=(
        Card(
            Text("最吵", "Mean"),
            lambda now: now.layer("noise").kind("meter").mean,
            Text("dB", "dB"),
            digits=1,
        ),
        Card(Text("站点", "Meters"), lambda now: now.layer("noise").kind("meter").count),
        Card(Text("扰民", "Too loud"), lambda now: now.layer("noise").kind("meter").state(3)),
    ),
)
'''


@pytest.fixture
def noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LayerSpec]:
    (tmp_path / "noise.py").write_text(NOISE, "utf-8")
    monkeypatch.setattr(maps.layers, "__path__", [*maps.layers.__path__, str(tmp_path)])
    yield next(spec for spec in load_layers() if spec.layer_id == "noise")
    sys.modules.pop("maps.layers.noise", None)


@pytest.fixture
def picture(noise: LayerSpec) -> Picture:
    return make_picture()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_scene_has_card_kinds_legend_and_abnormal_list(
    qtbot: QtBot, picture: Picture, language: str
) -> None:
    picture.words.use("zh" if language == "zh" else "en")
    picture.stores.blocks.put(layer_block(picture.pulse.specs["noise"], NOW, version=2))
    stage = make_stage(picture, qtbot, "noise")
    stage.resize(3840, 1080)
    stage.show()
    picture.pulse.beat()
    assert cut_words(stage) == {}
    names = {type(panel).__name__ for panel in stage.panels()}
    assert {"LayerCard", "Kinds", "HotList", "Legend", "Trend", "Sources"} <= names
    card = make_panel("card:noise", picture.room(), picture.details, QWidget(stage))
    figures = card.figures()  # type: ignore[attr-defined]  # a LayerCard
    assert figures.abnormal.level == 3
    assert figures.rows[0][1] == "40"


def test_it_has_a_scene_and_a_key_of_its_own(noise: LayerSpec) -> None:
    found = scene("noise")
    assert found.title == noise.title
    assert found.layers == ("noise", *SHARED)
    keys = [one.key for one in all_scenes()]
    assert found.key == "Ctrl+Alt+7"
    assert len(set(keys)) == len(keys)
    assert layer_key(noise.order) == "Alt+7"
    assert "noise" in scene("general").layers


def test_the_keys_turn_it_on_and_off(picture: Picture) -> None:
    specs = picture.pulse.specs
    shown = ShownLayers(picture.room(), specs, None, ("water",))
    command = next(one for one in shown.commands() if one.keys == ("Alt+7",))
    assert (command.words.zh, command.words.en) == ("图层 噪声", "layer Noise")
    command.run()
    assert shown.offered() == ("water", "noise")
    command.run()
    assert shown.offered() == ("water",)


@pytest.mark.parametrize(("language", "said"), [("zh", "声级"), ("en", "Sound level")])
def test_its_objects_say_what_they_measure(
    qtbot: QtBot, picture: Picture, language: str, said: str
) -> None:
    picture.words.use("zh" if language == "zh" else "en")
    page = ObjectPage(picture.room("desk"), picture.details, picture.pulse.specs)
    qtbot.addWidget(page)
    picture.details.feature("noise", 1)  # asks; the answer is there the next time
    known = picture.details.feature("noise", 1)
    assert known is not None
    feature = known.model_copy(update={"kind": "meter", "state": 3, "value": 71.25})
    picture.details._kept[("feature", "noise", 1)].value = feature
    page.show_object("noise", 1)
    rows = dict(page.rows())
    assert rows[said].endswith("dB(A)")


def test_lasso_and_pointer_call_it_by_its_name(picture: Picture) -> None:
    specs = picture.pulse.specs
    assert kind_words(specs, "noise", "meter").en == "Sound meter"
    picture.stores.blocks.put(layer_block(specs["noise"], NOW, version=2))
    line = Hover(picture.room("desk"), picture.details, specs).line("7 号")
    assert line == "7 号"  # nothing is under the pointer
    hover = Hover(picture.room("desk"), picture.details, specs)
    hover._layer, hover._oid = "noise", 1
    assert hover.line("1 号").startswith("1 号 · 声级计 · Ⅲ级 · 扰民 · ")


def test_the_map_is_told_of_it(noise: LayerSpec) -> None:
    told = json.loads(_spec_json(load_layers()))
    mine = next(layer for layer in told["layers"] if layer["id"] == "noise")
    assert mine["glyph"] == noise.glyph
    assert "meter" in mine["kinds"]


def test_a_layer_one_may_not_see_is_not_offered(picture: Picture) -> None:
    room = replace(picture.room(), sees=lambda layer: layer != "noise")
    shown = ShownLayers(room, picture.pulse.specs, None, ("noise", "water"))
    assert shown.offered() == ("water",)
    shown.show(("water",))
    shown.toggle("noise")
    assert shown.offered() == ("water",)
    assert Words("en").say(picture.pulse.specs["noise"].whole_title) == "Noise"
