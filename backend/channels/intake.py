"""A channel's files handed in at the one door, record by record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from backend.channels import photos
from backend.channels.folder import DONE, RECEIPTS, REFUSED, Folder
from backend.channels.line import Line
from backend.channels.transfer import Transfers
from backend_client.channels import records
from backend_client.channels.adapt import Adapted, Adapter
from backend_client.channels.records import Record
from backend_client.channels.spec import Spec
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.item import Head
from backend_client.errors import BadFileError, Refused
from backend_client.importing.part import Fault
from backend_client.importing.values import CHINA
from backend_client.repairs import put_row
from backend_client.wire import Call, Reply, parse

ALONE: Final = frozenset({400, 403, 409, 413, 422})
"""Refusals that are about one record; any other is about us, and is tried again."""
_TAKEN: Final = Text("已接收", "taken")


@dataclass(slots=True)
class Book:
    """What became of one file's records."""

    receipts: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    photos: set[Path] = field(default_factory=set)
    taken: int = 0
    seen: int = 0


@dataclass(slots=True)
class Intake:
    """Hand a channel's files in."""

    spec: Spec
    folder: Folder
    line: Line
    clock: Clock
    transfers: Transfers | None = None
    _adapter: Adapter = field(init=False)

    def __post_init__(self) -> None:
        self._adapter = Adapter(self.spec)

    def take(self, file: Path) -> Book:
        """Hand one file in and put it away; what is left half done is done again as a whole.

        Raises:
            BadFileError: there are no accounts to speak by; the file stays where it is.
            Refused: the service takes nothing just now.
            Unreachable: it does not answer.
        """
        book, kind = Book(), DONE
        for record in _read(file, self.spec.records):
            if isinstance(record, BadFileError):  # what came before it is taken all the same
                kind = REFUSED
                why = f"{record.say('zh')}\n{record.say('en')}\n"
                self.folder.put(REFUSED, f"{self.folder.target(file, kind).name}.why.txt", why)
            else:
                self._one(record, book)
        name = self.folder.target(file, kind).name
        self.folder.put_lines(RECEIPTS, f"{name}.jsonl", book.receipts)
        self.folder.put_lines(REFUSED, f"{name}.jsonl", book.refused)
        for photo in sorted(book.photos):
            if photo.exists():
                self.folder.move(self.folder.home / "in" / self._inside(photo), DONE)
        self.folder.move(file, kind)
        return book

    def _inside(self, photo: Path) -> Path:
        return photo.relative_to((self.folder.home / "in").resolve())

    def _one(self, record: Record | Fault, book: Book) -> None:
        if isinstance(record, Fault):
            words = {"line": record.line, "where": record.column, "value": record.value}
            book.refused.append({**words, "zh": record.why.zh, "en": record.why.en})
            if record.raw:
                raw, why = record.raw, record.why
                self.line.say(lambda client: put_row(client, raw, why))
            return
        if self.transfers is not None and self.transfers.is_reply(record):
            fault = self.transfers.reply(record)
            if fault is not None:
                self._refuse(book, record, "", "", fault)
            return
        adapted = self._adapter.adapt(record)
        try:
            reply = self._hand_in(record, adapted, book)
        except Refused as no:
            if no.problem.status not in ALONE:
                raise
            todo = no.problem.todo
            why = Text(f"{no.problem.what.zh}{todo.zh}", f"{no.problem.what.en} {todo.en}")
            self._refuse(book, record, adapted.own_id, no.problem.where, why)
            return
        new = reply.status == 201
        book.taken, book.seen = book.taken + new, book.seen + (not new)
        outcome = "taken" if new else "seen"
        event_id = parse(Head, reply).item_id
        self._receipt(book, adapted.own_id, outcome, _TAKEN, event_id)

    def _hand_in(self, record: Record, adapted: Adapted, book: Book) -> Reply:
        body = dict(adapted.body)
        if record.raw:
            return self._post(record.raw)
        if adapted.photos:
            region = str(body.get("region", self.spec.region))
            brought = photos.bring(self.line, self.folder, adapted.photos, region)
            book.photos |= {one for one in brought.files if self.folder.is_in(one)}
            for name, why in brought.faults:
                told = {"line": record.line, "own_id": adapted.own_id, "where": f"photos/{name}"}
                book.refused.append({**told, "zh": why.zh, "en": why.en})
            if brought.ids:
                body["attachments"] = brought.ids
        return self._post(json.dumps(body, ensure_ascii=False))

    def _post(self, body: str) -> Reply:
        call = Call("POST", paths.EVENTS, body=body, again=True)
        return self.line.say(lambda client: client.wire.send(call))

    def _refuse(self, book: Book, record: Record, own_id: str, where: str, why: Text) -> None:
        said = {"line": record.line, "own_id": own_id, "where": where, "zh": why.zh, "en": why.en}
        book.refused.append({**said, "record": record.raw or dict(record.fields)})
        self._receipt(book, own_id, "refused", why, "")

    def _receipt(self, book: Book, own_id: str, outcome: str, why: Text, event_id: str) -> None:
        at = self.clock.now().astimezone(CHINA).isoformat(timespec="seconds")
        known = {"own_id": own_id, "event_id": event_id, "outcome": outcome, "at": at}
        book.receipts.append(self.spec.receipt.write({**known, "zh": why.zh, "en": why.en}))


def _read(file: Path, inside: str) -> Iterator[Record | Fault | BadFileError]:
    """Give records, and at the end what is wrong with the file: nobody else's file is meant."""
    try:
        yield from records.read(file, inside)
    except BadFileError as error:
        yield error


def all_waiting(intake: Intake, now_s: float) -> Iterator[tuple[Path, Book]]:
    """Take every file that waits, the oldest first."""
    for file in intake.folder.waiting(now_s):
        yield file, intake.take(file)
