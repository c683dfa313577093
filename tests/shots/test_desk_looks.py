"""Every list and page of the desk, on a laptop and larger, the language switched while it runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Language, Text
from tests.gallery.checks import holds, told_by_controls
from tests.gallery.desk_faces import FACES
from tests.qt.case_picture import Pairs, case_order, pair
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import Picture, make_picture
from tests.qt.test_panels import make_desk
from tests.shots.test_shots import save
from widgets.alarm_work import ReasonQuestion
from widgets.ask import PlaceQuestion
from widgets.case_paths import offers
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.close_question import CloseQuestion
from widgets.commands import CommandPalette, KeySheet
from widgets.desk import Desk
from widgets.drafts import DraftsDialog
from widgets.easel import Painted
from widgets.panels.gate_command import GatePanel
from widgets.replay_control import InstantQuestion

SIZES = ((1366, 768), (1920, 1080))
LEAST = SIZES[0]
BARRED = Text("当前状态或权限不允许此操作。", "Its state or your rights do not allow it.")


def seated(qtbot: QtBot, size: tuple[int, int]) -> tuple[Desk, FakeDeeds]:
    picture = make_picture()
    deeds = FakeDeeds(picture, barred={"dispatch": BARRED})  # the form at its longest
    desk = make_desk(picture, qtbot, deeds)
    first, second = desk.queue.keys[:2]
    picture.put(case_order(1, first, 2.0))
    desk.room.stores.suggestions.serve(Pairs([pair(first, second)]))
    desk.resize(*size)
    desk.show()
    qtbot.waitUntil(lambda: not desk.page._rest.isActive(), timeout=3_000)  # the reading is there
    return desk, deeds


def calm(picture: Picture) -> None:
    """Let what was posted happen, and every panel paint."""
    picture.pulse.beat()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    QApplication.processEvents()


def told(widget: QWidget) -> list[str]:
    """Give what is cut or lies over another thing."""
    found = told_by_controls(widget)
    for one in widget.findChildren(Painted):
        if one.isVisible():
            found += [f"{type(one).__name__}: cut {words!r}" for words in getattr(one, "cut", ())]
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
@pytest.mark.parametrize("face", FACES)
def test_a_face_keeps_every_word(qtbot: QtBot, face: str, size: tuple[int, int]) -> None:
    desk, deeds = seated(qtbot, size)
    FACES[face](desk)
    found = {}
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:  # while it runs: nothing is made anew
        deeds.picture.words.use(language)
        calm(deeds.picture)
        save(desk, f"desk-{face}-{size[0]}-{language}")
        found[language] = told(desk)
    assert found == {"en": [], "zh": []}


def _gate(desk: Desk, deeds: FakeDeeds) -> QWidget:
    gate_id = next(iter(desk.room.stores.gates.ids()))
    return GatePanel(desk.room, deeds, gate_id, desk)


def _more(desk: Desk, _deeds: FakeDeeds) -> QWidget:
    event = desk.queue.chosen
    assert event is not None
    return MoreQuestion(desk.room, event, offers(event, desk.room.stores.orders.all()), desk)


def _case(desk: Desk, _deeds: FakeDeeds) -> QWidget:
    event = desk.queue.chosen
    assert event is not None
    every = offers(event, desk.room.stores.orders.all())
    offer = max(every, key=lambda one: len(one.path.fields) + len(one.path.choices))
    return CaseQuestion(desk.room, offer, desk)


def _close(desk: Desk, _deeds: FakeDeeds) -> QWidget:
    event = desk.queue.chosen
    assert event is not None
    return CloseQuestion(desk.room, event, desk)


def _place(desk: Desk, _deeds: FakeDeeds) -> QWidget:
    event = desk.queue.chosen
    assert event is not None
    return PlaceQuestion(desk.room, event, (120.9, 32.0), desk)


def _shelve(desk: Desk, _deeds: FakeDeeds) -> QWidget:
    words = Text("搁置告警", "Shelve the alarm")
    return ReasonQuestion(desk.room, words, words, last_line=words, ends=True, parent=desk)


QUESTIONS: dict[str, Callable[[Desk, FakeDeeds], QWidget]] = {
    "gate": _gate,
    "more": _more,
    "case": _case,
    "close": _close,
    "place": _place,
    "shelve": _shelve,
    "drafts": lambda desk, deeds: DraftsDialog(desk.room, deeds, desk),
    "palette": lambda desk, _deeds: CommandPalette(desk.room, desk.commands, desk),
    "keys": lambda desk, _deeds: KeySheet(desk.room, desk.commands, desk),
    "instant": lambda desk, _deeds: InstantQuestion(desk.room, desk.room.stores.server_now(), desk),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_room_on_a_laptop(qtbot: QtBot, name: str, language: Language) -> None:
    desk, deeds = seated(qtbot, LEAST)
    deeds.picture.words.use(language)
    question = QUESTIONS[name](desk, deeds)
    question.show()
    calm(deeds.picture)
    save(question, f"ask-{name}-{language}")
    assert told(question) == []
    assert holds(desk, question), f"{question.width()}x{question.height()}"
    question.close()
