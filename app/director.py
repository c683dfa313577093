"""Change the wall's scene without a hand: schedule, carousel, and alarms that call their scene."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.i18n import Words
from app.notices import Notices
from app.scene_book import SceneBook
from app.scene_times import (
    LEAST_DWELL_S,
    BadTimesError,
    in_force,
    read_carousel,
    read_schedule,
)
from app.scene_times import Slot as TimeSlot
from app.settings import Settings
from app.stores import Stores
from backend_client.contract.alarms import AlarmState
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

LOOK_MS: Final = 500
CALM_S: Final = 60.0
FRESH: Final = timedelta(minutes=1)
GRAVE: Final = 2  # levels I and II stop the carousel; domain rule 4
KEYS: Final = frozenset({"schedule", "carousel"})
ALARM_LEVELS: Final = {"off": 0, "I": 1, "I-II": 2}
_LOUD: Final = frozenset({AlarmState.NEW, AlarmState.RETURNED})


class Director(QObject):
    """Say which scene is due. A person's choice always stands until the next due change.

    Signals:
        wanted(str, str): show this scene, in this palette unless empty.
        turned(bool): the carousel runs, or runs no more.
        called: an alarm called its scene: what is now has to be seen.
    """

    wanted = Signal(str, str)
    turned = Signal(bool)
    called = Signal()

    def __init__(
        self,
        stores: Stores,
        book: SceneBook,
        settings: Settings,
        *,
        words: Words,
        notices: Notices,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._stores, self._book, self._settings = stores, book, settings
        self._words, self._notices, self._clock = words, notices, clock
        self._slots: tuple[TimeSlot, ...] = ()
        self._ring: tuple[str, ...] = ()
        self._slot: TimeSlot | None = None
        self._at = 0
        self._since_s = clock.steady_s()
        self._loud_s: float | None = None
        self._called: set[str] = set()
        self.is_turning = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        settings.changed.connect(self._on_setting)
        book.changed.connect(self._read)
        stores.alarms.changed.connect(self._on_alarms)

    def start(self) -> None:
        """Begin: what the schedule says now, and what alarms stand, is where the wall starts."""
        self._read()
        self._slot = in_force(self._slots, self._local())
        if self._slot is not None:
            self.wanted.emit(self._slot.scene_id, self._slot.palette)
        self._timer.start()

    def stop(self) -> None:
        """Change nothing any more."""
        self._timer.stop()

    def turn(self) -> None:
        """Start the carousel, or stop it."""
        if not self._ring:
            self._notices.say(
                Text("轮播未设置", "No carousel is set"),
                todo=Text(
                    "在设置“轮播场景”中写入场景，如 general water transport。",
                    'Name scenes in the setting "carousel", e.g. general water transport.',
                ),
            )
            return
        self._turn(on=not self.is_turning)

    def chosen(self, scene_id: str) -> None:
        """Hear that a person chose a scene: the carousel ends, the choice stands."""
        self._since_s = self._clock.steady_s()
        if self.is_turning:
            self._turn(on=False)
            self._notices.say(
                Text("轮播已停：手动切换场景", "Carousel stopped: a scene was chosen by hand"),
                todo=Text("Ctrl+R 重新开始。", "Ctrl+R starts it again."),
                key="wall",
            )
        if scene_id in self._ring:
            self._at = self._ring.index(scene_id)

    @Slot()
    def look(self) -> None:
        """See whether a change is due."""
        slot = in_force(self._slots, self._local())
        if slot != self._slot:
            self._slot = slot
            if slot is not None:
                self._since_s = self._clock.steady_s()
                self.wanted.emit(slot.scene_id, slot.palette)
                return
        if self.is_turning and self._is_calm() and self._ring:
            dwell_s = max(LEAST_DWELL_S, self._settings.number("carousel_dwell_s"))
            if self._clock.steady_s() - self._since_s >= dwell_s:
                self._since_s = self._clock.steady_s()
                self._at = (self._at + 1) % len(self._ring)
                self.wanted.emit(self._ring[self._at], "")

    def _is_calm(self) -> bool:
        """Tell whether no I or II waits for anybody, and none did for a minute."""
        now_s = self._clock.steady_s()
        if any(one.level <= GRAVE and one.state in _LOUD for one in self._stores.alarms.all()):
            self._loud_s = now_s
        calm = self._loud_s is None or now_s - self._loud_s >= CALM_S
        if not calm:
            self._since_s = now_s  # a scene dwells its whole time again
        return calm

    def _turn(self, *, on: bool) -> None:
        self.is_turning = on
        self._since_s = self._clock.steady_s()
        self.turned.emit(on)

    def _local(self) -> datetime:
        return self._words.local(self._stores.server_now())

    def _on_setting(self, key: str) -> None:
        if key in KEYS:
            self._read()

    def _read(self) -> None:
        """Take schedule and carousel from the settings; what cannot be read is told and off."""
        scenes = self._walls()
        try:
            self._slots = read_schedule(self._settings.text("schedule"), scenes)
        except BadTimesError as error:
            self._slots = ()
            self._notices.say(error.text, weight="warning", key="settings")
        try:
            self._ring = read_carousel(self._settings.text("carousel"), scenes)
        except BadTimesError as error:
            self._ring = ()
            self._notices.say(error.text, weight="warning", key="settings")
        if self.is_turning and not self._ring:
            self._turn(on=False)

    @Slot(tuple)
    def _on_alarms(self, ids: tuple[str, ...]) -> None:
        """Let a new grave alarm call the scene of its layer, once each."""
        limit = ALARM_LEVELS.get(self._settings.text("alarm_scene"), 0)
        now, scenes = self._stores.server_now(), self._walls()
        fresh = [
            alarm
            for item_id in ids
            if item_id not in self._called
            and (alarm := self._stores.alarms.get(item_id)) is not None
            and alarm.state is AlarmState.NEW
            and alarm.level <= limit
            and alarm.layer in scenes
            and now - alarm.raised_at <= FRESH  # those that stood before are no news
        ]
        if not fresh:
            return
        self._called = {one for one in self._called if self._stores.alarms.get(one) is not None}
        self._called |= {one.item_id for one in fresh}
        worst = min(fresh, key=lambda one: (one.level, one.raised_at))
        self._since_s = self._clock.steady_s()
        self.called.emit()
        self.wanted.emit(worst.layer, "")
        self._notices.say(
            Text(f"告警切换场景：{worst.title.zh}", f"Scene called by an alarm: {worst.title.en}"),
            todo=Text("F1 返回总体态势。", "F1 returns to the general scene."),
            key="wall",
        )

    def _walls(self) -> frozenset[str]:
        return frozenset(one.scene_id for one in self._book.all() if one.seat == "wall")
