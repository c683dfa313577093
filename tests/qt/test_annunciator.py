"""What a seat hears: I until acknowledged, II once, a tick; a mute that ends; a lost device."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import tones
from app.annunciator import Annunciator
from app.stores import Link
from app.tones import Tone
from backend_client.contract.alarms import AlarmState, Sound
from tests.qt.picture import Picture, alarm, make_picture
from tests.qt.test_panels import cut_words
from widgets.sounds import LateSpeaker
from widgets.strip import ALARM_HINTS, MUTED, NO_SOUND, Strip


@dataclass
class Ear:
    heard: list[Tone] = field(default_factory=list)
    has_device: bool = True

    def play(self, tone: Tone) -> None:
        self.heard.append(tone)


@dataclass
class Seat:
    picture: Picture
    ear: Ear = field(default_factory=Ear)
    told: list[Sound] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in (1, 2, 3, 4):
            self.picture.put(alarm(number, 4, AlarmState.CLOSED, version=9))
        self.made = Annunciator(
            self.picture.pulse.alarms,
            self.picture.stores,
            self.ear,
            self.picture.clock,
            tell=self.told.append,
        )
        self.made.use(on=True)


@pytest.mark.parametrize(
    ("level", "tone"),
    [(1, Tone.FIRST), (2, Tone.SECOND), (3, Tone.MESSAGE), (4, Tone.MESSAGE)],
)
def test_each_level_has_its_tone_and_a_flood_sounds_once(
    qtbot: QtBot, level: int, tone: Tone
) -> None:
    seat = Seat(make_picture())
    seat.picture.put(*(alarm(number, level) for number in range(20, 60)))
    assert seat.ear.heard == [tone]


def test_the_gravest_of_a_batch_is_heard(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    seat.picture.put(alarm(20, 4), alarm(21, 2), alarm(22, 3))
    assert seat.ear.heard == [Tone.SECOND]


def test_first_repeats_each_five_seconds_until_acknowledged(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    assert seat.made._repeat.interval() == 5_000
    seat.picture.put(alarm(20, 1))
    assert seat.made._repeat.isActive()
    seat.made._repeat.timeout.emit()
    assert seat.ear.heard == [Tone.FIRST, Tone.FIRST]
    seat.picture.put(alarm(20, 1, AlarmState.ACKNOWLEDGED, version=2))
    assert not seat.made._repeat.isActive()
    seat.picture.put(alarm(21, 2))
    assert not seat.made._repeat.isActive()


def test_a_mute_is_told_ends_by_itself_and_then_the_first_is_heard_again(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    assert seat.made.toggle_mute()
    until = seat.told[-1].muted_until
    assert until is not None
    assert 115 < (until - seat.picture.stores.server_now()).total_seconds() <= 120
    seat.picture.put(alarm(20, 1))
    assert seat.ear.heard == []
    assert seat.made._unmute.interval() == 120_000
    seat.picture.clock.advance(121)
    seat.made._unmute.timeout.emit()
    assert seat.told[-1].muted_until is None
    assert seat.ear.heard == [Tone.FIRST]
    assert seat.made.toggle_mute()
    assert not seat.made.toggle_mute()


def test_a_lost_device_is_told_once_and_its_return_too(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    seat.ear.has_device = False
    with qtbot.waitSignal(seat.made.lost):
        seat.picture.put(alarm(20, 2))
    seat.picture.put(alarm(21, 2))
    assert [one.has_device for one in seat.told] == [False]
    seat.ear.has_device = True
    seat.picture.put(alarm(22, 2))
    assert [one.has_device for one in seat.told] == [False, True]
    assert seat.ear.heard == [Tone.SECOND]


def test_who_sits_down_without_a_device_is_told_before_the_first_alarm(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    seat.made.use(on=False)
    seat.ear.has_device = False
    with qtbot.waitSignal(seat.made.lost):
        seat.made.use(on=True)
    assert [one.has_device for one in seat.told] == [False]
    assert not seat.made.hears()
    seat.made.use(on=True)
    assert len(seat.told) == 1


def test_nobody_signed_in_or_an_old_picture_makes_no_sound(qtbot: QtBot) -> None:
    seat = Seat(make_picture())
    seat.made.use(on=False)
    seat.picture.put(alarm(20, 1))
    assert seat.ear.heard == []
    assert not seat.made._repeat.isActive()
    seat.made.use(on=True)
    assert seat.ear.heard == [Tone.FIRST]  # who signs in hears what waits
    seat.picture.stores.set_link(Link.OFFLINE)
    seat.picture.put(alarm(21, 2))
    assert seat.ear.heard == [Tone.FIRST]


@pytest.mark.parametrize("tone", list(Tone))
def test_tones_are_short_sound_and_end_without_a_click(tone: Tone, tmp_path: Path) -> None:
    path = tones.write_tones(tmp_path)[tone]
    with wave.open(io.BytesIO(path.read_bytes())) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        values = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32_767
    assert 0.05 < len(values) / 22_050 < 0.7
    assert 0.1 < np.abs(values).max() < 0.95
    assert max(abs(values[0]), abs(values[-1])) < 0.02


def test_two_notes_one_note_and_a_softer_tick() -> None:
    def pitches(tone: Tone) -> list[int]:
        parts = np.array_split(tones.samples(tone).astype(float), 2)
        return [int(np.abs(np.fft.rfft(part)).argmax() * tones.RATE / len(part)) for part in parts]

    first, second = pitches(Tone.FIRST)
    assert abs(first - second) > 100
    alike, too = pitches(Tone.SECOND)
    assert abs(alike - too) < 20
    loud = {tone: np.abs(tones.samples(tone)).max() for tone in Tone}
    assert loud[Tone.MESSAGE] < 0.5 * loud[Tone.SECOND]


def test_a_machine_without_device_or_library_is_silent_and_lives(
    qtbot: QtBot, tmp_path: Path
) -> None:
    speaker = LateSpeaker(tmp_path)
    speaker.play(Tone.FIRST)
    assert isinstance(speaker.has_device, bool)


@pytest.mark.parametrize("width", [1366, 1920])
def test_silence_stays_on_the_strip_as_long_as_it_lasts(qtbot: QtBot, width: int) -> None:
    """A lost device is no passing notice: the strip says so until it is back."""
    seat = Seat(make_picture())
    strip = Strip(
        seat.picture.room("desk"),
        seat.picture.facts,
        hints=ALARM_HINTS,
        annunciator=seat.made,
    )
    qtbot.addWidget(strip)
    strip.resize(width, 52)
    strip.show()
    assert strip.silence() is None
    seat.ear.has_device = False
    seat.picture.put(alarm(30, 2))
    assert strip.silence() is NO_SOUND
    seat.picture.words.use("en")
    assert cut_words(strip) == {}
    seat.ear.has_device = True
    assert strip.silence() is None
    assert seat.told[-1].has_device
    seat.made.toggle_mute()
    assert strip.silence() is MUTED
