"""Files at the door: kept as they came, once, shown to those in scope, gone when nobody wants them.

The door takes no JSON, so its bad input is tried here.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from backend.domain.refused import Refused
from backend.services import attachments
from backend.storage import attachments as table
from backend.storage import audit, files, persons
from backend_client.contract import paths
from backend_client.contract.attachments import MOST_BYTES, Attachment
from backend_client.contract.auth import Person
from backend_client.contract.problem import Problem
from tests import media
from tests.service import Service, nothing_changes, serving

JPEG, PDF, MP4 = "image/jpeg", "application/pdf", "video/mp4"
DAY_S = 24 * 3600.0


async def put(
    service: Service,
    body: bytes | AsyncIterator[bytes],
    kind: str = JPEG,
    *,
    account: str = "feed",
    name: str = "a",
    region: str = "320613",
    **headers: str,
) -> httpx.Response:
    sent = {**await service.headers(account), "Content-Type": kind, **headers}
    query = {"name": name, "region": region}
    return await service.client.post(paths.ATTACHMENTS, content=body, params=query, headers=sent)


async def get(service: Service, account: str, attachment_id: str) -> httpx.Response:
    return await service.get(account, paths.ATTACHMENT.format(attachment_id=attachment_id))


def on_disk(service: Service) -> list[Path]:
    return [path for path in (service.data / "attachments").rglob("*") if path.is_file()]


def refused(reply: httpx.Response) -> tuple[int, str, str]:
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    problem = Problem.model_validate_json(reply.content)
    assert problem.status == reply.status_code
    for text in (problem.what, problem.todo):
        assert text.en.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
    return problem.status, problem.code, problem.where


@pytest.mark.parametrize("kind", media.GOOD)
def test_a_file_comes_back_byte_for_byte_to_be_saved(data: Path, kind: str) -> None:
    body = media.GOOD[kind]()

    async def job() -> None:
        async with serving(data) as service:
            made = await put(service, body, kind, name="积水 现场")
            assert made.status_code == 201, made.text
            known = Attachment.model_validate_json(made.content)
            assert (known.media, known.size) == (kind, len(body))
            assert known.sha256 == hashlib.sha256(body).hexdigest()
            assert (known.region, known.department, known.by.person_id) == ("320613", "D41", "feed")
            reply = await get(service, "operator", known.attachment_id)
            assert (reply.status_code, reply.content) == (200, body)
            headers = reply.headers
            assert headers["content-type"] == kind
            assert headers["content-disposition"].startswith("attachment; filename*=utf-8''%E7")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-length"] == str(len(body))

    asyncio.run(job())


def test_the_place_a_photo_was_taken_at_stays_in_it(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            made = (await put(service, media.jpeg())).json()
            assert media.exif() in (await get(service, "duty", made["attachment_id"])).content

    asyncio.run(job())


def test_the_same_bytes_are_one_file_and_the_same_upload_one_attachment(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            first = await put(service, media.jpeg())
            again = await put(service, media.jpeg())
            assert (first.status_code, again.status_code) == (201, 200)
            assert first.json() == again.json()
            other = await put(service, media.jpeg(), account="operator", region="320623")
            assert other.status_code == 201
            assert other.json()["attachment_id"] != first.json()["attachment_id"]
            assert len(on_disk(service)) == 1

    asyncio.run(job())


def test_only_those_in_scope_see_and_a_source_only_brings(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            made = (await put(service, media.jpeg(), region="320623")).json()["attachment_id"]
            for account, status in (
                ("operator", 200),
                ("dispatcher", 200),
                ("leader", 200),
                ("operator_rudong", 200),
                ("operator_chongchuan", 404),
                ("operator_water", 404),
                ("feed", 403),
                ("maintainer", 403),
                ("auditor", 403),
            ):
                assert (await get(service, account, made)).status_code == status, account
            assert (await get(service, "operator", "none")).status_code == 404
            water = (await put(service, media.png(), "image/png", account="operator_water")).json()
            assert water["department"] == "D27"
            assert (await get(service, "operator_water", water["attachment_id"])).status_code == 200
            for account in ("leader", "maintainer", "auditor"):
                assert refused(await put(service, media.jpeg(), account=account))[0] == 403
            there = await put(service, media.jpeg(), account="operator_chongchuan", region="320623")
            assert refused(there) == (403, "forbidden", "attachment.add")
            assert len(on_disk(service)) == 2

    asyncio.run(job())


def test_every_file_that_lies_is_refused_and_leaves_nothing(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            await service.headers("feed")
            with nothing_changes(service):
                for name, body in media.BAD.items():
                    for kind in media.GOOD:
                        got = refused(await put(service, body, kind))
                        assert got == (422, "false_type", "body"), (name, kind)
                for kind, make in media.GOOD.items():
                    other = JPEG if kind != JPEG else PDF
                    assert refused(await put(service, make(), other))[1] == "false_type"
                large = media.EXE + b"\x00" * 5_000_000
                assert refused(await put(service, large))[1] == "false_type"
                named = await put(service, media.jpeg(), name="a.exe")
                assert refused(named) == (422, "false_type", "name")
            assert on_disk(service) == []

    asyncio.run(job())


def test_every_bad_request_is_refused_in_both_languages(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            body = media.jpeg()
            assert refused(await put(service, b""))[:2] == (422, "unfit")
            for kind in ("", "text/plain", "application/json", "image/svg+xml", "image/" * 900):
                assert refused(await put(service, body, kind))[:2] == (415, "unknown_media")
            for region in ("", "nantong", "320613/x", "3" * 20):
                assert refused(await put(service, body, region=region))[0] == 422
            for name in ("", "a" * 201):
                assert refused(await put(service, body, name=name))[0] == 422
            zero = f"{paths.ATTACHMENTS}?name=%00&region=320613"
            headers = {**await service.headers("feed"), "Content-Type": JPEG}
            assert refused(await service.client.post(zero, content=body, headers=headers))[0] == 400
            bare = await service.client.post(paths.ATTACHMENTS, content=body, headers=headers)
            assert refused(bare)[0] == 422
            nobody = await service.client.post(zero.replace("%00", "a"), content=body)
            assert refused(nobody)[0] == 401
            told = await put(service, body, **{"Content-Length": "100000001"})
            assert refused(told)[:2] == (413, "too_large")
            assert on_disk(service) == []

    asyncio.run(job())


@pytest.mark.parametrize("kind", [PDF, MP4])
def test_an_endless_file_is_cut_at_its_type_s_limit(data: Path, kind: str) -> None:
    head = media.GOOD[kind]()
    most = MOST_BYTES[kind]  # type: ignore[index]  # a type of the table
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield head
        while sent < 3 * most:
            sent += 1_000_000
            yield b"\x00" * 1_000_000

    async def job() -> None:
        async with serving(data) as service:
            got = refused(await put(service, endless(), kind))
            assert got == (413, "too_large", "body")
            assert most - 2_000_000 < sent <= most + 2_000_000
            assert on_disk(service) == []
            whole = head + b"\x00" * (most - len(head))
            assert (await put(service, whole, kind)).status_code == 201
            assert (await put(service, whole + b"\x00", kind)).status_code == 413

    asyncio.run(job())


@contextmanager
def files_no_larger_than(most: int) -> Iterator[None]:
    """Let the kernel refuse every byte of a file beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left(data: Path) -> None:
    large = media.jpeg() + b"\x00" * 15_000_000

    async def job() -> None:
        async with serving(data) as service:
            await service.headers("feed")
            with nothing_changes(service), files_no_larger_than(10_000_000):
                assert refused(await put(service, large)) == (507, "disk_full", "body")
            assert on_disk(service) == []
            assert (await put(service, large)).status_code == 201

    asyncio.run(job())


def test_room_is_left_for_the_database(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def job() -> None:
        async with serving(data) as service:
            service.parts.work.attachments.files.free = 10**18
            assert refused(await put(service, media.jpeg()))[:2] == (507, "disk_full")
            service.parts.work.attachments.files.free = files.FREE

            def broken(*_: object) -> None:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

            with monkeypatch.context() as disk:
                disk.setattr(os, "fsync", broken)
                assert refused(await put(service, media.jpeg()))[:2] == (503, "storage")
            assert on_disk(service) == []

    asyncio.run(job())


def test_a_full_database_leaves_no_file(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            await service.headers("feed")

            def cap(pages: int) -> None:
                with service.parts.database.write() as unit:
                    unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

            cap(1)
            with capture_logs():
                for number in range(40):  # a page may have room for some rows
                    reply = await put(service, media.jpeg() + bytes([number]), name="长" * 190)
                    if reply.status_code != 201:
                        break
            assert refused(reply)[:2] == (503, "storage")
            cap(1_000_000)
            assert len(on_disk(service)) == number
            assert (await put(service, media.png(), "image/png")).status_code == 201

    asyncio.run(job())


def test_a_sender_who_hangs_up_leaves_nothing(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            headers = await service.headers("feed")
            told = {**headers, "content-type": JPEG}
            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "POST",
                "scheme": "http",
                "path": paths.ATTACHMENTS,
                "raw_path": paths.ATTACHMENTS.encode(),
                "root_path": "",
                "query_string": b"name=a&region=320613",
                "headers": [(k.lower().encode(), v.encode()) for k, v in told.items()],
                "client": ("test", 1),
                "server": ("service", 80),
            }
            coming: list[dict[str, object]] = [
                {"type": "http.request", "body": media.jpeg() * 9_000, "more_body": True},
                {"type": "http.disconnect"},
            ]
            seen: list[int] = []

            async def receive() -> dict[str, object]:
                seen.append(len(on_disk(service)))
                return coming.pop(0)

            said: list[dict[str, object]] = []

            async def send(message: dict[str, object]) -> None:
                said.append(message)

            await service.app(scope, receive, send)  # type: ignore[arg-type]  # a bare request
            assert seen == [1, 1], "the file was on its way in"
            assert said[0]["status"] == 400
            assert on_disk(service) == []

    asyncio.run(job())


def test_so_many_at_once_and_no_more(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            at_once = int(service.parts.uploads.total_tokens)
            await service.headers("feed")
            go = asyncio.Event()

            async def slow() -> AsyncIterator[bytes]:
                yield media.jpeg()
                await go.wait()
                yield b"\x00"

            waiting = [asyncio.create_task(put(service, slow())) for _ in range(at_once)]
            async with asyncio.timeout(10):
                while service.parts.uploads.available_tokens:  # noqa: ASYNC110  not ours to tell
                    await asyncio.sleep(0.01)
            busy = await put(service, media.jpeg())
            assert refused(busy)[:2] == (503, "busy")
            assert busy.headers["retry-after"] == "3"
            assert (await service.get("operator", paths.ME)).status_code == 200
            go.set()
            done = [reply.status_code for reply in await asyncio.gather(*waiting)]
            assert sorted(done) == [200] * (at_once - 1) + [201]
            assert len(on_disk(service)) == 1

    asyncio.run(job())


def test_what_nothing_refers_to_is_forgotten_after_a_day(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            parts = service.parts
            loose = (await put(service, media.jpeg())).json()["attachment_id"]
            held = (await put(service, media.pdf(), PDF)).json()["attachment_id"]
            with parts.database.write() as unit:
                found = parts.work.attachments.hold(unit, [held])
            assert [one.attachment_id for one in found] == [held]
            service.clock.advance(DAY_S - 60)
            later = (await put(service, media.png(), "image/png", account="feed")).status_code
            assert later == 401  # the token is older than a day
            service.forget_tokens()
            twin = await put(service, media.jpeg(), account="operator")
            assert twin.status_code == 201
            assert await asyncio.to_thread(parts.work.attachments.tend) == 0
            service.clock.advance(120)
            assert await asyncio.to_thread(parts.work.attachments.tend) == 0, "another has the same"
            service.forget_tokens()
            assert (await get(service, "duty", loose)).status_code == 404
            assert (await get(service, "duty", twin.json()["attachment_id"])).status_code == 200
            service.clock.advance(DAY_S)
            service.forget_tokens()
            assert await asyncio.to_thread(parts.work.attachments.tend) == 1
            assert (await get(service, "duty", held)).content == media.pdf()
            assert len(on_disk(service)) == 1
            with parts.database.read() as view:
                rows = audit.page(view.connection, after=0, limit=1_000)
                assert audit.verify(view.connection).fault is None
            assert [row.action for row in rows].count("attachment.forget") == 1

    asyncio.run(job())


def test_what_is_not_there_cannot_be_held_and_a_unit_that_fails_holds_nothing(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            parts = service.parts
            made = (await put(service, media.jpeg())).json()["attachment_id"]
            for ids in ([made, "none"], ["none"]):
                with pytest.raises(Refused) as caught, parts.database.write() as unit:
                    parts.work.attachments.hold(unit, ids)
                assert (caught.value.problem.status, caught.value.problem.where) == (
                    422,
                    "attachments",
                )
            service.clock.advance(DAY_S + 1)
            assert await asyncio.to_thread(parts.work.attachments.tend) == 1

    asyncio.run(job())


def test_a_restart_removes_what_a_crash_left(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            kept = (await put(service, media.jpeg())).json()
        folder = data / "attachments"
        (folder / "incoming" / "half").write_bytes(b"half a file")
        orphan = folder / kept["sha256"][:2] / ("f" * 64)
        orphan.write_bytes(b"renamed, and then the power went")
        async with serving(data) as service:
            assert not list((folder / "incoming").iterdir())
            await asyncio.to_thread(service.parts.work.attachments.tend)
            assert [path.name for path in on_disk(service)] == [kept["sha256"]]

    asyncio.run(job())


def test_keeping_and_forgetting_at_once_never_part_rows_from_files(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes come again and again while everything is forgotten at once."""
    monkeypatch.setattr(attachments, "LOOSE", timedelta(days=-1))

    async def job() -> None:
        async with serving(data) as service:
            with service.parts.database.read() as view:
                known = persons.account(view.connection, "feed")
            assert known is not None
            await asyncio.to_thread(race, service, known.person)

    def race(service: Service, person: Person) -> None:
        made, over, faults = service.parts.work.attachments, threading.Event(), list[str]()

        def forget() -> None:
            while not over.is_set():
                made.tend()

        thread = threading.Thread(target=forget)
        thread.start()
        for number in range(150):
            upload = made.begin(person, media=JPEG, name=f"{number}", region="320613")
            upload.add(media.jpeg())
            made.keep(person, upload)
            with made._lock, service.parts.database.read() as view:
                rows = table.sums(view.connection)
                if rows != {path.name for path in on_disk(service)}:
                    faults.append(f"{number}: {rows}")
        over.set()
        thread.join()
        assert faults == []

    asyncio.run(job())
