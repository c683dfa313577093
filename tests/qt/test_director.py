"""The wall changes by the clock, in a carousel and by alarms, and a person's choice stands."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from app.director import Director
from app.notices import Notice, Notices
from app.scene_book import SceneBook
from app.scene_times import BadTimesError, Slot, in_force, read_carousel, read_schedule
from app.settings import Settings
from backend_client.contract.alarms import AlarmState
from backend_client.contract.base import Text
from maps.scenes import all_scenes
from tests.qt.picture import Picture, alarm, make_picture


class Wall:
    """A director over real stores, and what it asked for."""

    def __init__(self, folder: Path, **settings: str | float) -> None:
        self.picture: Picture = make_picture()
        self.notices = Notices(self.picture.clock, folder / "crash.txt")
        self.said: list[Notice] = []
        self.notices.raised.connect(self.said.append)
        self.settings = Settings(folder / "settings.toml", complain=self._complain)
        for key, value in settings.items():
            self.settings.set(key, value)
        self.book = SceneBook(all_scenes(), folder / "scenes", complain=self._complain)
        self.director = Director(
            self.picture.stores,
            self.book,
            self.settings,
            words=self.picture.words,
            notices=self.notices,
            clock=self.picture.clock,
        )
        self.asked: list[tuple[str, str]] = []
        self.director.wanted.connect(lambda scene, palette: self.asked.append((scene, palette)))

    def _complain(self, text: Text) -> None:
        self.notices.say(text)

    def wait(self, seconds: float) -> None:
        self.picture.clock.advance(seconds)
        self.director.look()

    def raise_alarm(
        self, number: int, level: int, *, age_s: float = 1.0, state: AlarmState = AlarmState.NEW
    ) -> None:
        at = self.picture.stores.server_now() - timedelta(seconds=age_s)
        self.picture.put(alarm(number, level, state, raised_at=at))

    def quiet(self) -> None:
        """Let nobody be waited for."""
        standing = self.picture.stores.alarms.all()
        self.picture.put(
            *(
                one.model_copy(
                    update={"state": AlarmState.ACKNOWLEDGED, "version": one.version + 1}
                )
                for one in standing
            )
        )


def test_the_carousel_turns_dwells_and_a_person_stops_it(tmp_path: Path) -> None:
    wall = Wall(tmp_path, carousel="general water, transport", carousel_dwell_s=20.0)
    wall.quiet()
    wall.director.start()
    wall.director.turn()
    wall.wait(19)
    assert wall.asked == []
    wall.wait(2)
    wall.wait(21)
    wall.wait(21)
    assert [scene for scene, _ in wall.asked] == ["water", "transport", "general"]
    wall.director.chosen("police")
    wall.wait(300)
    assert len(wall.asked) == 3
    assert not wall.director.is_turning
    assert wall.said


def test_the_carousel_stops_while_a_grave_alarm_waits_and_a_minute_longer(tmp_path: Path) -> None:
    wall = Wall(tmp_path, carousel="general water", alarm_scene="off")
    wall.quiet()
    wall.director.start()
    wall.director.turn()
    wall.raise_alarm(40, 2)
    wall.wait(100)
    assert wall.asked == []
    wall.quiet()
    wall.wait(59)
    assert wall.asked == []
    wall.wait(2)
    wall.wait(21)
    assert [scene for scene, _ in wall.asked] == ["water"]


def test_without_scenes_the_carousel_says_how_to_set_it(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    wall.director.start()
    wall.director.turn()
    assert not wall.director.is_turning
    assert "general water" in wall.said[-1].todo.en


def test_the_schedule_changes_scene_and_palette(tmp_path: Path) -> None:
    # 01:41 UTC is 09:41 in the city
    wall = Wall(tmp_path, schedule="07:00 general day; 09:42 water night")
    wall.director.start()
    assert wall.asked == [("general", "day")]
    wall.wait(60)
    assert wall.asked[-1] == ("water", "night")
    wall.wait(60)
    assert len(wall.asked) == 2


def test_a_new_grave_alarm_calls_its_scene_once(tmp_path: Path) -> None:
    wall = Wall(tmp_path, alarm_scene="I")
    wall.director.start()
    wall.raise_alarm(41, 2)
    assert wall.asked == []
    wall.raise_alarm(42, 1)
    assert wall.asked == [(alarm(42, 1).layer, "")]
    known = wall.picture.stores.alarms.get("alarm-42")
    assert known is not None
    wall.picture.put(known.model_copy(update={"version": known.version + 1, "note": "x"}))
    assert len(wall.asked) == 1


def test_an_alarm_that_stood_before_calls_nothing(tmp_path: Path) -> None:
    wall = Wall(tmp_path, alarm_scene="I-II")
    wall.director.start()
    wall.raise_alarm(43, 1, age_s=300)
    assert wall.asked == []


@pytest.mark.parametrize(
    "words", ["7 general", "25:00 general", "07:00 nowhere", "07:00 general; 07:00 water"]
)
def test_a_wrong_schedule_is_told_and_changes_nothing(tmp_path: Path, words: str) -> None:
    wall = Wall(tmp_path, schedule=words)
    wall.director.start()
    assert wall.asked == []
    assert wall.said[-1].weight == "warning"
    with pytest.raises(BadTimesError):
        read_schedule(words, {"general", "water"})


def test_slots_go_over_midnight() -> None:
    slots = (Slot(time(7), "general"), Slot(time(20), "water"))
    day = datetime(2026, 7, 18, tzinfo=UTC)
    found = [in_force(slots, day.replace(hour=hour)) for hour in (3, 7, 19, 23)]
    assert [one.scene_id for one in found if one] == ["water", "general", "general", "water"]
    assert in_force((), day) is None


def test_a_carousel_of_unknown_scenes_is_refused() -> None:
    assert read_carousel("general，water;water", {"general", "water"}) == (
        "general",
        "water",
        "water",
    )
    with pytest.raises(BadTimesError):
        read_carousel("general moon", {"general"})
