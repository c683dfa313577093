"""How much each seat is asked to look at, and how it hears: shown to its supervisor."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from backend.domain.alarm_loads import DAY, load_of
from backend.domain.refused import unfit
from backend.services.policy import Policy
from backend.storage import alarm_log, persons
from backend.storage.alarm_log import CAME, Step
from backend.storage.database import Database
from backend.storage.unit import View
from backend_client.contract.alarms import (
    MUTE_S,
    Alarm,
    AlarmState,
    Chattering,
    Loads,
    SeatLoad,
    Sound,
)
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.item import PersonRef

SEATS: Final = (Role.OPERATOR, Role.DISPATCHER, Role.DUTY_LEADER)
VIEW: Final = "alarm.load"
MOST_CHATTERING: Final = 10
FRESH_S: Final = 5.0
_CENTRE: Final = "D41"
_CALLS: Final = ("raise", "unshelve", "restore")
_LOUD: Final = Sound()


@dataclass(frozen=True, slots=True)
class _Day:
    """One day's steps and what stands, read once for all who ask within a few seconds."""

    at: datetime
    steps: Sequence[Step]
    not_closed: Sequence[tuple[str, str, str, int]]
    people: Sequence[Person]
    signed_in: frozenset[str]
    chattering: tuple[Chattering, ...]


class AlarmLoads:
    """Count per seat; remember in memory which seat is mute or has no sound device."""

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._lock = threading.Lock()
        self._sounds: dict[str, Sound] = {}
        self._day: _Day | None = None
        self._read_s = float("-inf")

    def hear(self, person: Person, body: Sound) -> None:
        """Note how a seat hears, for its supervisor to see; audited.

        Raises:
            Refused: 422 for a mute past or longer than two minutes.
        """
        now = self._clock.now()
        until = body.muted_until
        if until is not None and not now <= until <= now + timedelta(seconds=MUTE_S + 5):
            raise unfit(
                "muted_until",
                Text("静音最长 2 分钟。", "A seat is muted for 2 minutes at most."),
                Text("选择更近的时间。", "Choose an earlier end."),
            )
        with self._database.write() as unit:
            detail = body.model_dump(mode="json")
            unit.audit("alarm.sound", f"seat/{person.person_id}", by=person, detail=detail)
        with self._lock:
            self._sounds[person.person_id] = body

    def loads(self, person: Person) -> Loads:
        """Give the person's own seat; to a supervisor, every seat in sight."""
        day = self._today()
        seats = [one for one in day.people if self._shows(person, one)]
        supervises = self._policy.grants(person, VIEW)
        return Loads(
            at=day.at,
            seats=tuple(self._seat(one, day) for one in seats),
            chattering=day.chattering if supervises else (),
        )

    def _shows(self, reader: Person, seat: Person) -> bool:
        if seat.role not in SEATS or not seat.regions:
            return False
        own = seat.person_id == reader.person_id
        return own or self._policy.permits(reader, VIEW, seat.regions[0], _CENTRE)

    def _today(self) -> _Day:
        with self._lock:
            fresh = self._clock.steady_s() - self._read_s < FRESH_S
            if self._day is None or not fresh:
                with self._database.read() as view:
                    self._day = _read(view, self._clock.now())
                self._read_s = self._clock.steady_s()
            return self._day

    def _seat(self, person: Person, day: _Day) -> SeatLoad:
        sees: dict[tuple[str, str], bool] = {}

        def seen(region: str, department: str) -> bool:
            place = (region, department)
            if place not in sees:
                sees[place] = self._policy.sees(person, region, department)
            return sees[place]

        calls = [one for one in day.steps if _is_call(one) and seen(one.region, one.department)]
        now_ms = alarm_log.ms(day.at)
        load = load_of(
            np.array([one.at_ms for one in calls], np.int64),
            np.array([one.level for one in calls], np.int64),
            now_ms,
        )
        states: Counter[str] = Counter()
        for region, department, state, count in day.not_closed:
            states[state] += count if seen(region, department) else 0
        took = _taken(day.steps, person.person_id)
        sound = self._sounds.get(person.person_id, _LOUD)
        muted = sound.muted_until
        return SeatLoad(
            person=PersonRef(person_id=person.person_id, name=person.name),
            role=person.role.value,
            region=person.regions[0],
            is_signed_in=person.person_id in day.signed_in,
            per_10_min=load.per_10_min,
            last_10_min=load.last_10_min,
            last_hour=load.last_hour,
            last_day=load.last_day,
            peak_10_min=load.peak_10_min,
            peak_minute=load.peak_minute,
            levels=load.levels,
            standing=sum(states[one] for one in ("new", "acknowledged", "returned")),
            unacknowledged=states[AlarmState.NEW.value] + states[AlarmState.RETURNED.value],
            shelved=states[AlarmState.SHELVED.value],
            out_of_service=states[AlarmState.OUT_OF_SERVICE.value],
            acknowledged=len(took),
            seen_s=round(float(np.median(took)), 1) if took else None,
            muted_until=muted if muted and muted > self._clock.now() else None,
            has_sound=sound.has_device,
        )


def _read(view: View, now: datetime) -> _Day:
    steps = alarm_log.steps_since(view.connection, now - DAY)
    return _Day(
        at=now,
        steps=steps,
        not_closed=alarm_log.not_closed(view.connection),
        people=persons.active(view.connection),
        signed_in=persons.signed_in(view.connection, now),
        chattering=_chattering(view, steps),
    )


def _is_call(step: Step) -> bool:
    return step.deed in _CALLS and not step.quiet


def _taken(steps: Sequence[Step], person_id: str) -> list[float]:
    """Give the seconds from each alarm's last call to this person's acknowledgement."""
    called: dict[str, int] = {}
    took: list[float] = []
    for step in steps:
        if step.deed in _CALLS:
            called[step.item_id] = step.at_ms
        elif step.deed == "acknowledge" and step.person_id == person_id:
            took.append((step.at_ms - called.get(step.item_id, step.at_ms)) / 1000)
    return took


def _chattering(view: View, steps: Sequence[Step]) -> tuple[Chattering, ...]:
    """Name the causes that came most often; one that came once does not chatter."""
    came: Counter[str] = Counter()
    last: dict[str, str] = defaultdict(str)
    for step in steps:
        if step.deed in CAME:
            came[step.cause] += 1
            last[step.cause] = step.item_id
    worst = [(cause, count) for cause, count in came.most_common(MOST_CHATTERING) if count > 1]
    titles: Mapping[str, Alarm | None] = {cause: view.get(Alarm, last[cause]) for cause, _ in worst}
    return tuple(
        Chattering(cause=cause, title=found.title if found else Text(cause, cause), raises=count)
        for cause, count in worst
        for found in (titles[cause],)
    )
