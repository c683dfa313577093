"""Notice that nobody uses a seat: keys and presses of its windows put the clock back."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

from app.session import Session
from backend_client.contract.clock import Clock

USES: Final = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin}
)
LOOK_MS: Final = 1_000


class Idle(QObject):
    """Let the session rest after a while without a key; a key while it rests asks to wake it.

    Only windows that had the focus are watched, at their native edge: a handful of events a
    second pass here, no paint of any widget.

    Signals:
        used: a key or a press.
        woken: a key was pressed while the seat rests.
    """

    used = Signal()
    woken = Signal()

    def __init__(
        self, session: Session, clock: Clock, limit_s: float, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._clock, self._limit_s = session, clock, limit_s
        self._used_s = clock.steady_s()
        self._watched: set[QWindow] = set()
        session.signed_in.connect(self.note)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._watch)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def note(self, _: object = None) -> None:
        """Take note that somebody is there."""
        self._used_s = self._clock.steady_s()

    def look(self) -> None:
        """Let the seat rest when nobody has used it for long enough."""
        if self._clock.steady_s() - self._used_s >= self._limit_s:
            self._session.rest()

    def _watch(self, window: QWindow | None) -> None:
        if window is not None and window not in self._watched:
            self._watched.add(window)
            window.installEventFilter(self)
            window.destroyed.connect(lambda: self._watched.discard(window))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note keys and presses, and let every event through."""
        if event.type() in USES:
            self.note()
            if self._session.is_resting and event.type() == QEvent.Type.KeyPress:
                self.woken.emit()
            else:
                self.used.emit()
        return False
