"""Attachments: photos, PDFs and short videos; kept once something refers to them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.exc import DBAPIError

from backend.domain import media as rules
from backend.domain.refused import Refused, forbidden, not_found, refuse, unfit
from backend.services.policy import Policy
from backend.services.sight import works_on
from backend.storage import attachments as table
from backend.storage.database import Database
from backend.storage.files import FULL, Files, Incoming
from backend.storage.unit import Unit, View
from backend_client.contract.attachments import MOST_BYTES, Attachment, Media
from backend_client.contract.auth import Person
from backend_client.contract.base import EVERY_DEPARTMENT, Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event
from backend_client.contract.item import PersonRef

OWNER: Final = "D41"
ADD, VIEW = "attachment.add", "attachment.view"
LOOSE: Final = timedelta(hours=24)
"""How long a file is kept to which nothing refers."""
_AT_ONCE: Final = 500


@dataclass(slots=True)
class Upload:
    """A file on its way in, and what is said of it."""

    incoming: Incoming
    media: Media
    name: str
    region: str
    department: str
    _head: bytes = field(default=b"", init=False)

    def add(self, piece: bytes) -> None:
        """Take the next bytes; a false type is found with the first ones.

        Raises:
            Refused: 413, 422 `false_type`, 507.
        """
        if self.incoming.size + len(piece) > MOST_BYTES[self.media]:
            raise _large(self.media)
        if len(self._head) < rules.HEAD:
            self._head = (self._head + piece)[: rules.HEAD]
            if len(self._head) == rules.HEAD:
                rules.check_head(self._head, self.media)
        with _told():
            self.incoming.write(piece)

    def seal(self) -> None:
        """Have it whole on the disk.

        Raises:
            Refused: 422 when it is empty or of a false type, 507.
        """
        if not self._head:
            raise unfit(
                "body",
                Text("文件是空的。", "The file is empty."),
                Text("重新选择文件。", "Choose the file again."),
            )
        rules.check_head(self._head, self.media)
        with _told():
            self.incoming.seal()

    def drop(self) -> None:
        """Leave nothing behind, unless it was kept."""
        self.incoming.drop()


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an upload, and whether it was new."""

    attachment: Attachment
    new: bool


class Attachments:
    """What people and channels do with files. Sync: call it from worker threads."""

    def __init__(self, folder: Path, database: Database, policy: Policy, clock: Clock) -> None:
        self.files = Files(folder)
        self._database, self._policy, self._clock = database, policy, clock
        # Keeping and forgetting touch rows and files together; taken before the database's turn.
        self._lock = threading.Lock()
        self._swept = False

    def begin(
        self, person: Person, *, media: str, name: str, region: str, length: int = 0
    ) -> Upload:
        """Begin to take a file.

        Args:
            person: who sends it.
            media: the `Content-Type` header.
            name: the file's name.
            region: the region it belongs to.
            length: how many bytes are to come, 0 when nobody says.

        Raises:
            Refused: 403 outside the person's scope, 413, 415, 422, 507.
        """
        department = _department(person)
        if not self._policy.permits(person, ADD, region, department):
            raise forbidden(ADD)
        known = rules.read_media(media)
        if length > MOST_BYTES[known]:
            raise _large(known)
        named = rules.clean_name(name, known)
        with _told():
            return Upload(self.files.begin(), known, named, region, department)

    def keep(self, person: Person, upload: Upload) -> Kept:
        """Keep a file that came whole; the same again gives what it was the first time.

        Raises:
            Refused: 422, 507.
        """
        upload.seal()
        made = Attachment(
            attachment_id=f"file-{secrets.token_hex(8)}",
            name=upload.name,
            media=upload.media,
            size=upload.incoming.size,
            sha256=upload.incoming.sha256,
            region=upload.region,
            department=upload.department,
            by=PersonRef(person_id=person.person_id, name=person.name),
            at=self._clock.now(),
        )
        with self._lock:
            with _told():
                self.files.keep(upload.incoming)
            try:
                return self._write(person, made)
            except BaseException:
                self._swept = False
                with suppress(DBAPIError):  # a commit in doubt: the next sweep knows
                    self._database.settle()
                    self._remove_unknown(made.sha256)
                raise

    def open(self, person: Person, attachment_id: str) -> tuple[Attachment, BinaryIO]:
        """Give a file to who may see it, or works on an event that came with it.

        Raises:
            Refused: 404.
        """
        with self._database.read() as view:
            found = table.find(view.connection, [attachment_id]).get(attachment_id)
            if found is None or not (
                self._sees(person, found) or self._works_with(view, person, attachment_id)
            ):
                raise not_found(attachment_id)
        try:
            return found, self.files.open(found.sha256)
        except FileNotFoundError as error:
            raise not_found(attachment_id) from error

    def hold(self, unit: Unit, ids: Sequence[str], event_id: str = "") -> tuple[Attachment, ...]:
        """Keep files for good, inside the unit that refers to them.

        Args:
            unit: the unit that writes what refers to them.
            ids: of attachments, in the order they are shown.
            event_id: the new event that came with them, empty for proof of a step.

        Returns: what is known of each, in that order.

        Raises:
            Refused: 422, one of them is not there, or not any more.
        """
        if not ids:
            return ()
        found = table.find(unit.connection, ids)
        for one in ids:
            if one not in found:
                raise unfit(
                    "attachments",
                    Text("附件不存在或已过期。", "An attachment is not there, or not any more."),
                    Text("重新上传后再提交。", "Upload it again, then hand in."),
                )
        table.hold(unit.connection, ids)
        if event_id:
            table.use(unit.connection, ids, event_id)
        return tuple(found[one] for one in ids)

    def tend(self) -> int:
        """Forget files nobody has referred to for a day, and say how many were removed."""
        with self._lock:
            if not self._swept:
                self._sweep()
            with self._database.write() as unit:
                before = self._clock.now() - LOOSE
                gone = table.forget(unit.connection, before, _AT_ONCE)
                if gone:
                    unit.audit("attachment.forget", "attachment", by=None, detail={"sha256": gone})
            for sha256 in gone:
                self.files.remove(sha256)
        return len(gone)

    def _write(self, person: Person, made: Attachment) -> Kept:
        with self._database.write() as unit:
            seen = table.same(unit.connection, made)
            if seen is not None:
                table.touch(unit.connection, seen.attachment_id, made.at)
                return Kept(seen, new=False)
            table.add(unit.connection, made)
            detail = made.model_dump(mode="json", include={"name", "media", "size", "sha256"})
            unit.audit(ADD, f"attachment/{made.attachment_id}", by=person, detail=detail)
        return Kept(made, new=True)

    def _remove_unknown(self, sha256: str) -> None:
        with self._database.read() as view:
            known = table.is_known(view.connection, sha256)
        if not known:
            self.files.remove(sha256)

    def _sweep(self) -> None:
        with self._database.read() as view:
            known = table.sums(view.connection)
        self.files.sweep(known)
        self._swept = True

    def _sees(self, person: Person, one: Attachment) -> bool:
        return self._policy.permits(person, VIEW, one.region, one.department)

    def _works_with(self, view: View, person: Person, attachment_id: str) -> bool:
        """Tell whether a person's unit has an order of an event that came with a file."""
        if not self._policy.grants(person, VIEW):
            return False
        events = (view.get(Event, one) for one in table.events_of(view.connection, attachment_id))
        return any(
            event is not None and works_on(view, self._policy, person, event) for event in events
        )


def _department(person: Person) -> str:
    first = person.departments[0]
    return OWNER if first == EVERY_DEPARTMENT else first


@contextmanager
def _told() -> Iterator[None]:
    """Say in both languages that the disk does not take a file.

    Raises:
        Refused: 507 `disk_full`, 503 `storage`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise _full() from error
        raise _unwritten() from error


def _full() -> Refused:
    return refuse(
        507,
        "disk_full",
        Text("服务的磁盘已满,文件未保存。", "The service's disk is full; the file was not kept."),
        Text(
            "报告本身仍可提交;请运维腾出空间后再上传。",
            "The report itself can be handed in; have a maintainer make room, then upload.",
        ),
        where="body",
    )


def _unwritten() -> Refused:
    return refuse(
        503,
        "storage",
        Text("文件无法写入磁盘,未保存。", "The file cannot be written; it was not kept."),
        Text("稍后再试;仍不行时请运维检查磁盘。", "Try again soon; else have the disk checked."),
        where="body",
    )


def _large(media: Media) -> Refused:
    most = MOST_BYTES[media] // 1_000_000
    return refuse(
        413,
        "too_large",
        Text(f"文件超过 {most} MB,未保存。", f"The file is over {most} MB; it was not kept."),
        Text("压缩或剪短后再上传。", "Make it smaller or shorter, then upload."),
        where="body",
    )
