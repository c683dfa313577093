"""Debian's Chromium, driven over the WebDriver protocol: a page as a person meets it."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.end2end.stack import wait_for

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PHONE, DESKTOP = (390, 844), (1366, 768)
TAB, ENTER = "\ue004", "\ue007"


def missing() -> str:
    """Say why no browser can be driven here, empty when one can."""
    lacks = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    return f"{' and '.join(lacks)} not installed" if lacks else ""


@dataclass(slots=True)
class Element:
    """One element of a page."""

    browser: Browser
    handle: str

    def click(self) -> None:
        self.browser.post(f"/element/{self.handle}/click", {})

    def type(self, words: str) -> None:
        """Put words in place of the present ones, key by key."""
        self.browser.post(f"/element/{self.handle}/clear", {})
        self.browser.post(f"/element/{self.handle}/value", {"text": words})

    def choose(self, path: Path) -> None:
        """Choose a file, as the file dialog does."""
        self.browser.post(f"/element/{self.handle}/value", {"text": str(path)})

    @property
    def enabled(self) -> bool:
        return bool(self.browser.get(f"/element/{self.handle}/enabled"))


@dataclass(slots=True)
class Browser:
    """One window with a storage of its own."""

    driver: httpx.Client
    session: str

    def get(self, path: str) -> Any:
        return _value(self.driver.get(f"/session/{self.session}{path}"))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return _value(self.driver.post(f"/session/{self.session}{path}", json=body))

    def open(self, url: str) -> None:
        self.post("/url", {"url": url})

    def run(self, script: str, *words: object) -> Any:
        """Run JavaScript from outside the page's own policy; give what it returns."""
        return self.post("/execute/sync", {"script": script, "args": list(words)})

    def all(self, css: str) -> list[Element]:
        found = self.post("/elements", {"using": "css selector", "value": css})
        return [Element(self, one[_ELEMENT]) for one in found]

    def one(self, css: str, limit_s: float = 15) -> Element:
        """Wait for a visible element."""
        seen = "return [...document.querySelectorAll(arguments[0])].some(e => e.checkVisibility())"
        wait_for(lambda: self.run(seen, css), limit_s, f"{css} in {self.words()[:800]}")
        return self.all(css)[0]

    def click(self, css: str) -> None:
        self.one(css).click()

    def value(self, css: str) -> str:
        """Give what an input holds."""
        return str(self.run("return document.querySelector(arguments[0]).value", css))

    def press(self, key: str) -> None:
        down, up = ({"type": f"key{way}", "value": key} for way in ("Down", "Up"))
        keys = {"type": "key", "id": "keys", "actions": [down, up]}
        self.post("/actions", {"actions": [keys]})

    def tab_to(self, wanted: str) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(40):
            if self.run("return document.activeElement.id") == wanted:
                return
            self.press(TAB)
        raise AssertionError(f"Tab does not lead to {wanted}")

    def said(self) -> str:
        """Give what was last said to those who hear the page."""
        return str(self.run("return document.getElementById('say').textContent"))

    def words(self) -> str:
        """Give the text a person sees."""
        return str(self.run("return document.body.innerText"))

    def sees(self, words: str, limit_s: float = 15) -> None:
        """Wait until words stand on the page."""
        script = "return document.body.innerText.includes(arguments[0])"
        wait_for(lambda: self.run(script, words), limit_s, f"{words} in {self.words()[:1500]}")

    def set(self, css: str, value: str) -> None:
        """Set an input that is no text, e.g. a date, as its own picker does."""
        self.one(css)
        script = """const e = document.querySelector(arguments[0]); e.value = arguments[1];
            for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, {bubbles: true}));"""
        self.run(script, css, value)

    def log(self) -> list[str]:
        """Give what the browser complained of since last asked: errors, refused content."""
        rows = self.post("/se/log", {"type": "browser"})
        return [row["message"] for row in rows]

    def overflow_px(self) -> int:
        """Tell by how much the page is wider than the screen."""
        script = "const d = document.documentElement; return d.scrollWidth - window.innerWidth"
        return int(self.run(script))

    def shoot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.get("/screenshot")))


def _value(reply: httpx.Response) -> Any:
    told = reply.json()["value"]
    assert reply.status_code == 200, told
    return told


@contextmanager
def chromium(folder: Path) -> Iterator[httpx.Client]:
    """Run a driver for some windows; it ends with every window of its."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "chromedriver.log").open("wb") as log:
        process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=log, stderr=log)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as driver:
        try:
            wait_for(lambda: _is_ready(driver), 30, "chromedriver ready")
            yield driver
        finally:
            process.terminate()
            process.wait(15)


def _is_ready(driver: httpx.Client) -> bool:
    try:
        return bool(driver.get("/status").json()["value"]["ready"])
    except httpx.TransportError:
        return False


@contextmanager
def window(
    driver: httpx.Client, size: tuple[int, int], language: str, *, phone: bool = False
) -> Iterator[Browser]:
    """Open a window of a size in a language; a phone has touch and a screen of its own."""
    options: dict[str, Any] = {
        "args": [
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--window-size={size[0]},{size[1]}", f"--lang={language}"),
            f"--accept-lang={language}",
        ]
    }
    if phone:
        metrics = {"width": size[0], "height": size[1], "pixelRatio": 2, "touch": True}
        options["mobileEmulation"] = {"deviceMetrics": metrics}
    asked = {"browserName": "chrome", "goog:chromeOptions": options}
    asked["goog:loggingPrefs"] = {"browser": "ALL"}
    made = _value(driver.post("/session", json={"capabilities": {"alwaysMatch": asked}}))
    browser = Browser(driver, str(made["sessionId"]))
    try:
        yield browser
    finally:
        driver.delete(f"/session/{browser.session}")
