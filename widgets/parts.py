"""What every window is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.actions.search import Search
from app.annunciator import Annunciator
from app.details import Details
from app.idle import Idle
from app.notices import Notices
from app.replay import Replay
from app.scene_book import SceneBook
from app.session import Session
from app.settings import Settings
from app.theme import Seat
from maps.host import MapHost
from maps.spec import LayerSpec
from widgets.deeds import Deeds
from widgets.panel import Room
from widgets.shell import Standing


@dataclass(frozen=True, slots=True)
class Parts:
    """What every window is made of.

    Args:
        room: facts, words and looks; each window takes its own seat from it.
        details: single objects' own fields.
        deeds: what the desk may ask for.
        facts: what the shell is told.
        host: the maps' one host.
        session: who is signed in.
        settings: declared options.
        notices: the notice centre.
        specs: the layers by id.
        exports: where exported files go.
        search: what was looked for last, and what was found.
        idle: notices that nobody uses the desk.
        book: every scene there is.
        replay: the instant all maps show.
        annunciator: what makes this machine's seat heard; None where nothing sounds.
    """

    room: Room
    details: Details
    deeds: Deeds
    facts: Standing
    host: MapHost
    session: Session
    settings: Settings
    notices: Notices
    specs: Mapping[str, LayerSpec]
    exports: Path
    search: Search
    idle: Idle
    book: SceneBook
    replay: Replay
    annunciator: Annunciator | None = None

    def seated(self, seat: Seat) -> Room:
        """Give the room as seen from a seat."""
        return replace(self.room, seat=seat)
