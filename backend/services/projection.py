"""Show events on the map: an open event is a feature of `requests`, merged ones are one."""

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
        if not event.is_open or event.state is EventState.MERGED:
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
                properties={
                    "place": event.place,
                    "event_state": event.state.value,
                    "reports": event.reports,
                },
            ),
        )
