"""Three tones made here, so that nothing has to be licensed: I, II, message.

Units: 16-bit mono samples at RATE per second.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from app.files import write_whole

RATE: Final = 22_050
_FADE_S: Final = 0.012  # no click at either end
_PEAK: Final = 0.8
_OVERTONES: Final = (1.0, 0.35, 0.12)  # a bare sine is hard to place in a room


class Tone(StrEnum):
    """The only sounds there are. Source: domain rule 18."""

    FIRST = "first"  # alarm I: two notes
    SECOND = "second"  # alarm II: one note
    MESSAGE = "message"  # anything else: a soft tick


@dataclass(frozen=True, slots=True)
class Note:
    """One note: its pitch, how long, how loud beside the others."""

    hz: float
    s: float
    loud: float = 1.0


NOTES: Final[Mapping[Tone, Sequence[Note]]] = {
    Tone.FIRST: (Note(880.0, 0.22), Note(660.0, 0.34)),
    Tone.SECOND: (Note(660.0, 0.32, 0.8),),
    Tone.MESSAGE: (Note(520.0, 0.06, 0.3),),
}


def samples(tone: Tone) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Compute a tone.

    Shape: result (n,).
    """
    parts = [_note(note) for note in NOTES[tone]]
    return (np.concatenate(parts) * 32_767).astype(np.int16)


def wav(tone: Tone) -> bytes:
    """Give a tone as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples(tone).tobytes())
    return file.getvalue()


def write_tones(folder: Path) -> dict[Tone, Path]:
    """Write the tones into a folder and say where each lies.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {tone: folder / f"{tone.value}.wav" for tone in Tone}
    for tone, path in found.items():
        write_whole(path, wav(tone))
    return found


def _note(note: Note) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    at_s = np.arange(round(note.s * RATE)) / RATE
    waves = [
        share * np.sin(2 * np.pi * note.hz * (turn + 1) * at_s)
        for turn, share in enumerate(_OVERTONES)
    ]
    whole = np.sum(waves, axis=0) / sum(_OVERTONES)
    fade = np.minimum(1.0, np.minimum(at_s, note.s - at_s) / _FADE_S)
    shaped: np.ndarray[tuple[int], np.dtype[np.float64]] = whole * fade * note.loud * _PEAK
    return shaped
