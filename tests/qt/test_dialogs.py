"""The way in, the settings, unsent wishes, tables that keep their rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.settings import Settings
from backend_client.contract.base import Text
from backend_client.draft import Draft
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import NOW, make_picture
from tests.qt.test_panels import cut_words
from widgets.deeds import Failed
from widgets.drafts import DraftsDialog
from widgets.number_field import NumberField
from widgets.settings_dialog import SettingsDialog
from widgets.sign_in import SignInPage
from widgets.tables import Column, RowsModel

K = Qt.Key


def test_sign_in_by_keys_and_a_refusal_in_words(qtbot: QtBot) -> None:
    picture = make_picture()
    tried: list[tuple[str, str, str | None]] = []

    def sign_in(account: str, password: str, code: str | None, failed: Failed) -> None:
        tried.append((account, password, code))
        failed(ValueError("wrong"))

    page = SignInPage(picture.theme, picture.words, sign_in)
    qtbot.addWidget(page)
    page.resize(520, 420)
    page.show()
    page.submit()
    assert tried == []
    QTest.keyClicks(page.account, "operator")
    QTest.keyClick(page.account, K.Key_Return)
    QTest.keyClicks(page.password, "secret")
    QTest.keyClicks(page.code, "123456")
    QTest.keyClick(page.code, K.Key_Return)
    assert tried == [("operator", "secret", "123456")]
    assert "wrong" in page.message.text()
    assert page.password.text() == ""
    assert page.enter.isEnabled()


def test_the_owner_of_the_first_passwords_may_enter_the_demo(qtbot: QtBot, tmp_path: Path) -> None:
    picture = make_picture()
    page = SignInPage(picture.theme, picture.words, lambda *_: None)
    qtbot.addWidget(page)
    entered: list[int] = []
    assert page.demo.isHidden()
    page.offer(tmp_path / "first-passwords.json", lambda: entered.append(1))
    page.show()
    page.demo.click()
    assert entered == [1]
    assert "first-passwords" in page.message.text()


def test_every_declared_option_has_a_field_that_saves(qtbot: QtBot, tmp_path: Path) -> None:
    picture = make_picture()
    settings = Settings(tmp_path / "settings.toml", complain=lambda _text: None)
    dialog = SettingsDialog(settings, picture.theme, picture.words)
    qtbot.addWidget(dialog)
    dialog.show()
    assert cut_words(dialog) == {}
    assert set(dialog.fields) == {option.key for option in settings.options()}
    farthest = dialog.fields["farthest_m"].widget
    assert isinstance(farthest, NumberField)
    farthest.set_value(12.5)
    dialog.save()
    assert settings.number("farthest_m") == 12.5
    assert "pitch_mm" not in (tmp_path / "settings.toml").read_text("utf-8")


def draft(number: int) -> Draft:
    return Draft(
        draft_id=f"d{number}",
        kind="event.dispatch",
        target=f"event-{number}",
        body="{}",
        idempotency_key="k" * 16,
        person_id="operator",
        created_at=NOW,
    )


def test_unsent_wishes_go_out_only_when_asked(qtbot: QtBot) -> None:
    picture = make_picture()
    deeds = FakeDeeds(picture, drafts=[draft(1), draft(2), draft(3)])
    dialog = DraftsDialog(picture.room("desk"), deeds)
    qtbot.addWidget(dialog)
    dialog.show()
    assert deeds.asked == []
    assert dialog.list.count() == 3
    QTest.keyClick(dialog, K.Key_Return)
    assert deeds.asked == [("send", "d1")]
    QTest.keyClick(dialog, K.Key_Delete)
    assert deeds.asked[-1] == ("discard", "d2")
    deeds.refuses = ValueError("no link")
    dialog.send()
    assert dialog.list.count() == 1
    assert "no link" in dialog.message.text()


@dataclass(frozen=True)
class Row:
    """One row."""

    key: str
    value: int


def test_table_rows_keep_their_places(qtbot: QtBot) -> None:
    columns: tuple[Column[Row], ...] = (
        Column(Text("值", "Value"), lambda row: str(row.value), "right"),
    )
    model: RowsModel[Row] = RowsModel(columns, lambda row: row.key, say=lambda text: text.en)
    model.show([Row("a", 1), Row("b", 2)])
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.show([Row("b", 5), Row("a", 9)])
    assert [row.key for row in model.rows] == ["a", "b"]
    assert model.data(model.index(0, 0)) == "9"
    assert resets == []
    model.show([Row("c", 0), Row("b", 5)])
    assert [row.key for row in model.rows] == ["b", "c"]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Value"


def test_a_number_is_typed_stepped_and_kept_in_range(qtbot: QtBot) -> None:
    field = NumberField()
    qtbot.addWidget(field)
    heard: list[float] = []
    field.valueChanged.connect(heard.append)
    field.set_range(0.0, 3.0, step=0.05)
    field.set_value(0.4)
    QTest.keyClick(field, K.Key_Up)
    assert field.text() == "0.45"
    field.selectAll()
    QTest.keyClicks(field, "9")
    assert field.value() == 3.0
    field.selectAll()
    QTest.keyClicks(field, "nan")
    assert field.value() == 3.0
    assert heard == [0.4, 0.45, 3.0]
