"""The service while its PostgreSQL crashes, fills up or hangs: refused with words, then back."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from backend.storage import audit
from backend_client.contract import paths
from backend_client.contract.problem import Problem
from tests.contract.backend.conftest import name_database
from tests.contract.backend.test_gates import GATE, Line, line
from tests.postgres import Server, need_programs
from tests.service import Service, intake, nothing_changes, run, serving

STOP = paths.DEVICE_STOP.format(device_id=GATE)


@pytest.fixture
def own() -> Iterator[Server]:
    """Give a server this test may hurt."""
    server = Server(need_programs()).start()
    yield server
    server.remove()


@pytest.fixture
def folder(own: Server, tmp_path: Path) -> Path:
    """Give a data folder whose database is an empty one of the server."""
    name_database(tmp_path / "data", own.create())
    return tmp_path / "data"


def on_line(folder: Path, body: Callable[[Line], Awaitable[None]]) -> None:
    async def job() -> None:
        async with line(folder) as made:
            await body(made)

    run(job)


def stops(service: Service) -> list[dict[str, object]]:
    with service.parts.database.read() as view:
        rows = audit.page(view.connection, after=0, limit=1_000)
        assert audit.verify(view.connection).fault is None
    return [json.loads(row.detail) for row in rows if row.action == "gate.stop"]


async def refused(service: Service) -> None:
    """See reads and writes refused in both languages."""
    for reply in (
        await service.post("feed", paths.EVENTS, intake(9)),
        await service.get("dispatcher", paths.ITEMS.format(kind="event")),
    ):
        assert (reply.status_code, reply.json()["code"]) == (503, "storage"), reply.text
        told = Problem.model_validate_json(reply.content)
        assert told.what.zh
        assert told.todo.en


def test_stop_reaches_the_device_while_the_database_is_down(own: Server, folder: Path) -> None:
    """Also with a token past its minutes; the books follow when the database is back."""

    async def body(made: Line) -> None:
        service = made.service
        for who in ("operator", "feed", "dispatcher"):
            await service.headers(who)
        await service.get("operator", paths.DEVICES)  # seen once since sign-in
        await asyncio.to_thread(own.end, signal.SIGQUIT)
        with capture_logs():
            await refused(service)
            service.clock.advance(700)
            before = len(made.plant.said(GATE, "stop"))
            reply = await service.post("operator", STOP, {"reason": "有人落水"})
            assert (reply.status_code, reply.json()["accepted"]) == (200, True)
            assert len(made.plant.said(GATE, "stop")) == before + 1
            again = await service.get("operator", paths.DEVICES)
            assert again.status_code in (401, 503)
            nobody = await service.client.post(STOP, headers={"Authorization": "Bearer x"})
            assert nobody.status_code == 401
            await asyncio.to_thread(own.start)
            await made.until(lambda: own_stops(service) == ["有人落水"])
        await service.sign_in("operator")
        reply = await service.post("operator", STOP, {"reason": "again"})
        assert reply.status_code == 401, "the old token counts no more once the database is back"

    on_line(folder, body)


def own_stops(service: Service) -> list[object]:
    try:
        return [detail["reason"] for detail in stops(service)]
    except Exception:  # noqa: BLE001  # the database comes back in its own time
        return []


def test_stop_waits_for_no_database_that_hangs(own: Server, folder: Path) -> None:
    async def body(made: Line) -> None:
        service = made.service
        await service.headers("operator")
        await service.get("operator", paths.DEVICES)
        own.freeze()
        try:
            began = asyncio.get_running_loop().time()
            reply = await service.post("operator", STOP, {})
            took = asyncio.get_running_loop().time() - began
        finally:
            own.thaw()
        assert (reply.status_code, reply.json()["accepted"]) == (200, True)
        assert took < 6.0
        await made.until(lambda: bool(own_stops(service)))

    on_line(folder, body)


def test_a_crash_is_said_and_passes_by_itself(own: Server, folder: Path) -> None:
    async def body() -> None:
        async with serving(folder) as service:
            for who in ("feed", "dispatcher"):
                await service.headers(who)
            assert (await service.post("feed", paths.EVENTS, intake(1))).status_code == 201
            await asyncio.to_thread(own.end, signal.SIGQUIT)
            with capture_logs():
                await refused(service)
            await asyncio.to_thread(own.start)
            for number in (2, 9):
                reply = await service.post("feed", paths.EVENTS, intake(number))
                assert reply.status_code == 201
            with service.parts.database.read() as view:
                changes = view.changes(after=0, limit=100)
            assert [change.n for change in changes or ()] == [1, 2, 3]

    run(body)


def test_a_full_disk_is_said_changes_nothing_and_passes(own: Server, folder: Path) -> None:
    """The server itself raises its own error 53100, as it does when a file cannot grow."""

    async def body() -> None:
        async with serving(folder) as service:
            await service.headers("feed")
            name = "city_1"
            own.run(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
                name,
            )
            own.run(
                "CREATE TRIGGER no_room BEFORE INSERT ON audit FOR EACH ROW "
                "EXECUTE FUNCTION no_room()",
                name,
            )
            with nothing_changes(service), capture_logs():
                reply = await service.post("feed", paths.EVENTS, intake(1))
                assert (reply.status_code, reply.json()["code"]) == (503, "storage")
            own.run("DROP TRIGGER no_room ON audit", name)
            again = await service.post("feed", paths.EVENTS, intake(1))
            assert again.status_code == 201

    run(body)
