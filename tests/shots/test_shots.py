"""Pictures of every scene in both languages and palettes, in two sizes, for people to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.actions.search import Search
from app.theme import Seat
from backend_client.contract.alarms import Chatter, Chattering, Loads
from backend_client.contract.base import Language, Text
from backend_client.contract.search import Hits
from tests.qt.fakes import AREA, FakeDeeds
from tests.qt.picture import NOW, AtOnce, Picture, alarm, make_picture
from tests.qt.test_alarm_work import seat
from tests.qt.test_panels import make_desk, make_stage
from tests.qt.test_search import hit
from widgets.panels.gate_command import GatePanel
from widgets.panels.object import ObjectPage
from widgets.search import SearchBox

OUT = Path("out") / "shots"
LOOKS: tuple[tuple[Language, str], ...] = (
    ("zh", "night"),
    ("en", "night"),
    ("zh", "day"),
    ("en", "day"),
)
THEMES = ("party", "economy", "grid", "requests", "health", "fire", "transport")  # each group
LEAST_COLOURS = 40  # antialiased text alone gives more; a blank picture has one


class Found:
    """Find two sluices, whatever is looked for."""

    def search(self, words: str, *, limit: int = 20) -> Hits:
        hits = (hit(layer="water", kind="sluice"), hit(layer="water", kind="lock", state=0))
        return Hits(query=words, hits=hits, more=False)


def save(widget: QWidget, name: str) -> QImage:
    """Write a picture and give it back."""
    QApplication.processEvents()
    image = widget.grab().toImage()
    OUT.mkdir(parents=True, exist_ok=True)
    assert image.save(str(OUT / f"{name}.png"))
    return image


def colours(image: QImage) -> int:
    """Count the colours of every eighth pixel."""
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8)}
    )


def dressed(language: Language, palette: str) -> Picture:
    picture = make_picture()
    picture.words.use(language)
    picture.theme.use(palette)
    return picture


@pytest.mark.parametrize(("language", "palette"), LOOKS)
@pytest.mark.parametrize(("width", "seat"), [(3840, "wall"), (1920, "desk")])
@pytest.mark.parametrize("scene_id", ["general", "water"])
def test_wall(
    qtbot: QtBot, scene_id: str, width: int, seat: Seat, language: Language, palette: str
) -> None:
    picture = dressed(language, palette)
    stage = make_stage(picture, qtbot, scene_id, seat)
    stage.resize(width, 1080)
    stage.show()
    picture.pulse.beat()
    picture.pulse.beat()
    image = save(stage, f"{scene_id}-{width}-{language}-{palette}")
    assert colours(image) > LEAST_COLOURS


@pytest.mark.parametrize(("language", "palette"), [("zh", "night"), ("en", "day")])
@pytest.mark.parametrize("scene_id", THEMES)
def test_theme(qtbot: QtBot, scene_id: str, language: Language, palette: str) -> None:
    """One layer's scene: card, kinds, counties, abnormal objects, legend, trend, feeds."""
    picture = dressed(language, palette)
    stage = make_stage(picture, qtbot, scene_id, "wall")
    stage.resize(3840, 1080)
    stage.show()
    for _ in range(5):  # the trend needs some tens of seconds
        picture.clock.advance(10.5)
        picture.stores.hear(picture.clock.now())
        picture.pulse.beat()
    image = save(stage, f"{scene_id}-3840-{language}-{palette}")
    assert colours(image) > LEAST_COLOURS


@pytest.mark.parametrize(("language", "palette"), LOOKS)
def test_search_and_object_on_the_wall(qtbot: QtBot, language: Language, palette: str) -> None:
    picture = dressed(language, palette)
    search = Search(Found(), AtOnce())
    box = SearchBox(picture.room("desk"), search, picture.pulse.specs)
    qtbot.addWidget(box)
    box.show()
    search.ask("闸")
    search._send()
    assert box.list.count() == 2
    assert colours(save(box, f"search-{language}-{palette}")) > LEAST_COLOURS
    page = ObjectPage(picture.room("wall"), picture.details, picture.pulse.specs)
    qtbot.addWidget(page)
    page.resize(600, 620)
    page.show_object("water", 1)
    page.show()
    assert colours(save(page, f"object-{language}-{palette}")) > LEAST_COLOURS
    assert page.cut == ()


@pytest.mark.parametrize(("language", "palette"), LOOKS)
@pytest.mark.parametrize("size", [(1920, 1080), (2560, 1440)], ids=lambda size: str(size[0]))
def test_desk(qtbot: QtBot, size: tuple[int, int], language: Language, palette: str) -> None:
    picture = dressed(language, palette)
    desk = make_desk(picture, qtbot)
    desk.resize(*size)
    desk.show()
    desk.take_area(AREA)
    image = save(desk, f"desk-{size[0]}-{language}-{palette}")
    assert colours(image) > LEAST_COLOURS


@pytest.mark.parametrize(("language", "palette"), LOOKS)
def test_alarms(qtbot: QtBot, language: Language, palette: str) -> None:
    """A flood folded by cause with the load in the header; then every seat's load."""
    picture = dressed(language, palette)
    group: dict[str, Any] = {"family": "gas.pressure", "group": "alarm-20"}
    picture.put(*(alarm(20 + turn, 3, first_out=turn == 0, **group) for turn in range(12)))
    picture.put(alarm(40, 2, chatter=Chatter.CHATTERING, raises=7))
    seats = tuple(seat(number, last_hour=2 + 3 * number) for number in range(4))
    chattering = (Chattering(cause="c", title=Text("1 号泵站水位", "Pump 1 level"), raises=9),)
    picture.stores.loads.put(Loads(at=NOW, seats=seats, chattering=chattering), "p0")
    desk = make_desk(picture, qtbot)
    desk.resize(1920, 1080)
    desk.show()
    for name, show in (("alarms", desk.show_alarms), ("alarm-kpis", desk.show_kpis)):
        show()
        assert colours(save(desk, f"{name}-1920-{language}-{palette}")) > LEAST_COLOURS
        assert desk.alarms.cut == ()
        assert desk.kpis.cut == ()


@pytest.mark.parametrize(("language", "palette"), LOOKS)
def test_gate(qtbot: QtBot, language: Language, palette: str) -> None:
    picture = dressed(language, palette)
    panel = GatePanel(picture.room("desk"), FakeDeeds(picture), "NT-S03")
    qtbot.addWidget(panel)
    panel.show()
    panel.ask_form.target.set_value(1.1)
    panel.ask_form.reason.setText("抢潮排涝")
    panel.ask_form.number.setText("DD-2026-118")
    panel.ask_form.submit()
    image = save(panel, f"gate-{language}-{palette}")
    assert colours(image) > LEAST_COLOURS
