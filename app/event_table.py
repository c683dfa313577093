"""Citizens' events as columns: how many of each state, which are due first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np

from app.columns import Column, Columns, seconds
from backend_client.contract.events import Channel, Event, EventState

__all__ = ["CHANNELS", "STATES", "Column", "EventTable"]

CHANNELS: Final = tuple(Channel)
STATES: Final = tuple(EventState)
_CHANNEL_CODE: Final = {channel: code for code, channel in enumerate(CHANNELS)}
_STATE_CODE: Final = {state: code for code, state in enumerate(STATES)}
_UNGRADED: Final = 9  # after every level


def _answer_by(event: Event) -> datetime | None:
    """Give when the reporter should have heard a first word, while they have not."""
    return event.answer_by_at if event.state is EventState.REGISTERED else None


class EventTable(Columns[Event]):
    """Keep what is counted of every event."""

    types = {  # noqa: RUF012  # declared as one in the base
        "closed": np.bool_,
        "registered": np.bool_,
        "state": np.uint8,
        "reported_s": np.float64,
        "updated_s": np.float64,
        "due_s": np.float64,  # NaN: no deadline
        "call_back_s": np.float64,  # NaN: nobody waits for a call
        "answer_s": np.float64,  # NaN: the reporter has had a first word
        "level": np.uint8,
        "channel": np.uint8,
        "county": np.uint16,
    }

    @property
    def counties(self) -> tuple[str, ...]:
        """Give the county codes the column `county` points into."""
        return self.coded("county")

    def by_state(self) -> dict[EventState, int]:
        """Count the events of each state."""
        counts = np.bincount(self.column("state")[self.column("alive")], minlength=len(STATES))
        return dict(zip(STATES, counts.tolist(), strict=True))

    def of_states(self, states: Collection[EventState]) -> Column:
        """Tell which rows are in one of some states.

        Shape: (n,) of bool.
        """
        chosen = np.isin(self.column("state"), [_STATE_CODE[state] for state in states])
        return chosen & self.column("alive")

    def due_first(self, states: Collection[EventState], most: int) -> list[str]:
        """Name events of some states by the time that is left, then by level, then by age.

        Sorting 60,000 objects took the main thread 100 ms; these columns take a few.
        """
        rows = np.flatnonzero(self.of_states(states))
        due_s = np.nan_to_num(self.column("due_s")[rows], nan=np.inf)
        level = self.column("level")[rows]
        keys = (self.column("reported_s")[rows], np.where(level, level, _UNGRADED), due_s)
        return self.ids(rows[np.lexsort(keys)[:most]])

    def _values(self, items: Sequence[Event]) -> dict[str, list[Any]]:
        return {
            "closed": [not event.is_open for event in items],
            "registered": [event.state is EventState.REGISTERED for event in items],
            "state": [_STATE_CODE[event.state] for event in items],
            "reported_s": [event.reported_at.timestamp() for event in items],
            "updated_s": [event.updated_at.timestamp() for event in items],
            "due_s": [seconds(event.due_at) for event in items],
            "call_back_s": [seconds(event.call_back_at) for event in items],
            "answer_s": [seconds(_answer_by(event)) for event in items],
            "level": [event.level for event in items],
            "channel": [_CHANNEL_CODE[event.channel] for event in items],
            "county": [self._code("county", event.region[:6]) for event in items],
        }
