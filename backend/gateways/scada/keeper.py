"""Find the simulated devices' process by its file, or start one that outlives this service."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil

from backend.gateways.scada.http_driver import read_endpoint
from backend.gateways.scada.wire import EndpointWire
from backend_client.contract.clock import Clock
from backend_client.programs import backend_command

RETRY_S = 5.0
_ROOT = Path(__file__).resolve().parents[3]


class PlantKeeper:
    """Keep one device process per data folder; a dead one is started anew, state from its disk.

    Args:
        data: the service's data folder.
        options: further words for `python -m backend plant`, e.g. `("--speed", "60")`.
        clock: spaces the attempts.
    """

    def __init__(self, data: Path, clock: Clock, options: tuple[str, ...] = ()) -> None:
        self._data = data
        self._clock = clock
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None
        self._tried_s = float("-inf")

    def find(self) -> EndpointWire | None:
        """Give the door of a living process, None while there is none."""
        door = read_endpoint(self._data / "plant" / "plant.json")
        return door if door is not None and psutil.pid_exists(door.pid) else None

    def ensure(self) -> None:
        """Start the process when none lives; at most one attempt per few seconds."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        now_s = self._clock.steady_s()
        if self.find() is not None or self._child is not None or now_s - self._tried_s < RETRY_S:
            return
        self._tried_s = now_s
        folder = self._data / "plant"
        folder.mkdir(parents=True, exist_ok=True)
        words = [*backend_command(), "plant", "--data", str(self._data)]
        with (folder / "process.log").open("ab") as log:
            self._child = subprocess.Popen(
                [*words, *self._options],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the devices go on when the service is killed
            )
