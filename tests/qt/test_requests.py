"""Hot spots and the day's requests: listed, opened by keys, their faces, said in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.actions.indicators import Inquiry
from app.answers import RequestsOf
from backend_client.contract.base import Language, Text
from backend_client.contract.indicators import Ratio
from backend_client.contract.problem import Problem
from backend_client.contract.requests import LAYER
from backend_client.errors import Refused
from maps.scenes import scene
from maps.spec import load_layers
from tests.qt.fakes import FakeDeeds
from tests.qt.people import NOW
from tests.qt.picture import Picture, make_picture
from tests.qt.requests_picture import spot
from tests.qt.test_cockpit import Failing
from widgets.desk import Desk
from widgets.panel import Face
from widgets.panels.hot_spots import HotSpots, change_mark, change_words
from widgets.panels.statistics import Statistics


class MapSeen:
    """Take down where the map was told to fly; the rest of a map is not needed here."""

    def __init__(self) -> None:
        self.flown: list[tuple[float, float, float]] = []

    def fly(self, lon: float, lat: float, zoom: float) -> None:
        self.flown.append((lon, lat, zoom))


def make_desk(picture: Picture, qtbot: QtBot) -> Desk:
    specs = {spec.layer_id: spec for spec in load_layers()}
    specs |= {LAYER: replace(specs["requests"], layer_id=LAYER)}
    desk = Desk(
        picture.room("desk"),
        picture.details,
        FakeDeeds(picture),
        facts=picture.facts,
        scene=scene("desk"),
        specs=specs,
    )
    qtbot.addWidget(desk)
    desk.resize(1920, 1080)
    desk.show()
    return desk


def press(desk: Desk, key: str) -> None:
    """Do what a key does."""
    next(one for one in desk.commands if key in one.keys).run()


def test_keys_bring_the_list_and_enter_flies_to_the_selected_one(qtbot: QtBot) -> None:
    desk, seen = make_desk(make_picture(), qtbot), MapSeen()
    desk.requests._view = seen  # type: ignore[assignment]  # a map that only flies
    press(desk, "Shift+H")
    rows = desk.requests.spots
    assert desk.under.currentWidget() is rows
    assert rows.active
    assert not desk.queue.active
    assert len(rows.keys) == 7
    press(desk, "J")
    press(desk, "Return")
    assert rows.spot is not None
    assert seen.flown == [(rows.spot.lon, rows.spot.lat, 15.0)]
    assert rows.key == "hot-1"
    assert LAYER in desk.layers.offered()
    press(desk, "Shift+I")
    assert desk.under.currentWidget() is desk.requests.statistics


def test_rows_that_stay_keep_their_places_when_a_new_answer_comes(qtbot: QtBot) -> None:
    picture = make_picture()
    desk = make_desk(picture, qtbot)
    press(desk, "Shift+H")
    rows, answers = desk.requests.spots, picture.stores.answers
    rows.select("hot-3")
    known = answers.get(RequestsOf())
    assert known is not None
    turned = (spot(9, NOW, count=40, before=1), *known.spots[::-1])
    answers.put(RequestsOf(), known.model_copy(update={"spots": turned}))
    assert rows.key == "hot-3"
    assert rows.keys == (*(f"hot-{number}" for number in range(7)), "hot-9")


@pytest.mark.parametrize("kind", [HotSpots, Statistics])
def test_a_panel_waits_then_shows_then_says_there_is_nothing(
    qtbot: QtBot, kind: type[HotSpots]
) -> None:
    picture = make_picture()
    panel = kind(picture.room("wall"))
    qtbot.addWidget(panel)
    assert panel.face() is Face.LOADING
    panel.catch_up()
    assert panel.face() is Face.READY
    age = panel.age()
    assert age is not None
    assert age.seconds == 0
    picture.clock.advance(90)
    age = panel.age()
    assert age is not None
    assert age.is_late
    picture.numbers.casework.busy = False
    panel.catch_up()
    assert panel.face() is Face.EMPTY
    why = Text("无权查看。", "Not yours to see.")
    problem = Problem(status=403, code="forbidden", what=why, todo=why)
    picture.stores.answers.wanted.disconnect()
    picture.numbers.casework.refuses = Refused(problem)
    Inquiry(picture.stores.answers, picture.numbers, Failing(), picture.stores)
    picture.clock.advance(90)
    panel.catch_up()
    assert panel.face() is Face.REFUSED


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_service_in_trouble_is_no_lack_of_rights_and_takes_no_answer_away(
    qtbot: QtBot, status: int
) -> None:
    picture = make_picture()
    why = Text("数据库暂时无法读写。", "The database cannot be used.")
    problem = Problem(status=status, code="storage", what=why, todo=why)
    picture.stores.answers.wanted.disconnect()
    picture.numbers.casework.refuses = Refused(problem)
    Inquiry(picture.stores.answers, picture.numbers, Failing(), picture.stores)
    panel = HotSpots(picture.room("wall"))
    qtbot.addWidget(panel)
    panel.catch_up()
    assert panel.face() is Face.ERROR
    picture.numbers.casework.refuses = None
    picture.clock.advance(90)
    panel.catch_up()
    assert panel.face() is Face.READY
    picture.numbers.casework.refuses = Refused(problem)
    picture.clock.advance(90)
    panel.catch_up()
    assert panel.face() is Face.READY  # what was told last stays, with its age
    assert panel.spots()


@pytest.mark.parametrize(
    ("count", "before", "mark"),
    [(9, 0, ("新", "new")), (9, 2, ("▲ 7", "▲ 7")), (5, 8, ("▼ 3",) * 2)],
)
def test_a_change_is_said_against_the_week_before(
    count: int, before: int, mark: tuple[str, str]
) -> None:
    picture = make_picture()
    one = spot(1, NOW, count=count, before=before)
    languages: tuple[Language, ...] = ("zh", "en")
    for language, wanted in zip(languages, mark, strict=True):
        picture.words.use(language)
        assert change_mark(one, picture.room("wall")) == wanted
        assert change_words(one, picture.room("wall"))


def test_every_number_of_the_day_is_painted(qtbot: QtBot) -> None:
    """Another day paints another picture, number by number: none is left out."""
    picture = make_picture()
    panel = Statistics(picture.room("desk"))
    qtbot.addWidget(panel)
    panel.resize(1_200, 520)
    panel.show()
    panel.catch_up()
    known = picture.stores.answers.get(RequestsOf())
    assert known is not None
    first = panel.grab().toImage()
    for change in (
        {"intake": 7},
        {"answered": 7},
        {"merged": 7},
        {"satisfied": Ratio(top=1, bottom=2)},
        {"channels": known.channels[:2]},
        {"matters": known.matters[:2]},
        {"regions": known.regions[:2]},
        {"states": known.states[:2]},
    ):
        picture.stores.answers.put(RequestsOf(), known.model_copy(update=change))
        panel.redraw()
        assert panel.grab().toImage() != first, change
    picture.stores.answers.put(RequestsOf(), known)
    panel.redraw()
    assert panel.grab().toImage() == first
