"""An account of a channel stands for that channel alone; an older database gets such accounts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy import delete, text

from backend.services import accounts
from backend.services.passwords import Passwords
from backend.storage.database import Database
from backend.storage.tables import PERSON
from backend_client.contract import paths
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Channel
from tests.contract.backend.cases import begin
from tests.service import START, Service, fast_hasher, intake, nothing_changes, serving

OWN = {f"channel_{channel.value}": channel.value for channel in Channel}


def answers(channel: str) -> str:
    return f"{paths.ANSWERS}?channel={channel}"


def test_a_channel_hands_in_and_hears_by_its_own_account_only(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for number, (account, own) in enumerate(OWN.items()):
                other = "hotline" if own != "hotline" else "police"
                await service.headers(account)
                with nothing_changes(service):
                    reply = await service.post(account, paths.EVENTS, intake(99, channel=other))
                    assert (reply.status_code, reply.json()["code"]) == (403, "other_channel")
                    assert own in reply.json()["what"]["en"]
                    assert own in reply.json()["what"]["zh"]
                    assert reply.json()["where"] == "channel"
                    assert (await service.get(account, answers(other))).status_code == 403
                taken = await service.post(account, paths.EVENTS, intake(number, channel=own))
                assert taken.status_code == 201
                assert (await service.get(account, answers(own))).status_code == 200
            for own in OWN.values():
                assert (await service.get("feed", answers(own))).status_code == 200

    asyncio.run(body())


def test_an_answer_is_told_by_its_own_channel_or_not_at_all(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await begin(service, 1)
            await begin(service, 2, channel="police")
            service.clock.advance(11)
            owed = {
                channel: [one["n"] for one in (await read(service, channel))]
                for channel in ("hotline", "police")
            }
            both = {"numbers": [*owed["hotline"], *owed["police"]]}
            await service.headers("channel_police")
            with nothing_changes(service):
                reply = await service.post("channel_police", paths.ANSWERS_TOLD, both)
                assert (reply.status_code, reply.json()["code"]) == (403, "other_channel")
            assert len(await read(service, "police")) == 1, "none of them is noted"
            own = {"numbers": owed["police"]}
            reply = await service.post("channel_police", paths.ANSWERS_TOLD, own)
            assert reply.status_code == 204
            assert await read(service, "police") == []
            assert len(await read(service, "hotline")) == 1

    asyncio.run(body())


async def read(service: Service, channel: str) -> list[dict[str, object]]:
    return list((await service.get("feed", answers(channel))).json()["answers"])


def test_binding_counts_from_the_next_request(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            sent = intake(1, channel="web")
            assert (await service.post("channel_police", paths.EVENTS, sent)).status_code == 403
            database = service.parts.database
            accounts.bind(database, "channel_police", (Channel.POLICE, Channel.WEB))
            assert (await service.post("channel_police", paths.EVENTS, sent)).status_code == 201
            accounts.bind(database, "feed", (Channel.POLICE,))
            sent = intake(2, channel="web")
            assert (await service.post("feed", paths.EVENTS, sent)).status_code == 403
            accounts.bind(database, "feed", ())
            assert (await service.post("feed", paths.EVENTS, sent)).status_code == 201

    asyncio.run(body())


def test_an_older_database_gets_the_accounts_it_lacks_and_keeps_the_others(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("channel_web")
            database, file = service.parts.database, data / accounts.FIRST_FILE
            gone = ("channel_police", "channel_camera")
            with database.write() as unit:
                lost = PERSON.c.person_id.in_(gone)
                unit.connection.execute(delete(PERSON).where(lost))
            assert {one.account for one in accounts.missing(database)} == set(gone)
            made = accounts.complete(database, Passwords(fast_hasher()), data)
            assert made == file
            assert file.stat().st_mode & 0o777 == 0o600
            lines = {one["account"]: one for one in json.loads(file.read_text("utf-8"))}
            assert len(lines) == len(service.accounts)
            changed = {name for name, one in lines.items() if one != service.accounts[name]}
            assert changed == set(gone)
            service.accounts.update(lines)
            police, other = intake(1, channel="police"), intake(2)
            assert (await service.post("channel_police", paths.EVENTS, police)).status_code == 201
            assert (await service.post("channel_police", paths.EVENTS, other)).status_code == 403
            web = await service.post("channel_web", paths.EVENTS, intake(3, channel="web"))
            assert web.status_code == 201, "who was there stays signed in"
            accounts.close_account(database, "channel_camera")
            assert accounts.complete(database, Passwords(fast_hasher()), data) is None
            with database.read() as view:
                rows = view.connection.execute(
                    text("SELECT target FROM audit WHERE action = 'account.make'")
                )
                made_once = [row.target for row in rows].count("account/channel_web")
            assert made_once == 1

    asyncio.run(body())


def test_a_database_nobody_has_an_account_in_is_left_to_its_first_start(tmp_path: Path) -> None:
    database = Database(tmp_path / "city.db", ManualClock(START), lambda _: None)
    assert accounts.complete(database, Passwords(fast_hasher()), tmp_path) is None
    assert accounts.make_first(database, Passwords(fast_hasher()), tmp_path) is not None
    assert accounts.missing(database) == ()
    database.close()
