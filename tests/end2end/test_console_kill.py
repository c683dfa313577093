"""The console is killed: what the operator could not send is there when it starts again."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend_client.contract.events import Channel, Event, EventState, Intake
from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = pytest.mark.end2end


@dataclass
class ConsoleProcess:
    process: subprocess.Popen[str]
    said: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def wait(self, key: str, value: object) -> None:
        def heard() -> bool:
            while not self.said.empty():
                if self.said.get().get(key) == value:
                    return True
            return False

        wait_for(heard, 30, f"console says {key}={value}")

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


@contextmanager
def console(folder: Path, service: Service) -> Iterator[ConsoleProcess]:
    row = service.account("dispatcher")
    command = [sys.executable, "-m", "tests.end2end.console_process", str(folder), service.url]
    process = subprocess.Popen(
        [*command, "dispatcher", row["password"], ""],  # no code: nothing is commanded here
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    opened = ConsoleProcess(process)
    ear = threading.Thread(target=opened.listen, daemon=True)
    ear.start()
    try:
        yield opened
    finally:
        process.kill()
        process.wait(10)
        ear.join(5)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def test_an_unsent_wish_survives_the_killed_console(service: Service, tmp_path: Path) -> None:
    intake = Intake(
        intake_id="draft-1",
        channel=Channel.WEB,
        title="井盖缺失",
        text="路口井盖缺失",
        region="320612",
        reported_at=datetime.now(UTC),
    )
    service.client("feed").intake(intake)
    with console(tmp_path / "console", service) as first:
        first.wait("online", True)
        service.kill()
        first.tell("accept")
        first.wait("unsent", ["event.accept"])
    service.start()
    person = service.client("auditor")
    with console(tmp_path / "console", service) as second:
        second.wait("unsent", ["event.accept"])
    held = person.items("event").items
    assert [item.state for item in held if isinstance(item, Event)] == [EventState.REGISTERED]
