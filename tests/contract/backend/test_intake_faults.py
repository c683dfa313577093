"""What comes in badly: refused in words and listed without its reporter; the good ones come in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from backend_client.contract import paths
from backend_client.contract.problem import Problem
from backend_client.contract.repairs import RepairsPage
from backend_client.geo import city
from tests import media
from tests.service import Service, intake, nothing_changes, serving

WHO = {"name": "王小明", "contact": "13812345678"}
BAD: dict[str, tuple[dict[str, object], str, str]] = {
    "blank title": ({"title": " \u3000\t"}, "title", "characters nobody sees"),
    "unseen text": ({"text": "\u200b\u200d\ufeff\u2060"}, "text", "characters nobody sees"),
    "filler text": ({"text": "\u3164\u2800\u115f"}, "text", "characters nobody sees"),
    "no text": ({"text": ""}, "text", ""),
    "nowhere": ({"lon": 0.0, "lat": 0.0}, "lon", "0, 0 are no place"),
    "swapped": ({"lon": 32.01, "lat": 120.86}, "lon", "look swapped"),
    "capital": ({"lon": 116.4, "lat": 39.9}, "lon", "outside the city"),
    "river bank": ({"lon": 121.47, "lat": 31.23}, "lon", "outside the city"),
    "off globe": ({"lon": 10.0, "lat": 120.0}, "lat", "not on the globe"),
    "half a place": ({"lat": None}, "lon", "come together"),
    "no number": ({"lon": "120.86"}, "lon", ""),
    "future": ({"reported_at": "2099-01-01T00:00:00+00:00"}, "reported_at", "in the future"),
    "long text": ({"text": "积" * 333_000}, "text", ""),
}
GOOD: dict[str, dict[str, object]] = {
    "emoji": {"title": "🆘", "text": "🔥🔥👩‍🚒"},
    "markup": {"text": "<script>alert(1)</script><img src=x onerror=alert(1)>"},
    "statement": {"text": "'; DROP TABLE work_item;-- ${7*7} {{7*7}} %s"},
    "old signs": {"text": "䶮㙍𠀀 ☂ \u202e倒\u202c"},
    "sea": {"lon": 121.9, "lat": 32.4},
    "bridge": {"lon": 121.0, "lat": 31.78},
    "no place": {"lon": None, "lat": None},
}


async def send(service: Service, body: dict[str, object]) -> tuple[int, bytes]:
    reply = await service.post("feed", paths.EVENTS, body)
    return reply.status_code, reply.content


@pytest.mark.parametrize("name", BAD)
def test_a_bad_report_is_refused_alone_and_listed(name: str, data: Path) -> None:
    changed, where, said = BAD[name]

    async def job() -> None:
        async with serving(data) as service:
            assert (await send(service, intake(1)))[0] == 201
            with nothing_changes(service):
                status, content = await send(service, intake(2, reporter=WHO, **changed))
            problem = Problem.model_validate_json(content)
            assert (status, problem.status, problem.where) == (422, 422, where)
            assert said in problem.what.en
            assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.what.zh)
            if name == "swapped":
                assert problem.todo.en == "If so, they would be longitude 120.86, latitude 32.01."
            assert (await send(service, intake(3)))[0] == 201, "the next one comes in"
            page = await service.get("operator", paths.REPAIRS)
            (row,) = RepairsPage.model_validate_json(page.content).rows
            assert (row.where, row.reason) == (where, problem.what)
            assert WHO["name"] not in row.raw
            assert WHO["contact"] not in row.raw
            assert row.is_cut is (name == "long text")

    asyncio.run(job())


def test_odd_but_good_reports_come_in_as_they_are(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            for number, changed in enumerate(GOOD.values()):
                body = intake(number, **changed)
                status, content = await send(service, body)
                assert status == 201, content
                item_id = json.loads(content)["item_id"]
                path = paths.ITEM.format(kind="event", item_id=item_id)
                event = (await service.get("operator", path)).json()
                for name in ("title", "text", "lon", "lat"):
                    assert event[name] == body[name]

    asyncio.run(job())


def test_a_megabyte_is_refused_before_it_is_read_and_a_lie_of_a_file_is_not_kept(
    data: Path,
) -> None:
    async def job() -> None:
        async with serving(data) as service:
            status, content = await send(service, intake(1, text="a" * 1_000_001))
            assert (status, Problem.model_validate_json(content).code) == (413, "too_large")
            sent = {**await service.headers("feed"), "Content-Type": "image/jpeg"}
            for body in (b"<html><script>", b"MZ" + b"\x00" * 99, media.pdf(), media.png()):
                reply = await service.client.post(
                    paths.ATTACHMENTS,
                    content=body,
                    params={"name": "a.jpg", "region": "320613"},
                    headers=sent,
                )
                assert (reply.status_code, reply.json()["code"]) == (422, "false_type")

    asyncio.run(job())


def test_a_person_mends_an_item_and_hands_it_in_again(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            await send(service, intake(1, reporter=WHO, lon=32.01, lat=120.86))
            page = await service.get("operator", paths.REPAIRS)
            (row,) = RepairsPage.model_validate_json(page.content).rows
            body = json.loads(row.raw)
            asked = {"repair": row.repair_id}
            headers = await service.headers("operator")
            still = await service.client.post(
                paths.EVENTS, json=body, headers=headers, params=asked
            )
            assert still.status_code == 422
            page = await service.get("operator", paths.REPAIRS)
            rows = RepairsPage.model_validate_json(page.content).rows
            assert [one.state for one in rows] == ["open"], "refused again it is not listed twice"
            mended = {**body, "lon": 120.86, "lat": 32.01}
            for account in ("feed", "operator_rudong"):
                no = await service.client.post(
                    paths.EVENTS, json=mended, headers=await service.headers(account), params=asked
                )
                assert no.status_code == 404, "not theirs to mend"
            done = await service.client.post(
                paths.EVENTS, json=mended, headers=headers, params=asked
            )
            assert done.status_code == 201
            event_id = done.json()["item_id"]
            path = paths.ITEM.format(kind="event", item_id=event_id)
            event = (await service.get("operator", path)).json()
            assert event["intake_id"] == "hotline-1", "its channel knows it by its own number"
            assert event["reporter"] == {"name": "王**", "contact": "13*******78"}
            page = await service.get("operator", paths.REPAIRS)
            (row,) = RepairsPage.model_validate_json(page.content).rows
            assert (row.state, row.note) == ("mended", f"→ {event_id}")
            again = await service.client.post(
                paths.EVENTS, json=mended, headers=headers, params=asked
            )
            assert again.status_code == 409

    asyncio.run(job())


def test_a_unit_sees_the_photos_of_its_own_events_only(data: Path) -> None:
    async def job() -> None:
        async with serving(data) as service:
            files = []
            for number, body in enumerate((media.jpeg(), media.png()), 1):
                kind = "image/jpeg" if number == 1 else "image/png"
                headers = {**await service.headers("feed"), "Content-Type": kind}
                query = {"name": "a", "region": "320613"}
                kept = await service.client.post(
                    paths.ATTACHMENTS, content=body, params=query, headers=headers
                )
                files.append(kept.json()["attachment_id"])
                status, content = await send(service, intake(number, attachments=[files[-1]]))
                assert status == 201
                if number == 1:
                    event_id = json.loads(content)["item_id"]

            async def seen(account: str) -> list[int]:
                replies = [
                    await service.get(account, paths.ATTACHMENT.format(attachment_id=one))
                    for one in files
                ]
                return [reply.status_code for reply in replies]

            assert await seen("operator_water") == [404, 404]
            verb = paths.EVENT_VERB.format(item_id=event_id, verb="accept")
            assert (await service.post("dispatcher", verb, {"version": 1})).status_code == 200
            verb = paths.EVENT_VERB.format(item_id=event_id, verb="dispatch")
            way = {"version": 2, "department": "D27", "due_at": "2026-07-21T00:00:00Z"}
            sent = await service.post("dispatcher", verb, way)
            assert sent.status_code == 200, sent.text
            assert await seen("operator_water") == [200, 404]
            assert await seen("operator_police") == [404, 404]
            assert await seen("feed") == [403, 403], "a source brings, it never looks"
            verb = paths.EVENT_VERB.format(item_id=event_id, verb="withdraw")
            off = await service.post("dispatcher", verb, {"version": 3, "reason": "误报"})
            assert off.status_code == 200, off.text
            assert await seen("operator_water") == [404, 404], "taken back, theirs no more"

    asyncio.run(job())


def test_the_ground_is_read_before_the_writer_is_held(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("feed")
            await service.headers("dispatcher")
            done: list[str] = []
            database, area, write = service.parts.database, city.area, service.parts.database.write

            def ground() -> object:
                done.append("ground")
                return area()

            def begun() -> object:
                done.append("write")
                return write()

            monkeypatch.setattr(city, "area", ground)
            monkeypatch.setattr(database, "write", begun)
            head = (await service.post("feed", paths.EVENTS, intake())).json()
            assert done[:2] == ["ground", "write"]
            done.clear()
            path = paths.EVENT_VERB.format(item_id=head["item_id"], verb="locate")
            moved = {"version": 1, "lon": 120.87, "lat": 32.02}
            assert (await service.post("dispatcher", path, moved)).status_code == 200
            assert done[:2] == ["ground", "write"]

    asyncio.run(body())
