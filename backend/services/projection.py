"""Show events on the map: an event is also a feature of layer `requests` until it is closed."""

from __future__ import annotations

from dataclasses import dataclass

from backend.services.features import Features
from backend.storage.unit import Unit
from backend_client.contract.events import Event, EventState
from backend_client.contract.feature import FeatureIn

LAYER = "requests"


@dataclass(frozen=True, slots=True)
class Projection:
    """Keep the map's copy of events in step, inside the same unit."""

    features: Features

    def __call__(self, unit: Unit, event: Event) -> None:
        """Show an event as it is now, or take it off the map."""
        if event.state is EventState.CLOSED:
            self.features.withdraw(unit, LAYER, event.item_id)
            return
        self.features.project(
            unit,
            LAYER,
            FeatureIn(
                id=event.item_id,
                kind=event.channel.value,
                name=event.title,
                lon=event.lon,
                lat=event.lat,
                region=event.region,
                department=event.department,
                state=event.level,
                observed_at=event.reported_at,
                properties={"place": event.place, "event_state": event.state.value},
            ),
        )
