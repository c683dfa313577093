"""Alarms: a state that needs a named person to do a named thing. A notice is not an alarm."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from backend_client.contract.base import (
    Count,
    Department,
    Flag,
    Frozen,
    Id,
    Instant,
    Lat,
    Line,
    Lon,
    Number,
    Region,
    State,
    Text,
    covers,
)
from backend_client.contract.feature import LayerId, Rejection
from backend_client.contract.item import Head, PersonRef, Version, WorkItem

MOST_CAUSES: Final = 2_000
MOST_TOGETHER: Final = 500
MUTE_S: Final = 120.0  # domain rule 18
GRAVE: Final = 2  # levels I and II are never folded away


class AlarmState(StrEnum):
    """States of ISA-18.2: acknowledged is not closed, an active alarm stays listed."""

    NEW = "new"  # active, not acknowledged
    ACKNOWLEDGED = "acknowledged"  # active, someone has it
    RETURNED = "returned"  # back to normal, not yet acknowledged: latched
    CLOSED = "closed"  # back to normal and acknowledged
    SHELVED = "shelved"  # put aside with a reason and an end
    OUT_OF_SERVICE = "out_of_service"  # taken out by the supervisor until put back


class Chatter(StrEnum):
    """Whether a cause comes and goes so often that its alarms are folded into one."""

    NONE = "none"
    CHATTERING = "chattering"


class Alarm(WorkItem):
    """One abnormal condition with the action it requires.

    `returned_at` tells since when the condition is over, whatever the state; `raises` how often
    it came since the alarm began. Alarms of one county and layer that follow each other closely
    share a `group`, whose first carries `first_out`; those of one `family` have the same cause.

    Source: ISA-18.2 states; domain rule: no alarm without a required action.
    """

    kind: Literal["alarm"] = "alarm"
    cause: Id
    source_kind: Literal["feature", "gate", "gate_command", "position", "feed", "system"]
    source_id: Id
    layer: Id
    level: Annotated[State, Field(ge=1)]
    title: Text
    action: Text
    owner: Text
    state: AlarmState
    raised_at: Instant
    returned_at: Instant | None = None
    acknowledged_by: PersonRef | None = None
    acknowledged_at: Instant | None = None
    shelved_until: Instant | None = None
    note: Line = ""
    lon: Lon | None = None
    lat: Lat | None = None
    family: Line = ""
    raises: Annotated[int, Field(strict=True, ge=1)] = 1
    chatter: Chatter = Chatter.NONE
    group: Line = ""
    first_out: Flag = False


class Shelve(Frozen):
    """Put an alarm aside for a reason, until an instant at most one shift away."""

    version: Version
    reason: Annotated[str, Field(min_length=2, max_length=200)]
    until_at: Instant


class Withdraw(Frozen):
    """Take an alarm out of service for a reason; it stays out until it is put back."""

    version: Version
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class Together(Frozen):
    """Acknowledge alarms of one cause family that were looked at together, with a comment."""

    alarms: Annotated[dict[Id, Version], Field(min_length=1, max_length=MOST_TOGETHER)]
    note: Annotated[str, Field(min_length=2, max_length=200)]


class Acknowledged(Frozen):
    """What became of a group: `left` have moved on since they were seen and wait for a look."""

    head: Head
    count: Count
    left: tuple[Id, ...] = ()


class Suppression(WorkItem):
    """Which alarms a response folds away: III and IV of layers that are not part of it.

    They stay in the list; strip and sound leave them out. One item per region.
    """

    kind: Literal["suppression"] = "suppression"
    active: Flag = False
    layers: tuple[LayerId, ...] = ()
    reason: Line = ""
    set_by: PersonRef | None = None

    def folds(self, alarm: Alarm) -> bool:
        """Tell whether an alarm is to be folded to the list."""
        return self.folds_one(alarm.level, alarm.layer, alarm.region)

    def folds_one(self, level: int, layer: str, region: str) -> bool:
        """Tell whether an alarm of that level, layer and region is to be folded to the list."""
        return (
            self.active
            and level > GRAVE
            and layer not in self.layers
            and covers(self.region, region)
        )


class Suppress(Frozen):
    """Begin or end a suppression in a region; `layers` are those of the response."""

    region: Region
    active: Flag
    layers: Annotated[tuple[LayerId, ...], Field(max_length=32)] = ()
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class CauseIn(Frozen):
    """An abnormal condition as a department's own system sees it.

    The same `cause` of a source is the same condition while it lasts. Told again it changes
    nothing but its words, so a source may tell all that stands each time.
    """

    cause: Annotated[Id, Field(max_length=32)]
    layer: LayerId
    level: Annotated[State, Field(ge=1)]
    title: Text
    action: Text
    owner: Text
    family: Annotated[str, Field(max_length=32)] = ""
    region: Region
    department: Department
    observed_at: Instant
    lon: Lon | None = None
    lat: Lat | None = None


class Causes(Frozen):
    """What a source tells at one stroke: conditions that stand, and those that are over."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,24}$")]
    raised: Annotated[tuple[CauseIn, ...], Field(max_length=MOST_CAUSES)] = ()
    returned: Annotated[tuple[Id, ...], Field(max_length=MOST_CAUSES)] = ()


class Told(Frozen):
    """What became of it: alarms begun, renewed, returned; rows refused are named."""

    begun: Count
    renewed: Count
    returned: Count
    rejected: tuple[Rejection, ...] = ()


class Sound(Frozen):
    """How a seat hears: muted until an instant at most two minutes away, or without a device."""

    muted_until: Instant | None = None
    has_device: Flag = True


class Chattering(Frozen):
    """One cause among those that came most often."""

    cause: Id
    title: Text
    raises: Count


class SeatLoad(Frozen):
    """What one seat was asked to look at, against EEMUA 191; counts look back from `at`.

    An alarm counts for every seat that sees it, once each time it asks to be looked at; what is
    only counted (chatter) or folded away by a response does not.

    Units: per_10_min is the mean over the last hour, peak_10_min the most in any ten minutes of
    the day, peak_minute in any one; levels count I to IV of the day; seen_s is the median time
    from alarm to acknowledgement by this person.
    """

    person: PersonRef
    role: Line
    region: Region
    is_signed_in: Flag
    per_10_min: Number
    last_10_min: Count
    last_hour: Count
    last_day: Count
    peak_10_min: Count
    peak_minute: Count
    levels: tuple[Count, Count, Count, Count]
    standing: Count
    unacknowledged: Count
    shelved: Count
    out_of_service: Count
    acknowledged: Count
    seen_s: Number | None = None
    muted_until: Instant | None = None
    has_sound: Flag = True


class Loads(Frozen):
    """Every seat the reader may know of, and the causes that came most often today."""

    at: Instant
    seats: tuple[SeatLoad, ...]
    chattering: tuple[Chattering, ...] = ()
