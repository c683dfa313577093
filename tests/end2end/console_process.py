"""A console in a process of its own, without a pixel, told what to do on its standard input.

Used by the tests that kill it: `python -m tests.end2end.console_process FOLDER URL
ACCOUNT PASSWORD CODE`. It prints one JSON line for each thing that happened.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSocketNotifier, QTimer

from app.actions import events
from app.console import build
from app.stores import Link
from backend_client.contract.clock import SystemClock


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def main(folder: str, url: str, account: str, password: str, code: str) -> int:
    application = QCoreApplication(sys.argv[:1])
    console = build(Path(folder), SystemClock(), url=url)
    stores, wishes = console.reach.stores, console.reach.wishes

    def on_line() -> None:
        word = sys.stdin.readline().strip()
        if word == "accept":
            event = stores.events.all()[0]
            events.accept(console.reach, event, failed=lambda error: say(failed=str(error)))
        elif not word:
            application.quit()

    def look() -> None:
        ready = stores.link is Link.ONLINE and bool(stores.events.all())
        say(online=ready, unsent=[draft.kind for draft in wishes.unsent()])

    listener = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    listener.activated.connect(on_line)
    clock = QTimer()
    clock.timeout.connect(look)
    clock.start(200)
    console.start()
    refused = lambda error: say(refused=str(error))  # noqa: E731  # one line, said once
    console.reach.session.sign_in(account, password, code or None, failed=refused)
    status = application.exec()
    console.close()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
