"""Compose and run the windows: session → client → stores → windows. Read once the service boots."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from app.actions.search import Search
from app.console import Console, build
from app.details import Details
from app.i18n import Words
from app.idle import Idle
from app.launch import Launched
from app.places import read_names
from app.replay import Replay
from app.theme import Seat, Theme, Viewing, read_palettes
from app.wall_file import find_wall
from backend_client.contract.clock import Clock
from backend_client.memory import forget_sources
from maps.host import Drawing, MapHost, MapSources
from maps.spec import load_all
from widgets.facts import ConsoleFacts
from widgets.panel import Pulse, Room
from widgets.parts import Parts
from widgets.preview import lay_out
from widgets.reach_deeds import ReachDeeds
from widgets.run import DEMO_ACCOUNT, Looks, SignsIn, direct, end_on_signals, open_book
from widgets.sounds import make_annunciator
from widgets.tour import Tour
from widgets.wall import Windows

AHEAD_MS: Final = 800  # the last picture is drawn in less; the page needs seconds anyway


def compose(
    console: Console,
    clock: Clock,
    exports: Path,
    viewings: Mapping[Seat, Viewing] | None = None,
    drawing: Drawing = "auto",
) -> Parts:
    """Make what every window is made of.

    Args:
        console: everything below the widgets.
        clock: the one clock.
        exports: the folder of exported files; own scenes lie beside it.
        viewings: a wall file's pitches and distances.
        drawing: how maps are drawn.
    """
    reach, settings = console.reach, console.settings
    theme, words = Theme(read_palettes()), Words()
    looks = Looks(settings, theme, words, console.notices, viewings=viewings)
    pulse = Pulse(reach.stores, console.notices, runner=reach.tasks.reckon)
    details = Details(reach.client, reach.tasks, clock, console.notices)
    facts = ConsoleFacts(reach, settings, words, console.notices)
    room = Room(reach.stores, theme, words, read_names(), pulse, "desk", facts.sees, settings.text)
    replay = Replay(reach.client, reach.tasks, reach.stores, reach.session, clock, console.notices)
    replay.failed.connect(console.notices.fail)
    reach.stores.log.reopened.connect(lambda sight: replay.go(sight.at))
    sources = MapSources(
        blocks=reach.stores.blocks,
        positions=reach.stores.positions,
        words=words,
        theme=theme,
        tasks=reach.tasks,
        clock=clock,
        details=details,
        replay=replay,
        ahead_ms=AHEAD_MS,
        drawing=drawing,
    )
    looks.apply()
    pulse.start()
    specs = {spec.layer_id: spec for spec in load_all()}
    return Parts(
        room=room,
        details=details,
        deeds=ReachDeeds(reach),
        facts=facts,
        host=MapHost(sources, settings, console.notices),
        replay=replay,
        session=reach.session,
        settings=settings,
        notices=console.notices,
        specs=specs,
        exports=exports,
        idle=Idle(reach.session, clock, settings.number("idle_min") * 60, console.notices),
        search=Search(reach.client, reach.tasks, console.notices),
        annunciator=make_annunciator(console, room, exports.parent / "sounds"),
        book=open_book(exports.with_name("scenes"), console.notices, specs),
    )


def run(app: QApplication, asked: argparse.Namespace, launched: Launched, clock: Clock) -> int:
    """Run the console until its last window is closed, or the tour is over."""
    end_on_signals(app)
    console = build(asked.data, clock, launched=launched)
    for key in ("language", "palette"):
        if getattr(asked, key):
            console.settings.set(key, getattr(asked, key))
    wall, fault = find_wall(asked.wall, console.settings.text("wall_file"))
    viewings = wall.viewings if wall else None
    drawing: Drawing = "plain" if asked.preview else "auto"  # pages know no scale under 1
    parts = compose(console, clock, asked.data / "exports", viewings, drawing)
    small = lay_out(wall) if asked.preview and wall else None
    windows = Windows(parts, asked.scene, wall=wall, every=asked.seat, preview=small)
    windows.gone.connect(app.quit)
    director = direct(parts, windows, clock)
    account = asked.account or (DEMO_ACCOUNT if asked.tour or asked.preview else "")
    signs_in = SignsIn(console, windows, account=account, credentials=asked.credentials)
    if asked.tour is None:
        windows.place()
        director.start()
    else:
        tour = Tour(parts, windows, asked.tour, run_s=asked.run_s, clock=clock)
        tour.told.connect(print)
        tour.ended.connect(lambda well: app.exit(0 if well else 1))
        tour.start()
    console.start()
    if fault is not None:
        console.notices.say(fault.text, todo=fault.todo, weight="fault", key="wall")
    signs_in.start()
    forget_sources()
    code = app.exec()
    director.stop()
    parts.room.pulse.stop()
    windows.close()
    parts.host.close()
    console.close()
    return code
