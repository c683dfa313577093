"""`python -m backend channel NAME FOLDER`: stand between one channel's system and the service.

Takes in what lies in FOLDER/in, writes receipts, brings answers, passes orders of the channel's
own unit on. Runs until SIGTERM, or with --once until nothing waits. Exit status: 0 in good order,
1 some records refused (--once), 2 the channel's description or accounts are wrong, 3 the service
is away or refuses (--once).
"""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from backend.channels import answers
from backend.channels.folder import Folder
from backend.channels.hook import hooked
from backend.channels.intake import Book, Intake, all_waiting
from backend.channels.line import USUAL, Line
from backend.channels.transfer import Transfers
from backend_client.channels import spec as specs
from backend_client.channels.spec import Spec
from backend_client.contract.base import Text
from backend_client.contract.clock import SystemClock
from backend_client.errors import BadFileError, ClientError

DONE, SOME, WRONG, AWAY = 0, 1, 2, 3
TURN_S: Final = 2.0
"""Between two looks; an answer is given out by the service ten seconds after its step."""


@dataclass(slots=True)
class Worker:
    """One channel at work."""

    intake: Intake
    replies: answers.Replies
    transfers: Transfers | None
    refused: int = 0
    _said: dict[str, str] = field(default_factory=dict)

    def turn(self, ended: Callable[[], bool]) -> bool:
        """Do what there is to do; tell whether all of it went well.

        What fails is said once and tried in the next turn; one thing does not hold up another.
        """
        steps: list[tuple[str, Callable[[], object]]] = [("in", lambda: self._take(ended))]
        steps.append(("answers", lambda: self.replies.bring(ended)))
        if self.transfers is not None:
            steps.append(("transfers", self.transfers.send))
        went_well = [self._try(name, step) for name, step in steps if not ended()]
        return all(went_well)

    def _take(self, ended: Callable[[], bool]) -> None:
        for file, book in all_waiting(self.intake, time.time()):
            self.refused += len(book.refused)
            say(_summary(file.name, book))
            if ended():
                return

    def _try(self, name: str, step: Callable[[], object]) -> bool:
        try:
            step()
        except (ClientError, OSError) as error:
            told = _told(error)
            if self._said.get(name) != told.en:
                self._said[name] = told.en
                say(told)
            return False
        if self._said.pop(name, None):
            say(Text("已恢复。", "Working again."))
        return True


def main(words: Sequence[str]) -> int:
    """Stand for one channel from the command line."""
    asked = parser().parse_args(words)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        spec = specs.load(asked.name, asked.spec)
        with _alone(asked.folder), ExitStack() as stack:
            worker = _worker(asked, spec, stack)
            if asked.hook:
                host, port = stack.enter_context(
                    hooked(worker.intake.folder, _at(asked.hook), _token(asked.token_file))
                )
                say(Text(f"接收地址 {host}:{port}", f"Taking records at {host}:{port}"))
            return _work(worker, ended, once=asked.once)
    except BadFileError as error:
        say(Text(error.say("zh"), error.say("en")))
        return WRONG


def _work(worker: Worker, ended: threading.Event, *, once: bool) -> int:
    while True:
        went_well = worker.turn(ended.is_set)
        if once and not went_well:
            return AWAY
        if once:
            return SOME if worker.refused else DONE
        if ended.wait(TURN_S):
            return DONE


def _worker(asked: argparse.Namespace, spec: Spec, stack: ExitStack) -> Worker:
    folder, clock = Folder(asked.folder), SystemClock()
    folder.make()
    account = asked.account or spec.account
    line = Line(asked.url, asked.credentials, account, clock, usual=USUAL)
    stack.callback(line.close)
    if line.stands_in():
        say(_no_account(account))
    transfers = None
    if spec.transfer is not None and not asked.no_transfer:
        unit = Line(asked.url, asked.credentials, spec.transfer.account, clock)
        stack.callback(unit.close)
        transfers = Transfers(spec, spec.transfer, folder, unit)
    if asked.answers.startswith(("http://", "https://")):
        client = stack.enter_context(httpx.Client())
        carry = answers.to_url(asked.answers, spec.name, client)
    else:
        carry = answers.to_lines(folder) if asked.answers == "lines" else answers.to_files(folder)
    intake = Intake(spec, folder, line, clock, transfers)
    return Worker(intake, answers.Replies(spec, line, carry), transfers)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: two at one folder would hand everything in twice.

    Raises:
        BadFileError: another one works on it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "channel.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadFileError(
                Text(f"另一个进程正在处理 {folder}。", f"Another process works on {folder}."),
                Text("先停止它，或另指目录。", "Stop it first, or name another folder."),
            ) from error
        yield


def _at(told: str) -> tuple[str, int]:
    host, _, port = told.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise BadFileError(
            Text(f"看不懂 --hook {told}。", f"--hook {told} cannot be read."),
            Text("写成 127.0.0.1:8080。", "Write 127.0.0.1:8080."),
        )
    return host or "127.0.0.1", int(port)


def _token(path: Path | None) -> str:
    """Read what senders have to show; a door without one stays shut."""
    try:
        token = path.read_text(encoding="utf-8").strip() if path else ""
    except OSError:
        token = ""
    if len(token) < 16:
        raise BadFileError(
            Text("--hook 需要 --token-file，内含至少 16 个字符。", "--hook needs a --token-file."),
            Text("写入一行随机字符。", "Put one line of 16 random characters or more into it."),
        )
    return token


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="backend channel", description="一个渠道的接入 / one channel's way in and out"
    )
    add = made.add_argument
    add("name", help=" ".join(specs.names()))
    add("folder", type=Path, help="该渠道的目录 / the channel's folder")
    add("--backend", "--url", dest="url", required=True, metavar="URL", help="服务 / the service")
    add("--credentials", type=Path, required=True, help="账号文件 / file of accounts")
    add("--account", default="", help="默认为渠道自己的 / the channel's own by default")
    add("--spec", type=Path, help="自建的渠道文件 / the site's own description")
    add("--answers", default="files", help="files、lines 或 URL / where answers go")
    add("--hook", default="", metavar="HOST:PORT", help="另开接收地址 / take records here as well")
    add("--token-file", type=Path, help="接收地址的凭证 / what senders have to show")
    add("--no-transfer", action="store_true", help="不转工单 / pass no orders on")
    add("--once", action="store_true", help="处理完即止 / end when nothing waits")
    return made


def say(text: Text) -> None:
    """Say one thing in both languages."""
    sys.stderr.write(f"{text.zh}\n{text.en}\n")
    sys.stderr.flush()


def _told(error: ClientError | OSError) -> Text:
    if isinstance(error, ClientError):
        return Text(error.say("zh"), error.say("en"))
    at, why = error.filename or "-", error.strerror or str(error)
    return Text(f"读写 {at} 失败（{why}），稍后再试。", f"{at}: {why}; it is tried again soon.")


def _no_account(account: str) -> Text:
    return Text(
        f"账号文件中没有 {account}，改用不限渠道的 {USUAL}。旧库补建渠道账号："
        "python -m backend accounts complete --data 数据目录",
        f"The file of accounts has no {account}; {USUAL} is used, which is bound to no channel. "
        "An older database gets the channels' accounts by: "
        "python -m backend accounts complete --data FOLDER",
    )


def _summary(name: str, book: Book) -> Text:
    refused = len(book.refused)
    return Text(
        f"{name}：新收 {book.taken:,}，已有 {book.seen:,}，拒 {refused:,}",
        f"{name}: {book.taken:,} new, {book.seen:,} there before, {refused:,} refused",
    )
