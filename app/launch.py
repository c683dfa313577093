"""What comes before everything else: the settings, and our own service, which boots beside us."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject

from app.backend_process import BackendProcess
from app.settings import Settings
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock


@dataclass(frozen=True, slots=True)
class Launched:
    """What `app.console.build` goes on from.

    Args:
        settings: as read.
        address: the service of others, empty with our own.
        backend: our own service, None with that of others.
        faults: what in the settings could not be used.
    """

    settings: Settings
    address: str
    backend: BackendProcess | None
    faults: list[Text] = field(default_factory=list)


def prepare(
    folder: Path, clock: Clock, *, url: str | None = None, parent: QObject | None = None
) -> Launched:
    """Read the settings and tell whose service it will be; start nothing.

    Args:
        folder: made when missing.
        clock: measures the service's start.
        url: the service; None uses the setting, and with that empty takes our own.
        parent: owns the Qt objects.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[Text] = []
    settings = Settings(folder / "settings.toml", complain=faults.append, parent=parent)
    address = url or settings.text("backend_url")
    backend = None if address else _own_service(folder, clock, settings, parent)
    return Launched(settings, address, backend, faults)


def launch(folder: Path, clock: Clock, *, url: str | None = None) -> Launched:
    """As `prepare`, and begin our own service at once; its signals wait for the event loop."""
    launched = prepare(folder, clock, url=url)
    if launched.backend is not None:
        launched.backend.start()
    return launched


def _own_service(
    folder: Path, clock: Clock, settings: Settings, parent: QObject | None
) -> BackendProcess:
    city = ("--city", "--scale", f"{settings.number('city_scale'):g}")
    rate = ("--rate", f"{settings.number('city_rate'):g}")
    return BackendProcess(folder / "service", clock, arguments=(*city, *rate), parent=parent)
