"""Small parts of running: looks that follow the settings, sign-in without a person, signals."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Container, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.backend_process import Ready
from app.console import Console
from app.director import Director
from app.first_passwords import read
from app.i18n import Words
from app.notices import Notices
from app.scene_book import SceneBook
from app.settings import Settings
from app.theme import Seat, Theme, Viewing
from app.wall_file import find_wall
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.errors import Refused, Unreachable
from maps.scenes import all_scenes
from widgets.panel_table import is_panel
from widgets.parts import Parts
from widgets.preview import is_small, lay_out, start_small
from widgets.wall import Windows
from widgets.wall_draft import write_draft

AGAIN_MS = 1_000
NEXT_CODE_MS = 31_000
DEMO_ACCOUNT = "dispatcher"
WAKE_MS = 250


class Looks(QObject):
    """Let language, palette and sizes follow the settings."""

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        words: Words,
        parent: QObject | None = None,
        *,
        viewings: Mapping[Seat, Viewing] | None = None,
    ) -> None:
        """Follow the settings; `viewings` of a wall file go before those of the settings."""
        super().__init__(parent)
        self._viewings = dict(viewings or {})
        self._settings, self._theme, self._words = settings, theme, words
        settings.changed.connect(self._on_changed)

    def apply(self) -> None:
        """Put what the settings say in force."""
        settings = self._settings
        self._words.use("en" if settings.text("language") == "en" else "zh")
        self._theme.reduced_motion = settings.flag("reduced_motion")
        self._theme.use(settings.text("palette"))
        distance_mm = settings.number("farthest_m") * 1_000
        usual: dict[Seat, Viewing] = {"wall": Viewing(settings.number("pitch_mm"), distance_mm)}
        for seat, viewing in (usual | self._viewings).items():
            self._theme.look_from(seat, viewing)

    def _on_changed(self, _key: str) -> None:
        self.apply()


class SignsIn(QObject):
    """Sign in with an account of the first-passwords file, for tours and demonstrations."""

    def __init__(
        self, console: Console, windows: Windows, *, account: str, credentials: Path | None
    ) -> None:
        super().__init__(console.notices)
        self._windows = windows
        self._console, self._account, self._credentials = console, account, credentials
        self._is_second = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AGAIN_MS)
        self._timer.timeout.connect(self.start)
        if console.backend is not None:
            console.backend.ready.connect(self._on_ready)

    def start(self) -> None:
        """Try as soon as the account's password is known."""
        if not self._account or self._credentials is None:
            return
        found = {one.account: one for one in read(self._credentials)}
        mine = found.get(self._account)
        if mine is None:
            self._console.notices.say(
                Text(
                    f"{self._credentials} 中没有账号 {self._account}。",
                    f"{self._credentials} has no account {self._account}.",
                ),
                weight="fault",
            )
            return
        clock = self._console.reach.clock
        self._console.reach.session.sign_in(
            mine.account, mine.password, mine.code(clock), failed=self._on_failed
        )

    def _on_ready(self, ready: Ready) -> None:
        self._credentials = self._credentials or Path(ready.credentials)
        if self._account:
            self.start()
        elif read(self._credentials):
            self._windows.offer(self._credentials, self._enter_demo)

    def _enter_demo(self) -> None:
        self._account = DEMO_ACCOUNT
        self.start()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Unreachable):
            self._timer.start(AGAIN_MS)
            return
        if isinstance(error, Refused) and error.problem.status == 401 and not self._is_second:
            self._is_second = True  # the city's desk may have spent this code: take the next one
            self._timer.start(NEXT_CODE_MS)
            return
        self._console.notices.fail(error)


def open_book(folder: Path, notices: Notices, layers: Container[str]) -> SceneBook:
    """Give every scene there is; files that cannot be used are told."""
    return SceneBook(
        all_scenes(),
        folder,
        complain=lambda text: notices.say(text, weight="warning", key="settings"),
        knows=lambda name: is_panel(name, layers),
    )


def direct(parts: Parts, windows: Windows, clock: Clock) -> Director:
    """Let schedule, carousel and alarms change the walls' scene."""
    director = Director(
        parts.room.stores,
        parts.book,
        parts.settings,
        words=parts.room.words,
        notices=parts.notices,
        clock=clock,
    )
    director.wanted.connect(windows.show_scene)
    director.called.connect(parts.replay.go_live)
    windows.chosen.connect(director.chosen)
    windows.carousel_wanted.connect(director.turn)
    return director


def answer_early(asked: argparse.Namespace) -> int | None:
    """Do what ends without a console: write a wall file, or start again as a preview.

    Returns:
        The exit status, None when the console is to run.
    """
    if asked.write_wall is not None:
        code, told = write_draft(asked.write_wall)
        sys.stdout.write(f"{told}\n")
        return code
    if asked.preview and not is_small():
        wall, _fault = find_wall(asked.wall, "")
        small = lay_out(wall) if wall else None
        if small is not None:
            start_small(small, QGuiApplication.primaryScreen().availableSize())
    return None


def end_on_signals(app: QApplication) -> None:
    """End in order on Ctrl+C and on a kind kill; a timer lets Python see the signal."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.quit())
    timer = QTimer(app)
    timer.start(WAKE_MS)
    timer.timeout.connect(_nothing)


def _nothing() -> None:
    """Give the interpreter its turn."""
