"""What reporters are to hear, brought to where their channel reads it, then told as delivered."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from backend.channels.folder import ANSWERS, Folder, sync
from backend.channels.line import Line
from backend_client.channels.spec import Spec
from backend_client.contract.answers import Answer, ToldAnswers
from backend_client.contract.base import Text
from backend_client.errors import Unreachable
from backend_client.importing.values import CHINA

LINES: Final = "answers.jsonl"
_WAIT_S: Final = 10.0
_ANEW: Final = 150
"""Turns, five minutes, between two looks at all that is owed: answers of other systems of the
channel, and of what was typed in at the desk, are passed over else."""

Record = dict[str, str]


class Carry(Protocol):
    """Bring one answer; the same number again is brought once, or seen to be the same."""

    def __call__(self, number: int, record: Record) -> None:
        """Bring it, or raise `Unreachable`."""
        ...


def to_files(folder: Folder) -> Carry:
    """Write each answer as a file by its number: written twice it is the same file."""

    def carry(number: int, record: Record) -> None:
        text = json.dumps(record, ensure_ascii=False, indent=1)
        folder.put(ANSWERS, f"answer-{number}.json", text)

    return carry


def to_lines(folder: Folder) -> Carry:
    """Append each answer to one file of JSON lines; what is there already is not written again."""
    path = folder.home / ANSWERS / LINES
    raw = path.read_bytes() if path.exists() else b""
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):  # a kill cut the last line
        os.truncate(path, len(whole))
    there = {_number(line) for line in whole.splitlines()}

    def carry(number: int, record: Record) -> None:
        if number in there:
            return
        line = json.dumps({**record, "_n": number}, ensure_ascii=False) + "\n"
        with path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)
        there.add(number)

    return carry


def _number(line: bytes) -> int | None:
    """Read an answer's number; what another hand wrote into the file has none and stays."""
    try:
        return int(json.loads(line)["_n"])
    except (ValueError, TypeError, KeyError):
        return None


def to_url(url: str, name: str, client: httpx.Client) -> Carry:
    """POST each answer; the number goes along as a key, for one sent twice over a kill."""

    def carry(number: int, record: Record) -> None:
        headers = {"Idempotency-Key": f"{name}-answer-{number}"}
        try:
            reply = client.post(url, json=record, headers=headers, timeout=_WAIT_S)
        except httpx.HTTPError as error:
            raise _not_taken(name, str(error)) from error
        if not reply.is_success:
            raise _not_taken(name, f"HTTP {reply.status_code}")

    return carry


def _not_taken(name: str, why: str) -> Unreachable:
    return Unreachable(
        Text(
            f"渠道 {name} 的系统没有收下答复（{why}）。",
            f"The system of channel {name} did not take an answer ({why}).",
        ),
        Text("答复保留，稍后再送。", "It is kept and brought again soon."),
    )


@dataclass(slots=True)
class Replies:
    """Fetch, bring, tell."""

    spec: Spec
    line: Line
    carry: Carry
    _turns: int = field(default=0)
    _passed: int = field(default=0)

    def bring(self, ended: Callable[[], bool] = lambda: False) -> int:
        """Bring all that waits for this channel's reporters; give how many.

        Raises:
            Refused: the service says no.
            Unreachable: the service or the channel's system does not answer.
        """
        if self._turns % _ANEW == 0:
            self._passed = 0
        self._turns += 1
        after, count = self._passed, 0
        while not ended():
            page = self.line.say(
                lambda client: client.casework.answers(self.spec.channel, after=after)  # noqa: B023  asked at once
            )
            if not page.answers:
                break
            after = page.answers[-1].n
            mine = [one for one in page.answers if one.intake_id.startswith(self.spec.prefix)]
            told: list[int] = []
            try:
                for one in mine:
                    self.carry(one.n, self._write(one))
                    told.append(one.n)
            finally:
                self._tell(told)
            self._passed = after
            count += len(told)
        return count

    def _tell(self, numbers: list[int]) -> None:
        if numbers:
            body = ToldAnswers(numbers=tuple(numbers))
            self.line.say(lambda client: client.casework.told(body))

    def _write(self, one: Answer) -> Record:
        known = {
            "own_id": one.intake_id.removeprefix(self.spec.prefix),
            "event_id": one.event_id,
            "n": str(one.n),
            "said": one.said.value,
            "words": one.words,
            "at": one.at.astimezone(CHINA).isoformat(timespec="seconds"),
        }
        return self.spec.answer.write(known)
