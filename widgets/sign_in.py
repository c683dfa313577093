"""The way in: account, password, one-time code; why it failed in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.i18n import Words
from app.theme import Theme
from backend_client.contract.base import Text
from widgets.deeds import Failed, failure_words

SignIn = Callable[[str, str, str | None, Failed], None]
WIDTH = 420


class SignInPage(QWidget):
    """Ask who is there; the picture of the city waits behind."""

    def __init__(
        self, theme: Theme, words: Words, sign_in: SignIn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._words, self._sign_in = theme, words, sign_in
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.account, self.password, self.code = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code.setMaxLength(6)
        self.title, self.message = QLabel(self), QLabel(self)
        self.title.setProperty("role", "m")
        self.message.setWordWrap(True)
        self.enter, self.demo = QPushButton(self), QPushButton(self)
        self.demo.hide()
        self.enter.setProperty("kind", "primary")
        self._names = [QLabel(self) for _ in range(3)]
        self._said: Text | None = None
        self._build()
        theme.changed.connect(self.dress)
        words.changed.connect(self.dress)
        self.dress()

    def _build(self) -> None:
        box = QWidget(self)
        box.setFixedWidth(WIDTH)
        grid = QGridLayout(box)
        grid.setVerticalSpacing(14)
        grid.setHorizontalSpacing(16)
        grid.addWidget(self.title, 0, 0, 1, 2)
        fields = (self.account, self.password, self.code)
        for row, (name, field) in enumerate(zip(self._names, fields, strict=True), start=1):
            name.setProperty("tone", "t2")
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.message, 4, 0, 1, 2)
        grid.addWidget(self.enter, 5, 0, 1, 2)
        grid.addWidget(self.demo, 6, 0, 1, 2)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(box, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(2)
        self.account.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.code.setFocus)
        self.code.returnPressed.connect(self.submit)
        self.enter.clicked.connect(self.submit)

    def submit(self) -> None:
        """Try to sign in with what is typed."""
        account, password = self.account.text().strip(), self.password.text()
        if not account or not password:
            self.say(Text("账号和口令都要填", "Account and password are both needed"))
            return
        self.enter.setEnabled(False)
        self.say(Text("登录中", "signing in"))
        self._sign_in(account, password, self.code.text() or None, self._on_failed)

    def offer(self, path: Path, run: Callable[[], None]) -> None:
        """Say where our own service's first passwords lie; let their owner in by a press."""
        self.say(Text(f"首次口令在 {path}", f"First passwords are in {path}"))
        self.demo.clicked.connect(run)
        self.demo.show()

    def say(self, text: Text) -> None:
        """Show one line under the fields."""
        self._said = text
        self.message.setText(self._words.say(text))

    def begin(self) -> None:
        """Forget what was typed and wait for the next person."""
        for field in (self.password, self.code):
            field.clear()
        self.enter.setEnabled(True)
        self.account.setFocus()

    def _on_failed(self, error: Exception) -> None:
        self.begin()
        self._said = None
        self.message.setText(failure_words(error, self._words))

    def dress(self) -> None:
        """Say everything in the language in force."""
        words = self._words
        self.setStyleSheet(self._theme.qss("desk"))
        self.title.setText(words.pick("登录", "Sign in"))
        names = (Text("账号", "Account"), Text("口令", "Password"), Text("动态码", "Code"))
        for label, name in zip(self._names, names, strict=True):
            label.setText(words.say(name))
        self.enter.setText(words.pick("登录", "Sign in"))
        if self._said is not None:
            self.message.setText(words.say(self._said))
        self.demo.setText(words.pick("以调度员进入演示", "Enter the demo as dispatcher"))
