"""Which scene stands when: the schedule by time of day and the carousel, as people write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from backend_client.contract.base import Text

LEAST_DWELL_S: Final = 15.0  # domain rule 4
_LINE: Final = re.compile(r"(\d{1,2}):(\d{2})\s+([\w-]+)(?:\s+(night|day))?")


class BadTimesError(ValueError):
    """A schedule or carousel cannot be read; `text` says what and how it is written."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Slot:
    """From a time of day on: a scene, and a palette when one is named."""

    at: time
    scene_id: str
    palette: str = ""


def read_schedule(words: str, scenes: Collection[str]) -> tuple[Slot, ...]:
    """Read `07:00 general day; 20:00 water night`, in order of time.

    Raises:
        BadTimesError: a part is no time and scene, or names a scene there is none of.
    """
    slots = [_slot(part.strip(), scenes) for part in re.split(r"[;；\n]", words) if part.strip()]
    times = [one.at for one in slots]
    for at in times:
        if times.count(at) > 1:
            raise BadTimesError(
                Text(f"时段表中 {at:%H:%M} 写了两次。", f"The schedule has {at:%H:%M} twice.")
            )
    return tuple(sorted(slots, key=lambda one: one.at))


def _slot(part: str, scenes: Collection[str]) -> Slot:
    found = _LINE.fullmatch(part)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadTimesError(
            Text(
                f"时段表中“{part}”无法理解，应写成 07:00 general day。",
                f'"{part}" in the schedule is not understood; write 07:00 general day.',
            )
        )
    if found[3] not in scenes:
        raise BadTimesError(_unknown(found[3], scenes))
    return Slot(time(int(found[1]), int(found[2])), found[3], found[4] or "")


def read_carousel(words: str, scenes: Collection[str]) -> tuple[str, ...]:
    """Read `general water transport`, separated by blanks or commas.

    Raises:
        BadTimesError: it names a scene there is none of.
    """
    named = tuple(one for one in re.split(r"[\s,，;；]+", words) if one)
    for one in named:
        if one not in scenes:
            raise BadTimesError(_unknown(one, scenes))
    return named


def _unknown(name: str, scenes: Collection[str]) -> Text:
    can = ", ".join(sorted(scenes))
    return Text(f"没有名为 {name} 的场景，可写：{can}。", f"There is no scene {name}; write {can}.")


def in_force(slots: Sequence[Slot], now: datetime) -> Slot | None:
    """Give the slot a local instant falls into: the latest begun, past midnight the last one."""
    begun = [one for one in slots if one.at <= now.time()]
    return begun[-1] if begun else (slots[-1] if slots else None)
