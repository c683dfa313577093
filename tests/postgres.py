"""A private PostgreSQL for tests: Debian's own programs, a folder of its own, a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

PROGRAMS = Path("/usr/lib/postgresql")
USER = "postgres"
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=")
_SETTINGS = (*FAST, "max_connections=60", "autovacuum=off", "shared_buffers=64MB")


def programs() -> Path | None:
    """Find the newest PostgreSQL on this machine."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parts[-2]), default=None)


def need_programs() -> Path:
    """Find PostgreSQL, or skip the test; where the tests decide (CI), its lack fails them."""
    found = programs()
    if found is None and os.environ.get("CI"):
        pytest.fail("PostgreSQL is not installed; run packaging/prepare.py")
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    return found


@dataclass
class Server:
    """One server over one folder; may be killed and started again."""

    programs: Path
    settings: tuple[str, ...] = _SETTINGS
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")))
    process: subprocess.Popen[bytes] | None = None
    made: int = 0

    def start(self) -> Server:
        """Start it, on the first time over a new cluster, and wait until it answers."""
        if not (self.folder / "data").exists():
            self._make()
        settings = [word for setting in self.settings for word in ("-c", setting)]
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data")]
        command += ["-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._as_owner(), *command], stdout=log, stderr=log, cwd=self.folder
            )
        self._wait()
        return self

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the process: SIGINT in good order, SIGQUIT as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def freeze(self) -> None:
        """Stop the server and all its processes in their tracks, as a stalled disk would."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal_all(signal.SIGCONT)

    def remove(self) -> None:
        """End the process and remove the folder."""
        self.end()
        shutil.rmtree(self.folder)

    def url(self, name: str = "postgres", user: str = USER, password: str | None = None) -> URL:
        """Give the address of one database."""
        place = {"host": str(self.folder)}
        return URL.create(
            "postgresql+psycopg", username=user, password=password, database=name, query=place
        )

    def run(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement past our storage and give its rows."""
        with psycopg.connect(host=str(self.folder), user=USER, dbname=name, autocommit=True) as one:
            done = one.execute(statement)
            return list(done.fetchall()) if done.description else []

    def create(self, template: str = "template0") -> URL:
        """Make one more database, empty or as a copy."""
        self.made += 1
        name = f"city_{self.made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: URL) -> None:
        """Remove a database and whoever still holds it."""
        self.run(f"DROP DATABASE {url.database} WITH (FORCE)")

    def log(self) -> str:
        """Give the end of what the server wrote."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def _signal_all(self, number: signal.Signals) -> None:
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for process in (parent, *parent.children(recursive=True)):
            process.send_signal(number)

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
        command = [str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", USER]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [*self._as_owner(), *command], cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    def _as_owner(self) -> list[str]:
        """PostgreSQL refuses to run as root: give the words that make it the package's user."""
        if os.geteuid() != 0:
            return []
        owner = pwd.getpwnam(USER)
        ids = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
        return ["setpriv", *ids, "--clear-groups", "--pdeathsig=SIGQUIT", "--"]

    def _wait(self, limit_s: float = 30.0) -> None:
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"PostgreSQL does not answer: {self.log()}")
