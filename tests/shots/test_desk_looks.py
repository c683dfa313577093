"""Every list, page and question of the desk, on a laptop and larger, in both languages."""

from __future__ import annotations

import importlib
import json
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Language, Text
from backend_client.contract.repairs import RepairsPage
from tests.end2end.stack import ROOT
from tests.gallery import desk_faces
from tests.gallery.checks import holds, told_by_controls
from tests.gallery.desk_faces import AT_DESK, FACES, shut
from tests.qt.case_picture import Pairs, pair
from tests.qt.fakes import FakeDeeds
from tests.qt.model_picture import Told
from tests.qt.picture import Picture, make_picture
from tests.qt.test_case_work import a_case
from tests.qt.test_panels import make_desk
from tests.qt.test_reading_work import no
from tests.qt.test_repairs import rows
from tests.shots.test_shots import save
from widgets.ask import Question
from widgets.desk import Desk
from widgets.easel import Painted
from widgets.passing import Passing

SIZES = ((1366, 768), (1920, 1080))
LEAST = SIZES[0]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
BARRED = Text("当前状态或权限不允许此操作。", "Its state or your rights do not allow it.")


def seated(qtbot: QtBot, size: tuple[int, int]) -> tuple[Desk, FakeDeeds]:
    """Give a desk at which everything can be asked, an event with many side paths chosen."""
    picture = make_picture()
    deeds = FakeDeeds(picture, barred={"dispatch": BARRED})  # the form at its longest
    deeds.repairs = RepairsPage(rows=rows(), next=None, lost=0)
    case, _order = a_case(picture)
    picture.stores.models.serve(Told())
    picture.numbers.casework.files = {"file-none": no(404)}
    desk = make_desk(picture, qtbot, deeds)
    first = next(one for one in desk.queue.keys if one != case.item_id)
    picture.stores.suggestions.serve(Pairs([pair(first, case.item_id)]))
    desk.resize(*size)
    desk.show()
    desk.queue.reveal(case.item_id)
    qtbot.waitUntil(lambda: desk.page.read.matters is not None, timeout=3_000)
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
def test_every_face_keeps_every_word(qtbot: QtBot, size: tuple[int, int]) -> None:
    desk, deeds = seated(qtbot, size)
    found, seen = dict[str, list[str]](), set[int]()
    for face, show in FACES.items():
        show(desk)
        seen.add(desk.under.currentIndex())
        for language in LANGUAGES:  # while it runs: nothing is made anew
            deeds.picture.words.use(language)
            calm(deeds.picture)
            desk.grab()
            if faults := told(desk):
                found[f"{face} {language}"] = faults
                save(desk, f"desk-{face}-{size[0]}-{language}")
        desk.leave()
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)
    missed = set(range(desk.under.count())) - seen
    assert not missed, [type(desk.under.widget(one)).__name__ for one in missed]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_room_on_a_laptop(qtbot: QtBot, language: Language) -> None:
    desk, deeds = seated(qtbot, LEAST)
    deeds.picture.words.use(language)
    found: dict[str, list[str]] = {}
    for name, ask in AT_DESK.items():
        question = ask(desk, deeds)
        assert question is not None, f"nothing to ask: {name}"
        question.show()
        calm(deeds.picture)
        question.grab()
        faults = told(question)
        if not holds(desk, question):
            faults.append(f"{question.width()}x{question.height()} is larger than the screen")
        if faults:
            found[name] = faults
            save(question, f"ask-{name}-{language}")
        shut(question, desk)
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


def test_every_window_that_asks_is_looked_at() -> None:
    for path in (ROOT / "widgets").rglob("*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    asking = {one for one in below(QDialog) if one.__module__.startswith("widgets.")}
    looked_at = {one for one in vars(desk_faces).values() if isinstance(one, type)}
    assert asking - looked_at == {Passing, Question}  # what they are made of


def below(kind: type[QDialog]) -> set[type[QDialog]]:
    """Give every class made of another."""
    return {one for sub in kind.__subclasses__() for one in (sub, *below(sub))}
