"""What was drawn gets a name and an end and goes to the service; nothing else is asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from tests.qt.fakes import AREA, SQUARE
from tests.qt.picture import NOW, Picture, make_picture
from widgets.drawing import DrawingQuestion

MIDDLE = (120.9, 32.0)


@pytest.fixture
def picture() -> Picture:
    return make_picture()


def test_an_area_is_closed_and_ends_after_the_hours_chosen(qtbot: QtBot, picture: Picture) -> None:
    question = DrawingQuestion(picture.room("desk"), SQUARE, MIDDLE)
    qtbot.addWidget(question)
    assert not question.go.isEnabled()
    question.name.setText(" 一号险段 ")
    assert question.go.isEnabled()
    question.hours[4].click()
    made = question.drawing("320613", NOW)
    assert (made.title, made.kind, made.region) == ("一号险段", "area", "320613")
    assert made.until_at == NOW + timedelta(hours=4)
    assert made.outline is not None
    assert made.outline.parts[0][0] == made.outline.parts[0][-1]
    assert len(made.outline.parts[0]) == len(SQUARE.ring) + 1


def test_a_line_stays_open_and_a_mark_stands_in_the_middle(qtbot: QtBot, picture: Picture) -> None:
    question = DrawingQuestion(picture.room("desk"), SQUARE, MIDDLE)
    qtbot.addWidget(question)
    question.name.setText("路线")
    question.sorts["line"].click()
    line = question.drawing("3206", NOW)
    assert line.outline is not None
    assert (line.outline.form, len(line.outline.parts[0])) == ("line", len(SQUARE.ring))
    question.sorts["mark"].click()
    mark = question.drawing("3206", NOW)
    assert mark.outline is None
    assert (mark.lon, mark.lat) == MIDDLE


def test_without_an_area_only_a_mark_can_be_made(qtbot: QtBot, picture: Picture) -> None:
    question = DrawingQuestion(picture.room("desk"), None, MIDDLE)
    qtbot.addWidget(question)
    assert list(question.sorts) == ["mark"]
    question.name.setText("集结点")
    assert question.drawing("3206", NOW).kind == "mark"


def test_two_drawings_have_two_numbers(qtbot: QtBot, picture: Picture) -> None:
    question = DrawingQuestion(picture.room("desk"), AREA, MIDDLE)
    qtbot.addWidget(question)
    question.name.setText("圈")
    first, second = (question.drawing("3206", NOW).drawing_id for _ in range(2))
    assert first != second
