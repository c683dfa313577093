"""Drive a console on a virtual wall from outside: plug, unplug, look, end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end2end.stack import ROOT, Service, wait_for

FILES = ROOT / "resources" / "walls"


@dataclass
class WallProcess:
    """One console process on an X server of its own."""

    process: subprocess.Popen[str]

    def ask(self, *words: str) -> dict[str, Any]:
        """Say one line and give the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Give the next thing said; Qt's own words are passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                said: dict[str, Any] = json.loads(line)
                return said
        raise AssertionError(f"the console ended with {self.process.wait(5)}")

    def until(
        self, holds: Callable[[dict[str, Any]], object], limit_s: float = 20, what: str = ""
    ) -> dict[str, Any]:
        """Look until something holds; give what was seen then."""
        seen: dict[str, Any] = {}

        def look() -> bool:
            seen.clear()
            seen.update(self.ask("look"))
            return bool(holds(seen))

        try:
            wait_for(look, limit_s, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{json.dumps(seen, indent=1)}") from error
        return seen


@contextmanager
def wall_of(
    service: Service,
    folder: Path,
    wall_file: Path | None,
    monitors: list[str],
    *,
    size: str,
    environment: dict[str, str] | None = None,
    own_screen: bool = True,
    program: str = "tests.end2end.wall_process",
) -> Iterator[WallProcess]:
    """Open a console on monitors of a virtual screen, its own or the present one."""
    service.forget_codes()
    own = [sys.executable, "-m", program, str(folder), service.url]
    own += [str(service.credentials), str(wall_file or "-"), *monitors]
    command = [sys.executable, "packaging/display.py", "--size", size]
    if environment:
        own = ["env", *(f"{key}={value}" for key, value in environment.items()), *own]
    log = (folder.parent / f"{folder.name}.log").open("w")
    process = subprocess.Popen(
        [*command, "--", *own] if own_screen else own,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    opened = WallProcess(process)
    try:
        assert opened.hear() == {"started": True}
        yield opened
    finally:
        log.close()
        if process.poll() is None and process.stdin is not None:
            process.stdin.write("quit\n")
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
