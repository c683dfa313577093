"""Give the console its sounds: loaded when a seat is first signed in, silent where it may not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.actions import alarms
from app.annunciator import Annunciator, Speaker
from app.console import Console
from app.tones import Tone
from backend_client.contract.alarms import Sound
from backend_client.contract.base import Text
from widgets.panel import Room


class LateSpeaker(QObject):
    """Load the machine's sound when it is first wanted: a wall's console never needs it."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._speaker: Speaker | None = None
        self._failed = False

    @property
    def has_device(self) -> bool:
        """Tell whether the machine can sound anything."""
        found = self._load()
        return found is not None and found.has_device

    def play(self, tone: Tone) -> None:
        """Sound a tone once."""
        found = self._load()
        if found is not None:
            found.play(tone)

    def _load(self) -> Speaker | None:
        if self._speaker is None and not self._failed:
            try:
                # 40 ms and 20 MB that only a seat needs
                from widgets.speaker import DeviceSpeaker  # noqa: PLC0415

                self._speaker = DeviceSpeaker(self._folder, self)
            except (ImportError, OSError):  # no multimedia library, or nowhere to write
                self._failed = True
        return self._speaker


def make_annunciator(console: Console, room: Room, folder: Path) -> Annunciator:
    """Let alarms be heard while somebody is signed in and the settings allow it."""
    reach, settings = console.reach, console.settings

    def tell(sound: Sound) -> None:
        alarms.hear(reach, sound)

    made = Annunciator(
        room.alarms,
        reach.stores,
        LateSpeaker(folder, console.notices),
        reach.clock,
        tell=tell,
        parent=console.notices,
    )

    def follow(*_: object) -> None:
        made.use(on=settings.flag("sound") and reach.session.person is not None)

    def say_lost() -> None:
        console.notices.say(
            Text("本机没有音频设备，告警无声。", "No sound device: alarms are silent here."),
            todo=Text("检查音箱；值班长已可见。", "Check the speakers; the duty leader sees it."),
            weight="warning",
            key="sound",
        )

    reach.session.signed_in.connect(follow)
    reach.session.signed_out.connect(follow)
    settings.changed.connect(follow)
    made.lost.connect(say_lost)
    return made
