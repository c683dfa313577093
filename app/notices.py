"""The one notice centre: what happened, what it means, what to do; hooks and crash file."""

from __future__ import annotations

import logging
import sys
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from app.tasks import hook_threads
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.errors import ClientError, Unreachable

LOG: Final = logging.getLogger("console")
KEPT: Final = 200
MAX_CRASH_BYTES: Final = 5 * 1024 * 1024
Weight = Literal["note", "warning", "fault"]
NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to the operator. An alarm is not a notice."""

    text: Text
    meaning: Text
    todo: Text
    at: datetime
    weight: Weight = "note"
    key: str = ""


class Notices(QObject):
    """Collect notices from everywhere; nothing that fails goes unseen.

    Signals:
        raised(Notice): a new notice.
        recovered(str): key of something lost that is back.
    """

    raised = Signal(object)
    recovered = Signal(str)
    _hooked = Signal(object, str)

    def __init__(self, clock: Clock, crash_file: Path, parent: QObject | None = None) -> None:
        """Prepare; `crash_file` takes the traces of bugs."""
        super().__init__(parent)
        self._clock = clock
        self._crash_file = crash_file
        self._kept: deque[Notice] = deque(maxlen=KEPT)
        self._lost: set[str] = set()
        self._restore: list[Callable[[], object]] = []
        self._hooked.connect(self._on_hooked, Qt.ConnectionType.QueuedConnection)

    def kept(self) -> tuple[Notice, ...]:
        """Give the last 200 notices, oldest first."""
        return tuple(self._kept)

    def say(
        self,
        text: Text,
        *,
        meaning: Text = NOTHING,
        todo: Text = NOTHING,
        weight: Weight = "note",
        key: str = "",
    ) -> None:
        """Raise a notice and log it."""
        notice = Notice(text, meaning, todo, self._clock.now(), weight, key)
        self._kept.append(notice)
        LOG.log(_LEVELS[weight], "%s %s", text.en, meaning.en)
        self.raised.emit(notice)

    def lose(self, key: str, text: Text, *, meaning: Text, todo: Text) -> None:
        """Say once that something is lost; again only after it was back."""
        if key in self._lost:
            return
        self._lost.add(key)
        self.say(text, meaning=meaning, todo=todo, weight="warning", key=key)

    def recover(self, key: str, text: Text) -> None:
        """Say once that something lost is back."""
        if key not in self._lost:
            return
        self._lost.discard(key)
        self.say(text, key=key)
        self.recovered.emit(key)

    def is_lost(self, key: str) -> bool:
        """Tell whether something is lost at present."""
        return key in self._lost

    @Slot(object)
    def fail(self, error: Exception) -> None:
        """Tell of an error: a refusal in its words, a bug with its trace in the crash file."""
        if isinstance(error, Unreachable):
            LOG.info("unreachable: %s", error.what.en)  # the link state shows it
            return
        if isinstance(error, ClientError):
            self.say(error.what, todo=error.todo, weight="warning")
            return
        self._crash("".join(traceback.format_exception(error)), type(error).__name__)

    def install(self) -> None:
        """Catch what nobody caught: Python, threads, Qt's own messages."""
        old = sys.excepthook
        sys.excepthook = self._on_exception
        self._restore = [
            lambda: setattr(sys, "excepthook", old),
            hook_threads(lambda error: self._hooked.emit(error, "")),
        ]
        before = qInstallMessageHandler(self._on_qt_message)
        self._restore.append(lambda: qInstallMessageHandler(before))

    def uninstall(self) -> None:
        """Put the hooks back that were there before."""
        for restore in self._restore:
            restore()
        self._restore = []

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._hooked.emit(error, "")

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            LOG.debug("Qt: %s", text)
            return
        LOG.warning("Qt: %s (%s:%s)", text, context.file, context.line)
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self._hooked.emit(None, text)

    @Slot(object, str)
    def _on_hooked(self, error: BaseException | None, text: str) -> None:
        if isinstance(error, Exception):
            self.fail(error)
            return
        self._crash(text or repr(error), "Qt")

    def _crash(self, trace: str, name: str) -> None:
        LOG.error("%s", trace)
        kept = self._write_crash(trace)
        self.say(
            Text(f"程序内部出错（{name}）。", f"Something in the program failed ({name})."),
            meaning=Text(
                "刚才的操作可能没有完成；其余功能继续。",
                "What was just done may be incomplete; the rest goes on.",
            ),
            todo=Text(
                f"请重试；若再次出现，请把 {kept} 交给维护人员。",
                f"Try again; if it happens again, give {kept} to the maintainers.",
            ),
            weight="fault",
        )

    def _write_crash(self, trace: str) -> Path:
        try:
            self._crash_file.parent.mkdir(parents=True, exist_ok=True)
            if self._crash_file.exists() and self._crash_file.stat().st_size > MAX_CRASH_BYTES:
                self._crash_file.replace(self._crash_file.with_suffix(".old"))
            with self._crash_file.open("a", encoding="utf-8") as file:
                file.write(f"--- {self._clock.now().isoformat()}\n{trace}\n")
        except OSError:
            LOG.exception("the crash file cannot be written")
        return self._crash_file


_LEVELS: Final[dict[Weight, int]] = {
    "note": logging.INFO,
    "warning": logging.WARNING,
    "fault": logging.ERROR,
}
