"""Every panel in both languages and palettes: nothing cut off, every face, ages told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.i18n import Words
from app.stores import Link
from app.theme import Seat
from backend_client.contract.base import Language
from backend_client.contract.gates import CommandStatus, Gate, Window
from backend_client.contract.orders import OrderState
from maps.scenes import all_scenes, scene
from tests.qt.fakes import AREA, FakeDeeds
from tests.qt.picture import NOW, Picture, command, gate, make_picture, order
from widgets.desk import Desk
from widgets.panel import Age, Face, Panel
from widgets.panel_table import DRAWN, PANELS, make_panel
from widgets.panels.feeds import Feeds
from widgets.panels.layers import LayerCard
from widgets.panels.sluices import Sluices, doing
from widgets.stage import Stage

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PALETTES = ("night", "day")
WALLS = [one.scene_id for one in all_scenes() if one.seat == "wall"]
SIZES: tuple[tuple[int, int, Seat], ...] = (
    (3840, 1080, "wall"),
    (3840, 2160, "wall"),
    (1920, 1080, "desk"),
)


def make_stage(picture: Picture, qtbot: QtBot, scene_id: str, seat: Seat = "wall") -> Stage:
    stage = Stage(picture.room(seat), picture.details, picture.facts, scene=scene(scene_id))
    qtbot.addWidget(stage)
    return stage


def make_desk(picture: Picture, qtbot: QtBot, deeds: FakeDeeds | None = None) -> Desk:
    from maps.spec import load_layers

    desk = Desk(
        picture.room("desk"),
        picture.details,
        deeds or FakeDeeds(picture),
        facts=picture.facts,
        scene=scene("desk"),
        specs={spec.layer_id: spec for spec in load_layers()},
    )
    qtbot.addWidget(desk)
    return desk


def cut_words(widget: QWidget) -> dict[str, tuple[str, ...]]:
    """Give what did not fit, by the widget that painted it; labels and buttons included."""
    QApplication.processEvents()
    widget.grab()
    found: dict[str, tuple[str, ...]] = {}
    for one in (widget, *widget.findChildren(QWidget)):
        if not one.isVisibleTo(widget):
            continue
        cut = getattr(one, "cut", ())
        if isinstance(cut, tuple) and cut:
            found[type(one).__name__] = cut
        clips = isinstance(one, QPushButton) or (isinstance(one, QLabel) and not one.wordWrap())
        if clips and one.text() and one.sizeHint().width() > one.width() + 1:  # type: ignore[attr-defined]  # both have text()
            found[type(one).__name__] = (one.text(),)  # type: ignore[attr-defined]  # both have text()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene_id", WALLS)
def test_walls_cut_no_word(
    qtbot: QtBot,
    scene_id: str,
    size: tuple[int, int, Seat],
    language: Language,
) -> None:
    """In either palette: colours take no room."""
    picture = make_picture()
    picture.words.use(language)
    stage = make_stage(picture, qtbot, scene_id, size[2])
    stage.resize(size[0], size[1])
    stage.show()
    picture.pulse.beat()
    picture.pulse.beat()
    assert cut_words(stage) == {}


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_desk_cuts_no_word(qtbot: QtBot, language: Language, palette: str) -> None:
    picture = make_picture()
    desk = make_desk(picture, qtbot)
    desk.resize(1920, 1080)
    desk.show()
    picture.words.use(language)
    picture.theme.use(palette)
    assert cut_words(desk) == {}
    desk.take_area(AREA)
    desk.show_gates()
    assert cut_words(desk) == {}


def test_the_cut_test_can_fail(qtbot: QtBot) -> None:
    """Ablation: half the width and the titles no longer fit."""
    picture = make_picture()
    panel = Sluices(picture.room("wall"))
    qtbot.addWidget(panel)
    panel.resize(200, 276)
    panel.show()
    assert cut_words(panel) != {}


ASKED = ("hot_spots", "statistics")
"""Panels of an answer of their own: the first picture does not bring it."""


@pytest.mark.parametrize("name", sorted(PANELS))
def test_panels_wait_for_the_first_picture(qtbot: QtBot, name: str) -> None:
    picture = make_picture(filled=False)
    parent = QWidget()
    qtbot.addWidget(parent)
    panel = PANELS[name](picture.room("wall"), picture.details, parent)
    assert panel.face() is Face.LOADING
    picture.stores.set_link(Link.ONLINE)
    waits = (Face.LOADING,) if name in ASKED else (Face.EMPTY, Face.READY)
    assert panel.face() in waits
    panel.resize(602, 276)
    panel.grab()


def test_language_and_palette_switch_live(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = make_stage(picture, qtbot, "general")
    stage.resize(3840, 1080)
    stage.show()
    before = stage.grab().toImage()
    picture.words.use("en")
    english = stage.grab().toImage()
    picture.theme.use("day")
    day = stage.grab().toImage()
    assert before != english
    assert english != day
    assert day.pixelColor(2, 600).name().upper() == picture.theme.color("bg")


def test_ages_turn_late_then_stale() -> None:
    assert not Age(9, 10).is_late
    assert Age(10, 10).is_late
    assert not Age(30, 10).is_stale
    assert Age(31, 10).is_stale


def test_a_stale_panel_is_hatched_and_says_until_when(qtbot: QtBot) -> None:
    picture = make_picture()
    feeds = Feeds(picture.room("wall"))
    sluices = Sluices(picture.room("wall"))
    for panel in (feeds, sluices):
        qtbot.addWidget(panel)
        panel.resize(602, 276)
    fresh = sluices.grab().toImage()
    picture.clock.advance(3_000)
    picture.pulse.beat()
    age = sluices.age()
    assert age.is_stale
    assert sluices.grab().toImage() != fresh
    assert feeds.room.figures.feed("water").is_late


def test_card_marks_the_gravest_level(qtbot: QtBot) -> None:
    from maps.spec import load_layers

    picture = make_picture()
    spec = {one.layer_id: one for one in load_layers()}["hazmat"]
    card = LayerCard(picture.room("wall"), spec)
    qtbot.addWidget(card)
    assert card.level() == 2
    assert card.figures().abnormal.count == 1
    card.resize(293, 276)
    bar = card.grab().toImage().pixelColor(2, 100).name().upper()
    assert bar == picture.theme.state_color(2)


def test_a_panel_keeps_its_place_when_abnormal(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = make_stage(picture, qtbot, "general")
    stage.resize(3840, 1080)
    places = {id(panel): panel.geometry() for panel in stage.panels()}
    picture.pulse.beat()
    assert {id(panel): panel.geometry() for panel in stage.panels()} == places


def test_every_scene_names_known_panels() -> None:
    for one in all_scenes():
        for places in one.wings.values():
            for where in places:
                kind, _, layer = where.panel.partition(":")
                assert where.panel in PANELS or (kind in DRAWN and layer)


def test_panel_titles_are_bilingual() -> None:
    kinds = [kind for kind in Panel.__subclasses__() if kind.__module__.startswith("widgets")]
    for kind in kinds:
        assert bool(kind.title.zh) == bool(kind.title.en), kind


def test_a_layer_of_another_department_says_so(qtbot: QtBot) -> None:
    picture = make_picture()
    room = replace(picture.room("wall"), sees=lambda layer: layer != "water")
    panel = Sluices(room)
    qtbot.addWidget(panel)
    assert panel.face() is Face.REFUSED
    assert Feeds(room).face() is Face.READY


def gates_in_every_state() -> tuple[Gate, ...]:
    """Give a sluice for each thing a sluice may be doing, with its longest numbers."""
    soon = Window(start_at=NOW + timedelta(hours=2), end_at=NOW + timedelta(hours=6))
    begun = Window(start_at=NOW - timedelta(hours=1), end_at=NOW + timedelta(hours=2))
    plain = gate(0).bays
    jammed = tuple(bay.model_copy(update={"fault": "jam"}) for bay in plain)
    moving = tuple(bay.model_copy(update={"moving": True, "opening_m": 10.55}) for bay in plain)
    open_ = tuple(bay.model_copy(update={"opening_m": 10.55}) for bay in plain)
    cases: tuple[dict[str, object], ...] = (
        {"next_window": soon},
        {"next_window": begun},
        {"next_window": None},
        {"bays": jammed},
        {"bays": moving},
        {"bays": open_, "flow_m3s": 1_234.5},
        {"bays": open_, "flow_m3s": -1_234.5, "inner_level_m": -0.35},
        {"link": "late"},
        {"link": "offline"},
    )
    return tuple(
        gate(number, item_id=f"NT-S{number + 1:02d}", **case) for number, case in enumerate(cases)
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene_id", ["general", "water", "requests"])
def test_no_number_time_or_state_is_ever_cut(
    qtbot: QtBot, scene_id: str, size: tuple[int, int, Seat], language: Language
) -> None:
    """Whatever a sluice, a command or an event is doing stands in full; only names may be cut."""
    picture = make_picture()
    picture.words.use(language)
    picture.put(*gates_in_every_state())
    stage = make_stage(picture, qtbot, scene_id, size[2])
    stage.resize(size[0], size[1])
    stage.show()
    for number, status in enumerate(CommandStatus):
        at = NOW + timedelta(minutes=number)
        picture.put(command(status, item_id=f"cmd-{number + 2}", created_at=at))
        picture.pulse.beat()
        assert cut_words(stage) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desks_lists_cut_no_number_time_or_state(qtbot: QtBot, language: Language) -> None:
    picture = make_picture()
    picture.words.use(language)
    picture.put(*gates_in_every_state())
    desk = make_desk(picture, qtbot)
    desk.resize(1920, 1080)
    desk.show()
    desk.show_gates()
    desk.take_area(AREA)
    assert cut_words(desk) == {}
    table, model = desk.resources.table, desk.resources.model
    heads = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    phone = heads.index(picture.words.pick("电话", "Phone"))
    for row in range(model.rowCount()):
        text = str(model.data(model.index(row, phone)))
        assert len(text) > 10
        assert table.fontMetrics().horizontalAdvance(text) + 16 <= table.columnWidth(phone)


@pytest.mark.parametrize(
    ("start", "end", "more", "zh", "en"),
    [
        (-60, 30, {}, "可排至 10:11", "drains to 10:11"),
        (0, 30, {}, "可排至 10:11", "drains to 10:11"),
        (30, 60, {}, "候潮 10:11", "waits 10:11"),
        (-60, 0, {}, "关", "closed"),
        (-60, 30, {"link": "offline"}, "无数据", "no data"),
        (-60, 30, {"flow_m3s": 12.0, "bays": gate(2).bays}, "开", "open"),
    ],
)
def test_a_window_that_is_open_now_is_not_waited_for(
    start: int, end: int, more: dict[str, object], zh: str, en: str
) -> None:
    window = Window(start_at=NOW + timedelta(minutes=start), end_at=NOW + timedelta(minutes=end))
    one = gate(0, next_window=window, **more)
    assert doing(one, Words("zh"), NOW) == (zh, 0)
    assert doing(one, Words("en"), NOW) == (en, 0)


def test_a_row_turns_from_waiting_to_draining_by_itself(qtbot: QtBot) -> None:
    picture = make_picture()
    panel = Sluices(picture.room("wall"))
    qtbot.addWidget(panel)
    one = gate(0)
    assert panel._known_row(one)[-1].text == "候潮 11:41"
    picture.clock.advance(7_300)
    assert panel._known_row(one)[-1].text == "可排至 15:41"


@pytest.mark.parametrize("language", LANGUAGES)
def test_feeds_stand_worst_first_with_whom_to_call(qtbot: QtBot, language: Language) -> None:
    picture = make_picture()
    picture.words.use(language)
    desk = make_desk(picture, qtbot)
    desk.resize(1920, 1080)
    desk.show()
    desk.show_feeds()
    assert desk.under.currentWidget() is desk.feeds
    shown = desk.feeds.feeds()
    assert [one.state.value for one in shown[:5]] == ["dead"] + ["late"] * 4
    assert desk.feeds.note() == picture.words.pick(
        "断 1 · 迟到 4 · 在线 11", "dead 1 · late 4 · live 11"
    )
    level, unit, what, call = desk.feeds._row(shown[0])
    assert level.level == 3
    assert unit.text == picture.words.pick("应急局", "Emergency Management")
    assert what.text.startswith(picture.words.pick("断", "dead"))
    assert call.text == "0513-85000012"
    assert not call.elide  # a number to call is never cut
    faulty = next(one for one in shown if one.fault.value == "unit")
    assert picture.words.pick("疑似换单位", "unit changed") in desk.feeds._row(faulty)[2].text
    assert cut_words(desk) == {}


def test_data_health_counts_layers_and_refused_rows(qtbot: QtBot) -> None:
    picture = make_picture()
    parent = QWidget()
    qtbot.addWidget(parent)
    card = make_panel("data_health", picture.room("wall"), picture.details, parent)
    figures = card.figures()  # type: ignore[attr-defined]  # a Card
    late = sum(feed.is_late for feed in picture.pulse.figures.feeds)
    assert (figures.number, figures.unit.zh) == (str(16 - late), "/16 图层")
    assert figures.rows[1][1] == "0.02%"  # 16 of 64,016 rows
    assert card.owner_words() == "断迟 5/16 源"  # type: ignore[attr-defined]  # a Card


def test_accountability_says_what_nothing_brings_yet(qtbot: QtBot) -> None:
    picture = make_picture()
    late = order(4, OrderState.SENT).model_copy(update={"due_at": NOW - timedelta(hours=1)})
    picture.put(late)
    parent = QWidget()
    qtbot.addWidget(parent)
    card = make_panel("performance", picture.room("wall"), picture.details, parent)
    figures = card.figures()  # type: ignore[attr-defined]  # a Card
    assert figures.number == "50.0"  # one back in time, one late
    assert [value for _title, value in figures.rows] == [
        "50.0%",
        "–",
    ]  # two of four signed; nothing to count returns by
