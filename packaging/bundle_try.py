"""Do with a bundle's `backend` what a city does with it: `bundle_try.py BUNDLE HOME`.

Run by `bundle.py check` where no network is and nothing is known of us: every command, a service
with its page, reports handed in, judged and learned from, the contract checked. Says what it
did, and exits 1 at the first thing that is not as it should be.
"""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("serve",), ("migrate",), ("move",), ("thin",), ("audit", "verify")),
    *(("accounts", "reset"), ("accounts", "close"), ("accounts", "role")),
    *(("accounts", "bind"), ("accounts", "complete")),
    *(
        ("plant",),
        ("simulate",),
        ("import",),
        ("intake",),
        ("channel",),
        ("replay",),
        ("conformance",),
    ),
    *(("learn",), *(("events", verb) for verb in ("pairs", "merge", "classify", "route"))),
)
WAIT_S = 300.0
REFUSED = 3
REPORTS = (
    ("A1", "路面有玻璃碴", "人民中路与工农路口路面有碎玻璃，骑车险些摔倒", "2026-07-20 09:40:00"),
    ("A2", "小区停水", "学田新村 3 幢今早起停水，家中有老人", "2026-07-20 09:45:00"),
    ("A3", "夜间施工扰民", "工农路工地凌晨仍在打桩，无法入睡", "2026-07-20 10:05:00"),
)
LITTER = ("1103", "D25")  # what the tables of words say of broken glass on a road
LESSONS = tuple(
    (f"{label}-{street}-{turn}", f"{place}{words}，第 {turn} 次反映", label)
    for turn in range(30)
    for street, place in enumerate(("人民路", "工农路"))
    for words, label in (("路灯不亮", "lamp"), ("停水两天", "water"), ("垃圾无人清运", "waste"))
)
NAMED = re.compile(r"""(?:src=|href=|from )"(?:\./)?([\w-]+\.(?:js|css|svg))\"""")
"""What the page and its modules name, all beside it."""


class WrongError(Exception):
    """Something is not as it should be."""


class Bundle:
    """The `backend` of a bundle, and the folder it is tried in."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.program, self.home = folder / "backend", home

    def run(self, *words: str, status: int = 0) -> str:
        """Run a command and give what it said; another exit status is wrong."""
        done = subprocess.run(
            [str(self.program), *words], cwd=self.home, capture_output=True, text=True
        )
        said = done.stdout + done.stderr
        if done.returncode != status:
            failed = [line for line in said.splitlines() if "FAIL" in line]  # of conformance
            last = "\n".join(failed) or said[-2000:]
            raise WrongError(f"backend {' '.join(words)}: exit {done.returncode}\n{last}")
        return said

    def file(self, name: str, head: str, rows: Sequence[Sequence[str]]) -> str:
        """Write a CSV and give its name."""
        with (self.home / name).open("w", encoding="utf-8", newline="") as made:
            csv.writer(made).writerows([head.split(","), *rows])
        return name

    def rows(self, name: str) -> list[dict[str, str]]:
        """Read a CSV a command wrote."""
        with (self.home / name).open(encoding="utf-8", newline="") as made:
            return list(csv.DictReader(made))

    @contextmanager
    def serving(self) -> Iterator[tuple[str, Path]]:
        """Keep a service; gives its address and its file of accounts."""
        ready, began = self.home / "ready.json", time.monotonic()
        words = ("serve", "--data", str(self.home / "data"), "--ready-file", str(ready))
        with (self.home / "serve.log").open("wb") as log:
            running = subprocess.Popen(
                [str(self.program), *words], cwd=self.home, stdout=log, stderr=log
            )
        try:
            while not ready.exists():
                if running.poll() is not None or time.monotonic() - began > WAIT_S:
                    raise WrongError((self.home / "serve.log").read_text(errors="replace")[-2000:])
                time.sleep(0.05)
            print(f"service ready after {time.monotonic() - began:.1f} s")
            said = json.loads(ready.read_text(encoding="utf-8"))
            yield str(said["url"]), self.home / said["credentials"]
        finally:
            running.send_signal(signal.SIGTERM)
            status = running.wait(60)
        need(status == 0, f"the service ended with {status}")


def need(holds: object, what: str) -> None:
    """Stop where something does not hold."""
    if not holds:
        raise WrongError(what)


def fetch(url: str, *, body: object = None, token: str = "") -> tuple[str, bytes]:
    """Ask the service; gives the kind of content and the content."""
    asked = urllib.request.Request(url, None if body is None else json.dumps(body).encode())
    asked.add_header("Content-Type", "application/json")
    if token:
        asked.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(asked, timeout=60) as reply:
        return str(reply.headers["content-type"]), bytes(reply.read())


def try_commands(bundle: Bundle) -> None:
    """Every command says what it takes."""
    for words in COMMANDS:
        bundle.run(*words, "--help")
    print(f"{len(COMMANDS)} commands answer --help")


def try_page(url: str) -> None:
    """The departments' page comes with everything it names."""
    kind, page = fetch(f"{url}/web/")
    need(kind.startswith("text/html"), f"/web/ is {kind}")
    read, asked = {"": page}, NAMED.findall(page.decode())
    while asked:
        name = asked.pop()
        if name not in read:
            read[name] = fetch(f"{url}/web/{name}")[1]
            need(read[name], f"/web/{name} is empty")
            asked += NAMED.findall(read[name].decode())
    need(len(read) > 5, f"/web/ names only {sorted(read)}")
    print(f"/web/ and the {len(read) - 1} files it names")


def try_intake(bundle: Bundle, url: str, accounts: Path) -> None:
    """Reports of a file are taken once, and understood by the tables inside the bundle."""
    file = bundle.file("热线.csv", "工单编号,标题,诉求内容,来电时间", REPORTS)
    door = ("--url", url, "--credentials", str(accounts), "--channel", "hotline")
    words = ("intake", file, *door, "--region", "320602")
    need("3 new, 0 there before, 0 refused" in bundle.run(*words), "intake did not take all")
    need("0 new, 3 there before" in bundle.run(*words), "the same file was taken twice")
    known: list[dict[str, Any]] = json.loads(accounts.read_text(encoding="utf-8"))
    centre = next(one for one in known if one["account"] == "operator")
    sign_in = {"account": "operator", "password": centre["password"]}
    token = json.loads(fetch(f"{url}/v1/auth/sign-in", body=sign_in)[1])["access"]
    items = json.loads(fetch(f"{url}/v1/items/event", token=token)[1])["items"]
    glass = next(one for one in items if one["title"] == REPORTS[0][1])
    read = json.loads(fetch(f"{url}/v1/events/{glass['item_id']}/reading", token=token)[1])
    found = (read["classes"][0]["code"], read["units"][0]["unit"])
    need(found == LITTER, f"read as {found}")
    print("intake takes a file once, its reports are read")


def try_import(bundle: Bundle) -> None:
    """A file comes into a layer by a service the command starts for itself."""
    rows = [("H1", "出租屋一", "120.86", "32.01"), ("H2", "出租屋二", "120.87", "32.02")]
    file = bundle.file("房屋.csv", "编号,名称,经度,纬度", rows)
    other = str(bundle.home / "other")
    said = bundle.run("import", "housing", file, "--data", other, "--kind", "flat")
    need("took 2, rejected 0" in said, f"import: {said}")
    print("import starts a service of its own")


def try_judging(bundle: Bundle) -> None:
    """Reports are sorted, compared and merged from files; a model is taught and examined."""
    train = bundle.file("train.csv", "id,text,label", LESSONS)
    asked = bundle.file("in.csv", "id,text", [("x", "学田路路灯坏了不亮"), ("y", "家里停水了")])
    bundle.run("events", "classify", "--train", train, asked, "classes.csv")
    found = [one["pred"] for one in bundle.rows("classes.csv")]
    need(found == ["lamp", "water"], f"events classify: {found}")
    times = [(one[0], "u", one[3], one[1], one[2]) for one in REPORTS]
    again = ("A4", "v", "2026-07-20 09:52:00", "碎玻璃", "人民中路工农路口路上有玻璃碴，快来清理")
    messages = bundle.file("messages.csv", "id,user,time,title,text", [*times, again])
    pairs = bundle.file("pairs.csv", "id_a,id_b", [("A1", "A4"), ("A2", "A3")])
    bundle.run("events", "pairs", messages, pairs, "same.csv")
    bundle.run("events", "merge", messages, "clusters.csv")
    need(len(bundle.rows("same.csv")) == len(bundle.rows(pairs)), "events pairs left some out")
    need(len(bundle.rows("clusters.csv")) == len(times) + 1, "events merge left some out")
    task = bundle.home / "task"
    task.mkdir()
    (task / "task.json").write_text(json.dumps({"name": "matter", "files": {}}))
    kept = [{"id": i, "title": "", "text": text, "labels": label} for i, text, label in LESSONS]
    for name, some in (("lessons.jsonl", kept[:-30]), ("exam.jsonl", kept[-30:])):
        (task / name).write_text("".join(json.dumps(one) + "\n" for one in some))
    bundle.run("learn", str(task))
    reached = json.loads((task / "result.json").read_text())["candidate"]["right"]
    need(reached > 0.9, f"learn: {reached} right")
    print(f"events classify, pairs, merge; learn: {reached:.2f} right")


def try_all(bundle: Bundle) -> None:
    """Do everything, what takes longest last."""
    with bundle.serving() as (url, accounts):
        try_page(url)
        try_intake(bundle, url, accounts)
        said = bundle.run("conformance", url, "--credentials", str(accounts))
        print("conformance:", said.strip().splitlines()[-1 if "留在" not in said else 0])
    data = str(bundle.home / "data")
    rows = json.loads(bundle.run("audit", "verify", "--data", data).splitlines()[0])["rows"]
    need(rows > len(REPORTS), f"the audit chain has {rows} rows")
    said = bundle.run("move", "--data", data, "--to", "postgresql://127.0.0.1:1/x", status=REFUSED)
    need("See that the server runs" in said, f"move: {said}")  # so its driver is there
    print(f"audit chain of {rows} rows is whole")
    try_import(bundle)
    try_judging(bundle)
    try_commands(bundle)


def main(words: Sequence[str]) -> int:
    """Try the bundle the words name."""
    home = Path(words[1])
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    try:
        try_all(Bundle(Path(words[0]), home))
    except (WrongError, OSError, ValueError, KeyError, StopIteration) as wrong:
        print(f"{type(wrong).__name__}: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
