"""Start, watch and stop the reference service as a child process: the embedded default."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.programs import backend_command

LOOK_MS: Final = 100
START_LIMIT_S: Final = 60.0
STARTS: Final = 3
STARTS_IN_S: Final = 60.0
STOP_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the service is, which process it is, and where its first passwords are."""

    url: str
    pid: int
    credentials: Path


class BackendProcess(QObject):
    """Keep one service running on a data folder.

    Signals:
        ready(Ready): it serves; again after a restart, on another port.
        failed(Text): it does not come up, or fell three times within a minute.
    """

    ready = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        data: Path,
        clock: Clock,
        *,
        arguments: tuple[str, ...] = ("--city",),
        command: tuple[str, ...] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            data: the service's folder.
            clock: measures start limits.
            arguments: further options of `serve`.
            command: what to run instead of our own `backend serve` (tests).
            parent: Qt owner.
        """
        super().__init__(parent)
        self._data = data
        self._clock = clock
        self._command = command or (*backend_command(), "serve")
        self._arguments = arguments
        self._ready_file = data / "ready.json"
        self._process: QProcess | None = None
        self._adopted: int | None = None
        self._starts_s: list[float] = []
        self._is_stopping = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_look)

    def start(self) -> None:
        """Start the service, or take over one that a former console left running here.

        Once it is started, nothing happens; no signal comes before the event loop runs.
        """
        if self._process is not None or self._adopted is not None:
            return
        self._is_stopping = False
        left = read_ready(self._ready_file)
        if left is not None and is_service(left.pid):
            self._adopted = left.pid
            self._timer.start()
            QTimer.singleShot(0, self, lambda: self.ready.emit(left))
            return
        self._launch()

    def pid(self) -> int | None:
        """Give the service's process, None when there is none."""
        if self._adopted is not None:
            return self._adopted
        pid = self._process.processId() if self._process is not None else 0
        return pid or None

    def stop(self) -> None:
        """End the service: ask, wait at most 5 s, then kill."""
        self._is_stopping = True
        self._timer.stop()
        if self._adopted is not None:
            end_process(self._adopted)
            self._adopted = None
        if self._process is not None:
            self._process.terminate()
            if not self._process.waitForFinished(STOP_MS):
                self._process.kill()
                self._process.waitForFinished(STOP_MS)
            self._process.deleteLater()
            self._process = None
        self._ready_file.unlink(missing_ok=True)

    def _launch(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        self._ready_file.unlink(missing_ok=True)
        self._starts_s.append(self._clock.steady_s())
        process = QProcess(self)
        process.setStandardOutputFile(str(self._data / "service.log"), QProcess.OpenModeFlag.Append)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        program, *options = self._command
        options += ["--data", str(self._data), "--port", "0", "--with-parent", str(os.getpid())]
        process.start(program, [*options, "--ready-file", str(self._ready_file), *self._arguments])
        self._timer.start()

    @Slot()
    def _on_look(self) -> None:
        if self._adopted is not None:
            if not is_service(self._adopted):
                self._adopted = None
                self._again()
            return
        found = read_ready(self._ready_file)
        if found is not None:
            self._timer.stop()
            self.ready.emit(found)
        elif self._clock.steady_s() - self._starts_s[-1] > START_LIMIT_S:
            self._timer.stop()
            self.failed.emit(
                Text(
                    f"内置服务未在 60 秒内就绪，详见 {self._data / 'service.log'}。",
                    "The built-in service was not ready within 60 s,"
                    f" see {self._data / 'service.log'}.",
                )
            )

    @Slot()
    def _on_finished(self) -> None:
        if self._is_stopping:
            return
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self._again()

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._on_finished()

    def _again(self) -> None:
        """Restart, at most three times within a minute."""
        self._timer.stop()
        now_s = self._clock.steady_s()
        self._starts_s = [at_s for at_s in self._starts_s if now_s - at_s < STARTS_IN_S]
        if len(self._starts_s) < STARTS:
            self._launch()
            return
        self.failed.emit(
            Text(
                f"内置服务一分钟内多次停止，已不再重启，详见 {self._data / 'service.log'}。",
                "The built-in service stopped several times within a minute and is left off,"
                f" see {self._data / 'service.log'}.",
            )
        )


def read_ready(path: Path) -> Ready | None:
    """Read a ready file; None when there is none that can be used."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Ready(str(found["url"]), int(found["pid"]), Path(found["credentials"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_service(pid: int) -> bool:
    """Tell whether a process is a living service of ours."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "serve" in process.cmdline()
    except psutil.Error:
        return False


def end_process(pid: int) -> None:
    """End a process: ask, wait at most 5 s, then kill."""
    try:
        process = psutil.Process(pid)
        process.terminate()
        process.wait(STOP_MS / 1000)
    except psutil.TimeoutExpired:
        process.kill()
    except psutil.Error:
        return
