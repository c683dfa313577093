"""Sound the tones through the machine's own device; without one, say so and go on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

from app.tones import Tone, write_tones


class DeviceSpeaker(QObject):
    """Play WAV files; the device is looked up anew when the machine's devices change."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Write the tones into a folder of ours and load them.

        Raises:
            OSError: the folder cannot be written.
        """
        super().__init__(parent)
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._on_devices)
        self._files = write_tones(folder)
        self._effects: dict[Tone, QSoundEffect] = {}
        self._on_devices()

    @property
    def has_device(self) -> bool:
        """Tell whether the machine has an audio output."""
        return bool(self._effects)

    def play(self, tone: Tone) -> None:
        """Sound a tone once, from its beginning."""
        effect = self._effects.get(tone)
        if effect is not None:
            effect.stop()
            effect.play()

    def _on_devices(self) -> None:
        for effect in self._effects.values():
            effect.deleteLater()
        self._effects = {}
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return
        for tone, path in self._files.items():
            effect = QSoundEffect(device, self)
            effect.setSource(QUrl.fromLocalFile(str(path)))
            self._effects[tone] = effect
