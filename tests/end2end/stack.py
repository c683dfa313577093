"""Real processes for the end-to-end tests: start, wait until ready, kill, end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pyotp
import pysqlite3

from backend_client.client import Client
from backend_client.contract.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], Any], limit_s: float = 20.0, what: str = "") -> Any:
    """Give the condition's first true value; fail when the time is over."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {limit_s} s: {what or condition}")


@dataclass
class Service:
    """One service process over one data folder; may be killed and started again."""

    data: Path
    options: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)

    def start(self, limit_s: float = 40.0) -> Service:
        """Start the process and wait until it serves."""
        ready = self.data.parent / f"{self.data.name}.ready.json"
        ready.unlink(missing_ok=True)
        command = [*self.command(), "serve", "--data", str(self.data)]
        command += ["--port", str(self.port), "--ready-file", str(ready), *self.options]
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **self.environment}
        )
        log.close()
        wait_for(
            lambda: ready.exists() or self.process is None or self.process.poll() is not None,
            limit_s,
            "service ready",
        )
        assert ready.exists(), self.log()
        said = json.loads(ready.read_text(encoding="utf-8"))
        self.url, self.port = said["url"], int(said["url"].rsplit(":", 1)[1].strip("/"))
        self.credentials = Path(said["credentials"])
        return self

    def command(self) -> list[str]:
        """Give the words that run the program."""
        return [sys.executable, "-m", "backend"]

    def log(self) -> str:
        """Give what the process wrote."""
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """Kill the process as a power cut would, its children apart from the plant with it."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """End the process in good order, then everything that works on this data folder."""
        for client in self.clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        for left in self.workers():
            left.kill()
            left.wait(5)

    def workers(self) -> list[psutil.Process]:
        """List the processes that name this data folder on their command line."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "backend" in words and any(str(self.data) in word for word in words):
                found.append(process)
        return found

    def account(self, name: str) -> dict[str, str]:
        """Give one account's first password and second-factor secret."""
        rows = json.loads(self.credentials.read_text(encoding="utf-8"))
        row: dict[str, str] = next(row for row in rows if row["account"] == name)
        return row

    def totp(self, name: str) -> pyotp.TOTP:
        """Give the second factor of an account."""
        return pyotp.TOTP(self.account(name)["totp_secret"])

    def forget_codes(self) -> None:
        """Let codes of this half minute be used once more: no test waits for the next one."""
        file = self.data / "city.db"
        if file.exists():
            database = pysqlite3.connect(str(file))
            with database:
                database.execute("UPDATE person SET totp_step = 0")
            database.close()

    def client(self, name: str, *, second_factor: bool = False) -> Client:
        """Give a client signed in as one of the first accounts."""
        row = self.account(name)
        client = Client(self.url, SystemClock())
        code = self.totp(name).now() if second_factor else None
        client.sign_in(name, row["password"], code)
        self.clients.append(client)
        return client
