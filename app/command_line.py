"""The console's command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from platformdirs import user_data_dir


def read_arguments(words: Sequence[str], scenes: Callable[[], Sequence[str]]) -> argparse.Namespace:
    """Read the command line; `scenes` gives those that may be asked for, when one is."""
    parser = argparse.ArgumentParser(prog="console", description="The command console.")
    add = parser.add_argument
    add("--backend", metavar="URL", help="the service; without it one is started here")
    add("--data", type=Path, default=Path(user_data_dir("nantong-console")), metavar="DIR")
    add("--account", help="sign in without a person, for demonstrations")
    add("--credentials", type=Path, metavar="FILE", help="the service's first passwords")
    add("--scene", default="general", type=partial(_one_of, scenes), metavar="SCENE")
    add("--seat", choices=["wall", "desk"], help="what every screen is, whatever its width")
    add("--wall", type=Path, metavar="FILE", help="the wall: screens, zones, pixel pitch")
    add("--preview", action="store_true", help="draw the wall of --wall in one window, with seams")
    add("--write-wall", type=Path, metavar="FILE", help="write a wall file of these screens, end")
    add("--language", choices=["zh", "en"])
    add("--palette", choices=["night", "day"])
    add("--tour", type=Path, metavar="DIR", help="visit every scene, save pictures, end")
    add("--run-s", type=float, default=20.0, help="let the city run so long before the tour")
    asked = parser.parse_args(words[1:])
    if asked.preview and asked.wall is None:
        parser.error("--preview 需要 --wall FILE / --preview needs --wall FILE")
    return asked


def _one_of(scenes: Callable[[], Sequence[str]], word: str) -> str:
    if word != "general" and word not in (known := scenes()):
        raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
    return word
