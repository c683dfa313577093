"""Decide what a seat hears: I every five seconds until acknowledged, II once, the rest a tick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.alarm_board import AlarmBoard
from app.stores import Link, Stores
from app.tones import Tone
from backend_client.contract.alarms import MUTE_S, Sound
from backend_client.contract.clock import Clock

REPEAT_MS: Final = 5_000
_TONES: Final = {1: Tone.FIRST, 2: Tone.SECOND}


class Speaker(Protocol):
    """What makes a tone heard."""

    @property
    def has_device(self) -> bool:
        """Tell whether there is anything to hear it with."""
        ...

    def play(self, tone: Tone) -> None:
        """Sound a tone once."""
        ...


class Annunciator(QObject):
    """Sound what waits to be acknowledged; the mute ends by itself after two minutes.

    Signals:
        muted(bool): the seat was silenced, or sounds again.
        lost: something should sound and there is no device to sound it.
    """

    muted = Signal(bool)
    lost = Signal()

    def __init__(
        self,
        board: AlarmBoard,
        stores: Stores,
        speaker: Speaker,
        clock: Clock,
        *,
        tell: Callable[[Sound], None],
        parent: QObject | None = None,
    ) -> None:
        """Listen to the board; `tell` lets the service know how this seat hears."""
        super().__init__(parent)
        self._board, self._stores, self._speaker = board, stores, speaker
        self._clock, self._tell = clock, tell
        self._waiting = dict(board.unacknowledged())
        self._muted_to_s = float("-inf")
        self._told_device = True
        self._is_on = False
        self._repeat = QTimer(self, interval=REPEAT_MS)
        self._repeat.timeout.connect(self._again)
        self._unmute = QTimer(self, singleShot=True, interval=round(MUTE_S * 1000))
        self._unmute.timeout.connect(self._on_unmute)
        board.changed.connect(self._on_board)

    @property
    def is_muted(self) -> bool:
        """Tell whether the seat is silenced."""
        return self._clock.steady_s() < self._muted_to_s

    def hears(self) -> bool:
        """Tell whether alarms can be heard here; a device that came back is found and told."""
        has_device = self._speaker.has_device
        if has_device and not self._told_device:
            self._told_device = True
            self._report()
        return has_device

    def use(self, *, on: bool) -> None:
        """Sound or keep still: a seat nobody is signed in at does not sound."""
        self._is_on = on
        self._waiting = dict(self._board.unacknowledged())
        if on:
            self._look_for_device()  # who sits down hears of it before the first alarm is missed
            self._say_first()
        else:
            self._repeat.stop()

    def toggle_mute(self) -> bool:
        """Silence the seat for two minutes or let it sound again; tells which."""
        if self.is_muted:
            self._unmute.stop()
            self._on_unmute()
            return False
        self._muted_to_s = self._clock.steady_s() + MUTE_S
        self._unmute.start()
        self._report()
        self.muted.emit(True)
        return True

    def message(self) -> None:
        """Sound the tick of a message."""
        self._play(Tone.MESSAGE)

    def _on_unmute(self) -> None:
        self._muted_to_s = float("-inf")
        self._report()
        self.muted.emit(False)
        self._say_first()

    def _on_board(self) -> None:
        was, self._waiting = self._waiting, dict(self._board.unacknowledged())
        if not self._waiting[1]:
            self._repeat.stop()
        risen = [level for level in sorted(was) if self._waiting[level] > was[level]]
        if self._is_on and risen and self._stores.link is Link.ONLINE:
            self._play(_TONES.get(risen[0], Tone.MESSAGE))
        if self._is_on and self._waiting[1] and not self._repeat.isActive():
            self._repeat.start()

    def _say_first(self) -> None:
        if self._is_on and self._waiting[1]:
            self._again()
            self._repeat.start()

    def _again(self) -> None:
        self._play(Tone.FIRST)

    def _play(self, tone: Tone) -> None:
        if not self._is_on or self.is_muted:
            return
        if self._look_for_device():
            self._speaker.play(tone)

    def _look_for_device(self) -> bool:
        """Tell whether there is something to sound with; what changed is told once."""
        has_device = self._speaker.has_device
        if has_device != self._told_device:
            self._told_device = has_device
            self._report()
            if not has_device:
                self.lost.emit()
        return has_device

    def _report(self) -> None:
        left_s = self._muted_to_s - self._clock.steady_s()
        until = None
        if left_s > 0:
            until = self._stores.server_now() + timedelta(seconds=left_s)
        self._tell(Sound(muted_until=until, has_device=self._told_device))
