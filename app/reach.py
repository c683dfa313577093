"""What an action needs: the client, the threads, and where answers and failures go."""

from __future__ import annotations

from dataclasses import dataclass

from app.notices import Notices
from app.session import Session
from app.stores import Stores
from app.tasks import Tasks
from app.waits import Waits
from app.wishes import Wishes
from backend_client.client import Client
from backend_client.contract.clock import Clock


@dataclass(frozen=True, slots=True)
class Reach:
    """Handed to every action as its first argument; holds no state of its own."""

    client: Client
    tasks: Tasks
    notices: Notices
    stores: Stores
    session: Session
    wishes: Wishes
    waits: Waits
    clock: Clock
