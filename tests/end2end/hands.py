"""Two hands on a keyboard: press, type, wait for what the service or the stores say."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.end2end.stack import Service, wait_for
from tests.end2end.walls import WallProcess

Seen = dict[str, Any]
TAB_S = 10.0


def when(test: Callable[..., object], *given: object) -> Callable[[Seen], object]:
    """Give a condition on what is seen, with what it was or shall be."""
    return lambda seen: test(seen, *given)


class Codes:
    """One-time codes nobody has used yet: this step's, the next step's, then wait."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._used: dict[str, int] = {}

    def fresh(self, name: str) -> str:
        """Give a code whose step is higher than any used before."""

        def step() -> int:
            now = int(time.time()) // 30
            return next((s for s in (now, now + 1) if s > self._used.get(name, 0)), 0)

        found = int(wait_for(step, 40, "a fresh code"))
        self._used[name] = found
        return str(self._service.totp(name).generate_otp(found))


@dataclass
class Hands:
    """A person at the desk of a console with a wall, who has no mouse."""

    console: WallProcess
    service: Service
    codes: Codes

    # ---- keys ------------------------------------------------------------------------------

    def press(self, *keys: str, front: str = "") -> Seen:
        """Press keys one after the other; wait for a window of this class when one is named."""
        for key in keys:
            self.console.ask("press", key)
        return self.until(lambda seen: seen["front"] == front, front) if front else self.look()

    def hold(self, key: str) -> None:
        """Hold a key for more than a second."""
        self.console.ask("hold", key)

    def type(self, text: str) -> None:
        """Type letters."""
        self.console.ask("type", json.dumps(text))

    def answer(self, *texts: str, key: str = "Return", front: str = "Window") -> Seen:
        """Type into a question's fields, Tab between them, and end it."""
        for at, text in enumerate(texts):
            if at:
                self.press("Tab")
            self.type(text)
        return self.press(key, front=front)

    def tab_to(self, name: str) -> None:
        """Tab until a field or button has the keys; it may still have to be opened to them."""
        passed, end = [], time.monotonic() + TAB_S
        while time.monotonic() < end:
            passed.append(self.look()["focus"])
            if passed[-1] == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {name}, only to {sorted(set(passed))}")

    def tap(self, name: str) -> None:
        """Go to a button with Tab and press it with Space."""
        self.tab_to(name)
        self.press("Space")

    def command(self, words: str, front: str = "Window") -> Seen:
        """Run a command out of the palette by its words."""
        self.press("Ctrl+K", front="CommandPalette")
        self.type(words)
        return self.press("Return", front=front)

    # ---- what stands -----------------------------------------------------------------------

    def look(self) -> Seen:
        """Give what stands now."""
        seen = self.console.ask("look")
        assert seen["faults"] == []
        assert seen["broken"] == []
        return seen

    def until(self, holds: Callable[[Seen], object], what: str = "", limit_s: float = 15) -> Seen:
        """Look until something holds; give what was seen then."""
        seen: Seen = {}

        def looked() -> bool:
            seen.clear()
            seen.update(self.look())
            return bool(holds(seen))

        wait_for(looked, limit_s, what)
        return seen

    def desk(self, holds: Callable[[Seen], object], what: str = "", limit_s: float = 15) -> Seen:
        """Look until something holds of the desk."""
        seen: Seen = self.until(lambda seen: holds(seen["desk"]), what, limit_s)["desk"]
        return seen

    def wall(self, holds: Callable[[Seen], object], what: str = "", limit_s: float = 15) -> Seen:
        """Look until something holds of the wall."""
        seen: Seen = self.until(lambda seen: holds(seen["wall"]), what, limit_s)["wall"]
        return seen

    def go_to(self, name: str) -> None:
        """Give the keys to the desk's or the wall's window."""
        for _ in range(6):
            seen = self.look()
            if seen["front"] == "Window" and seen["name"] == name:
                return
            before = seen["name"]
            self.press("Ctrl+Tab")
            with suppress(AssertionError):
                self.until(when(lambda seen, was: seen["name"] not in ("", was), before), limit_s=3)
        raise AssertionError(f"Ctrl+Tab never comes to {name}")

    # ---- sign-in ---------------------------------------------------------------------------

    def sign_in(self, name: str, *, code: bool = False) -> None:
        """Type account, password and code into the page that asks who is there."""
        self.until(lambda seen: seen["focus"] == "SignInPage.account", "the way in")
        self.press("Ctrl+A")
        self.type(name)
        self.press("Return")
        self.type(self.service.account(name)["password"])
        self.press("Return")
        self.type(self.codes.fresh(name) if code else "")
        self.press("Return")
        self.until(lambda seen: seen["online"] and seen["person"] == name, "signed in", 30)
        self.desk(lambda desk: desk["page"], "the shift's page")

    def sign_out(self) -> None:
        """Leave the seat."""
        self.press("Ctrl+Shift+O")
        self.until(lambda seen: seen["person"] == "", "signed out")

    def press_last(self, key: str) -> None:
        """Press the key that ends the program, and hear it end."""
        self.console.ask("press", key)
        assert self.console.hear() == {"ended": 0}
