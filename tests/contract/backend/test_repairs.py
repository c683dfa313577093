"""The repair list: what the intake door refused is kept, bounded, seen in scope, and seen to."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.services.repairs import MOST_RAW, MOST_WAITING
from backend.storage import audit, repairs
from backend.storage.tables import REPAIR
from backend_client.contract import paths
from backend_client.contract.problem import Problem
from backend_client.contract.repairs import Repair, RepairsPage
from tests.service import START, Service, intake, nothing_changes, serving

LATER = (START + timedelta(days=2)).isoformat()


async def page(service: Service, account: str = "operator", **query: object) -> RepairsPage:
    reply = await service.get(account, paths.REPAIRS, params=query)
    assert reply.status_code == 200, reply.text
    return RepairsPage.model_validate_json(reply.content)


async def send(service: Service, raw: bytes, account: str = "feed") -> httpx.Response:
    headers = {**await service.headers(account), "Content-Type": "application/json"}
    return await service.client.post(paths.EVENTS, content=raw, headers=headers)


async def done(
    service: Service, repair_id: str, outcome: str = "mended", account: str = "operator"
) -> httpx.Response:
    path = paths.REPAIR_DONE.format(repair_id=repair_id)
    return await service.post(account, path, {"outcome": outcome, "note": "已改"})


def bad(number: int = 1, **changed: object) -> dict[str, object]:
    return intake(number, reported_at="昨天下午", **changed)


def test_a_refused_report_is_kept_word_for_word_with_its_reason(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            raw = json.dumps(bad(), ensure_ascii=False, indent=3).encode()
            for account in ("feed", "operator"):
                await service.headers(account)
            with nothing_changes(service):
                reply = await send(service, raw)
            assert reply.status_code == 422
            problem = Problem.model_validate_json(reply.content)
            (row,) = (await page(service)).rows
            assert row.raw == raw.decode()
            assert (row.code, row.where) == (problem.code, problem.where)
            assert (row.code, row.where) == ("invalid", "reported_at")
            assert row.reason == problem.what
            assert (row.channel, row.region, row.department) == ("hotline", "320613", "D41")
            assert (row.by.person_id, row.count, row.is_cut) == ("feed", 1, False)
            assert row.at == service.clock.now()
            assert row.state == "open"

    asyncio.run(job())


def test_every_way_of_being_refused_is_kept_and_what_is_taken_is_not(data: Path) -> None:
    good = json.dumps(intake(), ensure_ascii=False)
    ways: dict[str, bytes] = {
        "invalid": b'{"channel":"hotline"}',
        "unknown_field": good.replace("{", '{"tel":"138", ', 1).encode(),
        "unfit": good.replace(START.isoformat(), LATER).encode(),
        "bad_json": good[:-1].encode(),
        "bad_encoding": good.encode("gb18030"),
        "duplicate_key": good.replace("{", '{"title":"a", ', 1).encode(),
    }

    async def job() -> None:
        async with serving(data) as service:
            for code, raw in ways.items():
                reply = await send(service, raw)
                assert reply.json()["code"] == code
            assert (await send(service, good.encode())).status_code == 201
            assert (await send(service, good.encode())).status_code == 200
            rows = {row.code: row for row in (await page(service)).rows}
            assert set(rows) == set(ways)
            assert rows["bad_encoding"].raw == good, "the words are read in their own encoding"
            assert rows["unfit"].where == "reported_at"

    asyncio.run(job())


def test_the_same_again_is_counted_not_written_twice(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            raw = json.dumps(bad()).encode()
            for _ in range(3):
                await send(service, raw)
            await page(service)
            service.clock.advance(60)
            await send(service, raw)
            (row,) = (await page(service)).rows
            assert (row.count, row.at) == (4, service.clock.now())
            await send(service, raw, "operator")
            assert len((await page(service)).rows) == 2, "another sender's is another one"

    asyncio.run(job())


def test_a_list_is_seen_in_scope_by_those_on_duty_only(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            for region in ("320613", "320623", "3206"):
                await service.post("feed", paths.EVENTS, bad(region=region))
            elsewhere = bad(region="320100")  # not the sender's: it is on the sender's own list
            await service.post("feed", paths.EVENTS, elsewhere)
            await service.post("operator_rudong", paths.EVENTS, bad(2, region="320613"))
            seen = {
                account: sorted(row.region for row in (await page(service, account)).rows)
                for account in ("operator", "duty", "leader", "operator_rudong")
            }
            every = ["3206", "3206", "320613", "320623", "320623"]
            assert seen == {
                "operator": every,
                "duty": every,
                "leader": every,
                "operator_rudong": ["320623", "320623"],
            }
            assert (await page(service, "operator_water")).rows == ()
            for account in ("feed", "maintainer", "auditor"):
                assert (await service.get(account, paths.REPAIRS)).status_code == 403
            there = next(row for row in (await page(service)).rows if row.region == "320613")
            reply = await done(service, there.repair_id, account="operator_rudong")
            assert reply.status_code == 404
            assert (await done(service, there.repair_id, account="leader")).status_code == 403
            assert (await done(service, there.repair_id, account="feed")).status_code == 403
            assert (await done(service, "none")).status_code == 404

    asyncio.run(job())


def test_somebody_sees_to_it_once_and_it_is_audited(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            await service.post("feed", paths.EVENTS, bad(1))
            await service.post("feed", paths.EVENTS, bad(2))
            newest, oldest = (await page(service)).rows
            after = Repair.model_validate_json((await done(service, newest.repair_id)).content)
            assert (after.state, after.note) == ("mended", "已改")
            assert after.done_by is not None
            assert after.done_by.person_id == "operator"
            again = await done(service, newest.repair_id, "dropped")
            assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
            await done(service, oldest.repair_id, "dropped", "duty")
            assert (await page(service, state="open")).rows == ()
            assert [row.state for row in (await page(service)).rows] == ["mended", "dropped"]
            assert (await page(service, state="mended")).rows == (after,)
            await service.post("feed", paths.EVENTS, bad(2))  # the source sends it again
            assert (await page(service, state="open")).rows == (), "what was done stands"
            with service.parts.database.read() as view:
                rows = audit.page(view.connection, after=0, limit=1_000)
                assert audit.verify(view.connection).fault is None
            told = [(row.person_id, row.target) for row in rows if row.action == "repair.done"]
            assert told == [
                ("operator", f"repair/{newest.repair_id}"),
                ("duty", f"repair/{oldest.repair_id}"),
            ]

    asyncio.run(job())


def test_pages_lead_to_the_end(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            for number in range(7):
                await service.post("feed", paths.EVENTS, bad(number))
            seen, before = [], 0
            while True:
                got = await page(service, before=before, limit=3)
                seen += [json.loads(row.raw)["intake_id"] for row in got.rows]
                if got.next is None:
                    break
                before = got.next
            assert seen == [f"hotline-{number}" for number in reversed(range(7))]
            for query in ({"limit": 0}, {"limit": 101}, {"before": -1}, {"state": "lost"}):
                reply = await service.get("operator", paths.REPAIRS, params=query)
                assert reply.status_code == 422, query
                assert Problem.model_validate_json(reply.content).what.zh

    asyncio.run(job())


def test_a_large_item_is_cut_and_strange_letters_do_no_harm(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            large = json.dumps(bad(text="水" * 100_000), ensure_ascii=False).encode()
            assert (await send(service, large)).status_code == 422
            for strange in (b"\x00\x01{", b"\xff\xfe\xfd", b"[" * 5_000, b'{"region":[1],"a":2}'):
                assert (await send(service, strange)).status_code in (400, 422)
            rows = (await page(service)).rows
            assert len(rows) == 5
            assert all(len(row.raw.encode()) <= MOST_RAW for row in rows)
            assert [row.is_cut for row in rows] == [False] * 4 + [True]
            assert rows[-1].raw.startswith(large.decode()[:1_000])
            assert "\x00" not in "".join(row.raw for row in rows)

    asyncio.run(job())


def test_a_flood_is_bounded_and_a_turn_writes_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairs, "KEPT", 250)

    async def job() -> None:
        async with serving(data) as service:
            parts, problem = (
                service.parts,
                Problem.model_validate(
                    {
                        "status": 422,
                        "code": "invalid",
                        "what": {"zh": "a", "en": "a"},
                        "todo": {"zh": "a", "en": "a"},
                    }
                ),
            )
            who = await service.sign_in("feed")
            await service.headers("feed")
            person = parts.auth.authenticate(f"Bearer {who['access']}").person
            for turn in range(3):
                for number in range(1_000):
                    parts.work.repairs.note(person, f"{turn} {number}".encode(), problem)
                await asyncio.to_thread(parts.work.repairs.tend)
            for number in range(100):
                parts.work.repairs.note(person, f"{number}".encode() + b"x" * 60_000, problem)
            got = await page(service, limit=100)
            assert got.lost >= 3 * (1_000 - MOST_WAITING) + 80
            with parts.database.read() as view:
                kept = view.connection.execute(REPAIR.select()).all()
            assert len(kept) == 250
            assert got.rows[0].no == max(row.no for row in kept)

    asyncio.run(job())


def test_what_cannot_be_written_now_is_written_later(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            database = service.parts.database
            await service.headers("feed")
            await service.headers("operator")
            write = database.write

            def away() -> object:
                raise OSError("no disk")

            database.write = away  # type: ignore[method-assign,assignment]  # as a dead disk would
            reply = await send(service, b'{"a":1}')
            assert reply.status_code == 422, "the door answers whatever the list does"
            with pytest.raises(OSError, match="no disk"):
                await asyncio.to_thread(service.parts.work.repairs.tend)
            database.write = write  # type: ignore[method-assign]
            (row,) = (await page(service)).rows
            assert (row.raw, row.count) == ('{"a":1}', 1)

    asyncio.run(job())


def test_what_was_noted_last_is_there_after_a_restart(data: Path) -> None:
    async def job() -> None:
        async with serving(data, lifespan=True) as service:
            await send(service, b'{"a":1}')
        async with serving(data) as service:
            assert [row.raw for row in (await page(service)).rows] == ['{"a":1}']

    asyncio.run(job())
