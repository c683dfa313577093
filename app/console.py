"""Put the console's state together, without a pixel: settings, service, stores, sync."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from app import almanac, loads
from app.actions.indicators import Inquiry
from app.backend_process import START_LIMIT_S, BackendProcess, Ready
from app.keeper import Keeper
from app.launch import Launched, prepare
from app.match_provider import MatchProvider
from app.model_registry import ReachRegistry
from app.notices import Notices
from app.reach import Reach
from app.rounds import Round
from app.session import Session
from app.settings import Settings
from app.shift_sync import ShiftSync
from app.stores import Stores
from app.sync import Sync
from app.tasks import Tasks
from app.waits import Waits
from app.watchdog import Watchdog
from app.wishes import Wishes
from backend_client.client import Client
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.service import Health

NOWHERE: Final = "http://127.0.0.1:9"  # the discard port: until our own service says its own


@dataclass(frozen=True, slots=True)
class Console:
    """Everything below the widgets, made by `build`, started and closed once."""

    settings: Settings
    notices: Notices
    reach: Reach
    sync: Sync
    keeper: Keeper
    watchdog: Watchdog
    backend: BackendProcess | None

    def start(self) -> None:
        """Show the last picture and look for the service, starting it when it is ours."""
        self.notices.install()
        self.watchdog.start()
        if self.backend is None:
            self.sync.start()
            return
        self.sync.start(patience_s=START_LIMIT_S)
        self.backend.start()

    def close(self) -> None:
        """End streams, then workers, then the child process, each with a time limit."""
        self.sync.stop()
        self.keeper.close()
        self.reach.tasks.close()
        self.reach.client.close()
        self.watchdog.close()
        if self.backend is not None:
            self.backend.stop()
        self.notices.uninstall()


def build(
    folder: Path,
    clock: Clock,
    *,
    url: str | None = None,
    launched: Launched | None = None,
    parent: QObject | None = None,
) -> Console:
    """Make a console that keeps its files in a folder.

    Args:
        folder: settings, cache, drafts, crash file, and our own service's data.
        clock: the one clock.
        url: the service; None uses the setting, and with that empty starts our own.
        launched: what `launch` began with, in place of `url`.
        parent: owns the Qt objects.
    """
    notices = Notices(clock, folder / "crash.txt", parent)
    before = launched or prepare(folder, clock, url=url, parent=parent)
    settings, address, backend = before.settings, before.address, before.backend

    def complain(text: Text) -> None:
        notices.say(text, weight="warning", key="settings")

    settings.complain_to(complain)
    for fault in before.faults:
        complain(fault)
    ca_file = settings.text("ca_file")
    client = Client(address or NOWHERE, clock, ca_file=Path(ca_file) if ca_file else None)
    tasks = Tasks(clock, parent)
    tasks.unhandled.connect(notices.fail)
    stores = Stores(clock, parent)
    session = Session(client, tasks, stores, parent)
    keeper = Keeper(folder, tasks=tasks, notices=notices, clock=clock, parent=parent)
    wishes = Wishes(keeper, notices, parent)
    sync = Sync(
        client,
        server=address or f"embedded:{folder}",
        tasks=tasks,
        stores=stores,
        session=session,
        keeper=keeper,
        notices=notices,
        clock=clock,
        parent=parent,
    )
    reach = Reach(client, tasks, notices, stores, session, wishes, Waits(stores, parent), clock)
    _serve(stores, reach)
    ShiftSync(client, tasks, stores, failed=notices.fail, parent=parent or notices)
    inquiry = Inquiry(stores.answers, client, tasks, parent)
    session.signed_in.connect(lambda person: inquiry.begin(person.person_id))
    _connect(reach, sync, backend)
    _go_round(reach)
    watchdog = Watchdog(clock, folder / "stalls.txt", parent=parent)
    return Console(settings, notices, reach, sync, keeper, watchdog, backend)


def _serve(stores: Stores, reach: Reach) -> None:
    """Let the stores that ask for themselves ask this service."""
    stores.suggestions.serve(MatchProvider(reach, stores))
    stores.models.serve(ReachRegistry(reach))
    reach.session.signed_out.connect(stores.models.forget)


def _go_round(reach: Reach) -> None:
    """Ask again and again, while somebody is signed in, what is not streamed."""
    client, stores, told = reach.client, reach.stores, reach.stores.loads

    def tell(health: Health, _person_id: str) -> None:
        almanac.tell_calendar(reach.notices, health)

    for one in (
        Round(
            client,
            reach.tasks,
            client.alarm_loads,
            told.put,
            every_ms=loads.ASK_MS,
            left=told.forget,
            parent=stores,
        ),
        Round(client, reach.tasks, client.health, tell, every_ms=almanac.ASK_MS, parent=stores),
    ):
        reach.session.signed_in.connect(one.start)
        reach.session.signed_out.connect(one.stop)


def _connect(reach: Reach, sync: Sync, backend: BackendProcess | None) -> None:
    def load_wishes(person: Person) -> None:
        reach.wishes.load(person.person_id)

    reach.session.signed_in.connect(load_wishes)
    if backend is None:
        return

    def point(ready: Ready) -> None:
        reach.client.wire.point(ready.url)
        sync.try_now()

    def tell(text: Text) -> None:
        reach.notices.say(text, weight="fault", key="service")

    backend.ready.connect(point)
    backend.failed.connect(tell)
