"""The cockpit by keyboard: from a number to its rows and back, its faces, its brief."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.actions.indicators import Inquiry
from app.answers import NowOf
from app.cockpit import cockpit_of, decisions
from app.linkage import units_of
from app.theme import Seat
from backend_client.contract.base import Language, Text
from backend_client.contract.feeds import FeedState
from backend_client.contract.problem import Problem
from backend_client.errors import Refused
from maps.scenes import scene
from tests.qt.indicators import Numbers
from tests.qt.picture import NOW, AtOnce, Picture, feeds, make_picture
from widgets.brief import brief_of, save_brief, write_brief
from widgets.panel import Face
from widgets.panels.cockpit import CockpitPage, step_of
from widgets.panels.linkage_page import LinkagePage
from widgets.panels.tiles import CockpitPanel
from widgets.stage import Stage

KEPT: list[Stage] = []
"""The stage opened last: nobody else holds it."""


def open_scene(
    picture: Picture, qtbot: QtBot, name: str, size: tuple[int, int], seat: Seat = "desk"
) -> Stage:
    stage = Stage(picture.room(seat), picture.details, picture.facts, scene=scene(name))
    qtbot.addWidget(stage)
    stage.resize(*size)
    stage.show()
    picture.pulse.beat()
    look(stage)
    KEPT[:] = [stage]
    return stage


def look(widget: QWidget) -> None:
    """Let everything be painted, as a screen would."""
    QApplication.processEvents()
    widget.grab()


def cockpit(picture: Picture, qtbot: QtBot, size: tuple[int, int] = (1920, 1080)) -> CockpitPage:
    stage = open_scene(picture, qtbot, "cockpit", size)
    page = stage.panels()[0]
    assert isinstance(page, CockpitPage)
    return page


def press(page: CockpitPage, key: str) -> None:
    """Do what a key does, as the window binds it."""
    next(one for one in page.commands() if key in one.keys).run()
    look(page)


def test_enter_opens_city_county_township_rows_and_esc_goes_back(qtbot: QtBot) -> None:
    page = cockpit(make_picture(), qtbot)
    page.shared.focus.key = "open"
    press(page, "Return")
    assert page.is_open
    assert "3,218" in page.drill._foot()
    parts = page.drill.parts()
    assert parts is not None
    assert parts.whole.top == parts.own.top + sum(part.top for part in parts.parts) == 3218
    county = parts.parts[0]
    press(page, "Return")
    towns = page.drill.parts()
    assert towns is not None
    assert (towns.region, towns.whole.top) == (county.region, county.top)
    press(page, "Return")
    assert page.drill.step.is_rows
    assert page.drill.step.region == towns.parts[0].region
    assert page.drill.entries() is not None
    for _ in range(3):
        assert page.leave()
    assert not page.is_open
    assert not page.leave()


def test_arrows_reach_every_tile(qtbot: QtBot) -> None:
    page = cockpit(make_picture(), qtbot)
    spots = set(page.shared.focus.spots)
    assert {"open", "closed_on_time", "fires", "next_window", "aqi", "gdp", "unit:D23"} <= spots
    assert "open@320623" in spots
    seen: set[str] = set()
    waiting = [next(iter(sorted(spots)))]
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            page.shared.focus.key = key
            page.go(*way)
            waiting.append(page.shared.focus.key)
    assert seen == spots


def test_i_shows_the_definition_and_a_unit_opens_to_its_orders(qtbot: QtBot) -> None:
    page = cockpit(make_picture(), qtbot)
    page.shared.focus.key = "aqi"
    press(page, "I")
    assert page.is_open
    assert page.drill.shows_definition
    page.leave()
    page.shared.focus.key = "unit:D26"
    press(page, "Return")
    entries = page.drill.entries()
    assert entries is not None
    assert (entries.indicator, entries.total) == ("due", 9)
    press(page, "Return")
    assert page.drill.step.which == "overdue"


def test_what_has_no_source_says_so_and_is_never_a_number(qtbot: QtBot) -> None:
    picture = make_picture()
    cockpit(picture, qtbot)
    board = picture.stores.answers.get(NowOf())
    assert board is not None
    for language, words in (("zh", "尚无来源"), ("en", "no source yet")):
        picture.words.use(language)  # type: ignore[arg-type]  # both are languages
        shown = cockpit_of(board, picture.words)
        none = [one for one in board.definitions if not one.live]
        assert none
        for one in none:
            tile = shown.tiles[one.indicator]
            assert (tile.value, tile.amount, tile.note) == ("", None, words)
    tile = shown.tiles["closed_on_time"]
    assert (tile.note, tile.misses) == ("below 95.0", True)
    assert shown.tiles["open"].note.startswith("▲ 129")


def test_change_is_told_only_once_there_is_history(qtbot: QtBot) -> None:
    picture = make_picture()
    inquiry = Inquiry(picture.stores.answers, Numbers(NOW, days=1), AtOnce(), picture.stores)
    cockpit(picture, qtbot)
    picture.stores.answers.put(NowOf(), Numbers(NOW, days=1).board())
    board = picture.stores.answers.get(NowOf())
    assert board is not None
    assert cockpit_of(board, picture.words).tiles["open"].note == "7月17日起"
    assert inquiry is not None


def test_at_most_three_decisions_and_none_is_said(qtbot: QtBot) -> None:
    picture = make_picture()
    found = decisions(picture.pulse.alarms, picture.stores, picture.words, None)
    assert [one.level for one in found] == [2, 3, 0]
    bare = make_picture(filled=False)
    assert decisions(bare.pulse.alarms, bare.stores, picture.words, None) == ()


def test_faces_loading_refused_stale(qtbot: QtBot) -> None:
    picture = make_picture(filled=False)
    page = cockpit(picture, qtbot)
    assert {part.face() for part in page.parts.values()} == {Face.LOADING}
    picture = make_picture()
    problem = Problem(status=404, code="not_found", what=Text("无", "none"), todo=Text("", ""))
    picture.stores.answers.wanted.disconnect()
    Inquiry(
        picture.stores.answers, Numbers(NOW, refuses=Refused(problem)), Failing(), picture.stores
    )
    page = cockpit(picture, qtbot)
    assert page.parts["today"].face() is Face.REFUSED
    picture = make_picture()
    page = cockpit(picture, qtbot)
    today = page.parts["today"]
    assert today.face() is Face.READY
    picture.stores.answers.wanted.disconnect()
    picture.clock.advance(200)
    age = today.age()
    assert age is not None
    assert age.is_stale


class Failing(AtOnce):
    """Bring failures home as the console's tasks do."""

    def run(self, job, done, failed=None):  # type: ignore[no-untyped-def]  # as AtOnce
        try:
            result = job()
        except Refused as error:
            failed(error)
        else:
            done(result)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("size", "seat"),
    [((1920, 1080), "desk"), ((1366, 768), "desk"), ((3840, 1080), "wall"), ((3840, 2160), "wall")],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("name", ["cockpit", "linkage"])
def test_nothing_is_cut(
    qtbot: QtBot, name: str, size: tuple[int, int], seat: Seat, language: Language
) -> None:
    picture = make_picture()
    picture.words.use(language)
    stage = open_scene(picture, qtbot, name, size, seat)
    picture.pulse.beat()
    look(stage)
    parts = [one for one in stage.findChildren(CockpitPanel) if one.isVisible()]
    assert parts
    assert {type(one).__name__: one.cut for one in parts if one.cut} == {}
    assert not stage.strip.isVisible()
    for one in parts:
        for other in parts:
            apart = not one.geometry().intersects(other.geometry())
            assert one is other or one.parent() is not other.parent() or apart


def test_the_brief_says_what_the_screen_says(qtbot: QtBot, tmp_path: Path) -> None:
    for language in ("zh", "en"):
        picture = make_picture()
        picture.words.use(language)
        page = cockpit(picture, qtbot)
        board = picture.stores.answers.get(NowOf())
        assert board is not None
        shown = cockpit_of(board, picture.words)
        brief = brief_of(page.room, picture.facts)
        assert brief is not None
        texts = brief.texts()
        for tile in shown.tiles.values():
            if tile.value:
                at = texts.index(tile.name)
                assert texts[at + 1] == f"{tile.value} {tile.unit}".strip()
            else:
                assert any(tile.name in text for text in brief.foot)
        assert any(picture.words.as_of(NOW) in text for text in texts)
        assert any("模拟" in text or "simulated" in text for text in texts)
        written = write_brief(brief, tmp_path / f"{language}.pdf").read_bytes()
        assert written.startswith(b"%PDF")
        assert written.count(b"/Type /Page\n") == 1
        save_brief(page, picture.facts, tmp_path / "exports")
        assert len(list((tmp_path / "exports").glob(f"brief-*-{language}.pdf"))) == 1


def test_units_keep_their_places_whatever_their_feeds_do(qtbot: QtBot) -> None:
    picture = make_picture()
    names = picture.room().names
    units = units_of(feeds(), names)
    assert len(units) == 74
    dead = [one.model_copy(update={"state": FeedState.DEAD}) for one in feeds()]
    assert [one.unit for one in units_of(dead, names)] == [one.unit for one in units]
    assert sum(len(one.feeds) for one in units) == len(feeds())
    stage = open_scene(picture, qtbot, "linkage", (1920, 1080))
    page = stage.panels()[0]
    assert isinstance(page, LinkagePage)
    assert len(page.shared.focus.spots) == 74
    brings = next(one for one in units if one.feeds)
    page.shared.focus.key = f"feeds:{brings.unit}"
    page.enter()
    assert [one.item_id for one in page.list.feeds()] == [one.item_id for one in brings.feeds]
    assert page.leave()
    assert not page.leave()


def test_the_scene_comes_and_goes_by_its_key(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = open_scene(picture, qtbot, "general", (3840, 1080), "wall")
    assert stage.strip.isVisible()
    stage.show_scene(scene("cockpit"))
    look(stage)
    assert not stage.strip.isVisible()
    assert [type(one).__name__ for one in stage.panels() if one.isVisible()] == ["CockpitPage"]
    stage.show_scene(scene("general"))
    look(stage)
    assert stage.strip.isVisible()
    assert scene("cockpit").key == "F4"
    assert scene("linkage").key == "F7"


def test_a_tile_opens_what_it_is_about() -> None:
    assert step_of("open@320623").region == "320623"  # type: ignore[union-attr]  # it is one
    assert step_of("decision:gate:NT-S01") is None
    assert step_of("") is None
