"""What there is to be reached by keys in a living console, and what a key has reached."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QWidget

from widgets.ask import Question
from widgets.commands import Command

# Commands there is one of per thing: one of each family stands for all.
FAMILIES = {"pull out ": "pull out a panel", "remove ": "remove an own scene"}
ALONE = ("pull out the map",)


def name_of(widget: QWidget | None) -> str:
    """Name a widget by the class that holds it and the attribute it is held under."""
    above = widget.parentWidget() if widget is not None else None
    while widget is not None and above is not None:
        for attribute, held in vars(above).items():
            place = _place_in(held, widget)
            if place is not None:
                is_shared = isinstance(above, Question) and attribute == "back"
                owner = "Question" if is_shared else type(above).__name__
                return f"{owner}.{attribute}{place}"
        above = above.parentWidget()
    return type(widget).__name__ if widget is not None else ""


def _place_in(held: object, widget: QWidget) -> str | None:
    """Tell where a widget is in what an attribute holds: empty for itself, one of many or none."""
    if held is widget:
        return ""
    if isinstance(held, list | tuple):
        return "" if any(one is widget for one in held) else None
    if not isinstance(held, dict):
        return None
    for key, one in held.items():
        if one is widget:
            return ""
        if getattr(one, "widget", None) is widget:
            return f".{key}"
    return None


@dataclass
class Record:
    """Commands made and run, buttons seen and pressed; a run counts while a key is down."""

    made: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    pressed: set[str] = field(default_factory=set)
    ambiguous: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)  # by a sheet of keys that was open
    _depth: int = 0
    _known: set[int] = field(default_factory=set)
    _unnamed: set[int] = field(default_factory=set)

    @contextmanager
    def key(self) -> Iterator[None]:
        """Let what happens meanwhile count as done by a key."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def watch_commands(self) -> None:
        """Note every command that is made from now on, and every one that runs."""
        begin = Command.__init__

        def noted(command: Command, *args: object, **more: object) -> None:
            begin(command, *args, **more)  # type: ignore[arg-type]  # what the caller gave
            place = sys._getframe(1).f_code.co_qualname.split(".<locals>")[0]
            name = f"{place}: {command.words.en}"
            for prefix, family in FAMILIES.items():
                if command.words.en.startswith(prefix) and command.words.en not in ALONE:
                    name = f"{place}: {family}"
            self.made[name] = command.keys
            object.__setattr__(command, "run", partial(self._run, name, command.run))

        Command.__init__ = noted  # type: ignore[method-assign, assignment]  # a record

    def _run(self, name: str, run: Callable[[], None]) -> None:
        if self._depth:
            self.ran.add(name)
        run()

    def look(self) -> None:
        """Note every button in sight and every shortcut two commands would answer to."""
        for window in QApplication.topLevelWidgets():
            if not window.isVisible():
                continue
            for button in window.findChildren(QPushButton):
                is_qts = isinstance(button.window(), QFileDialog)
                if button.isVisible() and not is_qts and id(button) not in self._known:
                    name = name_of(button)
                    if "." not in name and id(button) not in self._unnamed:
                        self._unnamed.add(id(button))  # being taken away, or named at once
                        continue
                    self._known.add(id(button))
                    button.destroyed.connect(partial(self._forget, id(button)))
                    self.seen.add(name)
                    button.clicked.connect(partial(self._on_button, name))
            for shortcut in window.findChildren(QShortcut):
                if id(shortcut) not in self._known:
                    self._known.add(id(shortcut))
                    shortcut.destroyed.connect(partial(self._forget, id(shortcut)))
                    shortcut.activatedAmbiguously.connect(
                        partial(self.ambiguous.add, shortcut.key().toString())
                    )

    def clashes(self) -> list[str]:
        """Name the keys two shortcuts of one window would answer to at the same time."""
        found: list[str] = []
        for window in QApplication.topLevelWidgets():
            keys = [
                one.key().toString()
                for one in window.findChildren(QShortcut)
                if one.isEnabled() and _works(one) and _window_of(one) is window
            ]
            found += [key for key in set(keys) if keys.count(key) > 1]
        return sorted(found)

    def _forget(self, known: int, _gone: object = None) -> None:
        self._known.discard(known)

    def _on_button(self, name: str, _checked: object = None) -> None:
        if self._depth:
            self.pressed.add(name)


def _works(shortcut: QShortcut) -> bool:
    owner = shortcut.parent()
    return isinstance(owner, QWidget) and owner.isVisible()


def _window_of(shortcut: QShortcut) -> QWidget | None:
    owner = shortcut.parent()
    return owner.window() if isinstance(owner, QWidget) else None
