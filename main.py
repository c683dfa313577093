"""Ask what is wanted, launch our own service, then read and run the rest. Nothing imports this."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

import app.early  # noqa: F401  before all that follows
from app.command_line import read_arguments
from app.launch import launch
from backend_client.contract.clock import SystemClock
from maps import engine, scheme


def main(words: list[str]) -> int:
    """Run the console until its last window is closed, or the tour is over."""
    asked = read_arguments(words, _scenes)
    engine.prepare()
    scheme.register()
    app = QApplication(words[:1])
    if asked.preview or asked.write_wall:
        from widgets.run import answer_early  # noqa: PLC0415  needs no service

        if (ended := answer_early(asked)) is not None:
            return ended
    app.setQuitOnLastWindowClosed(False)  # all screens may be gone for a moment
    clock = SystemClock()
    launched = launch(asked.data, clock, url=asked.backend)
    from widgets import program  # noqa: PLC0415  two seconds: the service boots meanwhile

    return program.run(app, asked, launched, clock)


def _scenes() -> list[str]:
    from maps.scenes import all_scenes  # noqa: PLC0415  only when a scene is asked for

    return [one.scene_id for one in all_scenes()]


if __name__ == "__main__":
    sys.exit(main(sys.argv))
