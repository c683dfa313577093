"""The event in hand: claimed when opened, kept while somebody works, let go on leaving."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.errors import Refused
from widgets.deeds import Deeds
from widgets.panel import Room

RENEW_LEFT_S = 240.0  # a lease is five minutes; a key in its last four renews it


def holder_of(event_id: str, room: Room) -> Claim | None:
    """Give the claim on an event while it lasts, whoever holds it."""
    claim = room.stores.claims.get(event_id)
    return claim if claim and claim.until_at > room.stores.server_now() else None


def claim_words(event_id: str, room: Room, person_id: str = "") -> str:
    """Say who has an event in hand; of one's own, until when."""
    claim, words = holder_of(event_id, room), room.words
    if claim is None:
        return ""
    if claim.holder.person_id == person_id:
        until = words.minute(claim.until_at)
        return words.pick(f"本席锁定至 {until}", f"yours until {until}")
    return words.pick(f"{claim.holder.name} 锁定", f"held by {claim.holder.name}")


class Hold(QObject):
    """Keep at most one event in hand for this seat.

    Signals:
        told(Text): somebody else has it, or took it over.
    """

    told = Signal(object)

    def __init__(self, room: Room, deeds: Deeds, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room, self._deeds = room, deeds
        self._event_id = ""
        self._asked = self._takes_over = False
        room.stores.claims.changed.connect(self._on_claims)

    @property
    def event_id(self) -> str:
        """Give the event this seat wants in hand, empty for none."""
        return self._event_id

    def others(self, event_id: str) -> Claim | None:
        """Give the claim of somebody else on an event."""
        claim = holder_of(event_id, self._room)
        mine = claim is not None and claim.holder.person_id == self._deeds.person_id()
        return None if mine else claim

    def take(self, event_id: str) -> None:
        """Take an event in hand; the one before is let go."""
        if event_id != self._event_id:
            self.leave()
        self._event_id = event_id
        self._ask(take_over=False)

    def take_over(self, event_id: str) -> None:
        """Take an event out of somebody else's hands; the service says who may."""
        if event_id != self._event_id:
            self.leave()
        self._event_id = event_id
        self._ask(take_over=True)

    def touch(self) -> None:
        """Renew the lease when it runs down and somebody still works."""
        claim = holder_of(self._event_id, self._room) if self._event_id else None
        if claim is None or claim.holder.person_id != self._deeds.person_id():
            return
        left_s = (claim.until_at - self._room.stores.server_now()).total_seconds()
        if left_s < RENEW_LEFT_S:
            self._ask(take_over=False)

    def leave(self) -> None:
        """Let the event go."""
        if self._event_id and self.others(self._event_id) is None:
            self._deeds.release(self._event_id)
        self._event_id = ""

    def _ask(self, *, take_over: bool) -> None:
        if self._asked:
            return
        self._asked, self._takes_over = True, take_over
        self._deeds.claim(
            self._event_id, take_over=take_over, done=self._on_claimed, failed=self._on_failed
        )

    def _on_claimed(self, _claim: Claim) -> None:
        self._asked = False

    def _on_failed(self, error: Exception) -> None:
        """Say whose it is, or why it is not taken over; the rest shows at the step itself."""
        self._asked = False
        if isinstance(error, Refused) and (self._takes_over or error.problem.code == "claimed"):
            self.told.emit(error.what)

    def _on_claims(self, ids: tuple[str, ...]) -> None:
        """Notice that the event in hand went over to somebody else."""
        if self._event_id not in ids or (other := self.others(self._event_id)) is None:
            return
        name = other.holder.name
        self._event_id = ""
        self.told.emit(Text(f"{name} 接管了“{other.title}”", f"{name} took over “{other.title}”"))
