"""Search: names, plates, numbers, events and places, in the reader's scope, from the index."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend.domain.search import Rank, Scope, question
from backend_client.contract import paths
from backend_client.contract.search import Hit, Hits
from tests.contract.backend.test_layers import put, station
from tests.service import Service, intake, run, serving

ROWS: tuple[dict[str, object], ...] = (
    station(
        1, name="人民中路水位站", properties={"name_en": "Renmin Rd gauge", "code": "60117400"}
    ),
    station(2, name="人民路水位站", region="320623"),
    station(3, name="九圩港闸", properties={"duty_phone": "0513-8501 2345"}),
    station(4, name="海港引河南闸", department="D33"),
)
LORRY = station(
    9,
    kind="lorry",
    name="危货 9",
    department="D33",
    lon=None,
    lat=None,
    value=None,
    properties={"plate": "苏F·D3017挂", "waybill": "YD20260720-0009", "note": "柴油"},
)


async def find(service: Service, words: str, account: str = "operator", limit: int = 20) -> Hits:
    """Ask as an account."""
    reply = await service.get(account, paths.SEARCH, params={"q": words, "limit": limit})
    assert reply.status_code == 200, reply.text
    return Hits.model_validate_json(reply.content)


async def names(service: Service, words: str, account: str = "operator") -> list[str]:
    return [hit.name for hit in (await find(service, words, account)).hits if hit.what != "place"]


async def fill(service: Service) -> None:
    await put(service, "water", *ROWS)
    await put(service, "hazmat", LORRY)
    await index(service)


async def index(service: Service) -> None:
    await asyncio.to_thread(service.parts.indexing.finish)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("苏F·D3017挂", ["危货 9"]),
        ("苏FD3017挂", ["危货 9"]),
        ("苏f d3017", ["危货 9"]),
        ("苏Ｆ·Ｄ３０１７挂", ["危货 9"]),
        ("3017", ["危货 9"]),
        ("yd20260720", ["危货 9"]),
        ("0009", ["危货 9"]),
        ("柴油", []),  # a remark is no name and no number
        ("闸", ["九圩港闸", "海港引河南闸"]),
        ("人民", ["人民路水位站", "人民中路水位站"]),
        ("人民中路", ["人民中路水位站"]),
        ("renmin", ["人民中路水位站"]),
        ("60117400", ["人民中路水位站"]),
        ("85012345", ["九圩港闸"]),
        ("S3", ["九圩港闸"]),
        ("水位人民", []),
        ("没有这个名字", []),
    ],
)
def test_what_is_found_by_which_words(data: Path, words: str, expected: list[str]) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            assert sorted(await names(service, words)) == sorted(expected)

    run(body)


def test_a_hit_says_where_it_stands_and_where_the_thing_is(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            (hit,) = (await find(service, "3017")).hits
            assert hit == Hit(
                what="feature",
                layer="hazmat",
                oid=1,
                kind="lorry",
                name="危货 9",
                region="320613",
                field="plate",
                text="苏F·D3017挂",
                lon=None,
                lat=None,
            )
            at = service.clock.now().isoformat()
            fix = {"id": "S9", "lon": 121.05, "lat": 32.05, "observed_at": at}
            await service.post("feed", paths.POSITIONS, {"layer": "hazmat", "fixes": [fix]})
            (moved,) = (await find(service, "3017")).hits
            assert (moved.lon, moved.lat) == (121.05, 32.05)

    run(body)


def test_the_whole_name_comes_before_its_beginning_and_that_before_the_rest(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(
                service,
                "water",
                station(1, name="老试闸"),
                station(2, name="试闸二号"),
                station(3, name="试闸"),
            )
            await index(service)
            assert await names(service, "试闸") == ["试闸", "试闸二号", "老试闸"]
            short = await find(service, "试闸", limit=1)
            assert ([hit.name for hit in short.hits], short.more) == (["试闸"], True)
            whole = await find(service, "试闸", limit=3)
            assert ([hit.oid for hit in whole.hits], whole.more) == ([3, 2, 1], False)

    run(body)


def test_readers_find_only_what_they_see(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            assert await names(service, "人民", "operator_rudong") == ["人民路水位站"]
            assert await names(service, "人民", "operator_chongchuan") == ["人民中路水位站"]
            assert await names(service, "闸", "operator_water") == ["九圩港闸"]
            await service.post("feed", paths.EVENTS, intake(1))
            await index(service)
            assert await names(service, "积水", "operator_chongchuan") == ["路面积水"]
            assert await names(service, "积水", "operator_rudong") == []
            refused = await service.get("feed", paths.SEARCH, params={"q": "闸"})
            assert refused.status_code == 403

    run(body)


def test_what_has_left_a_readers_scope_is_not_found_before_it_is_indexed(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            await put(service, "water", station(3, name="九圩港闸", region="320623"))
            await put(service, "water", station(1, name="人民中路水位站", department="D33"))
            assert await names(service, "九圩港", "operator_chongchuan") == []
            assert await names(service, "人民中路", "operator_water") == []
            assert await names(service, "九圩港") == ["九圩港闸"]

    run(body)


def test_events_are_found_once_by_title_place_and_number(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            head = (await service.post("feed", paths.EVENTS, intake(7))).json()
            await index(service)
            for words in ("路面积水", "人民中", "hotline-7", head["item_id"]):
                (hit,) = (await find(service, words)).hits
                assert (hit.what, hit.item_id, hit.lon) == ("event", head["item_id"], 120.86)
            moved = {"version": 1, "lon": 120.9, "lat": 32.0, "place": "青年西路"}
            verb = f"/v1/events/{head['item_id']}/locate"
            assert (await service.post("operator", verb, moved)).status_code == 200
            await index(service)
            assert await names(service, "青年西路") == ["路面积水"]
            assert await names(service, "人民中") == []

    run(body)


def test_places_are_found_by_name_code_and_english(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for words in ("崇川区", "chongchuan", "320613"):
                first = (await find(service, words)).hits[0]
                assert (first.what, first.region, first.lon) == ("place", "320613", 120.857)
            towns = (await find(service, "平潮")).hits
            assert [(hit.kind, hit.lon) for hit in towns] == [("town", 120.755)]

    run(body)


def test_what_is_renamed_or_gone_is_found_no_more_by_its_old_words(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            await put(service, "water", station(3, name="新闸"), remove=["S4"])
            await index(service)
            assert await names(service, "九圩港") == []
            assert await names(service, "海港") == []
            assert await names(service, "闸") == ["新闸"]
            asked = question("海港引河", Rank.HOLDS, Scope())
            assert service.parts.search.index.find(asked, after=0, limit=9) == []

    run(body)


def test_what_was_owed_at_a_crash_is_found_after_the_next_start(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", *ROWS[:2])
            await index(service)
            await put(service, "water", ROWS[2], remove=["S1"])
            await service.post("feed", paths.EVENTS, intake(1))
        async with serving(data) as service:  # nothing of the second batch was indexed
            service.clock.advance(600)
            assert service.parts.indexing.is_behind
            await index(service)
            assert not service.parts.indexing.is_behind
            assert await names(service, "九圩港") == ["九圩港闸"]
            assert await names(service, "人民中路水") == []
            assert await names(service, "积水") == ["路面积水"]
        async with serving(data) as service:
            assert not service.parts.indexing.is_behind

    run(body)


@pytest.mark.parametrize("harm", ["gone", "garbage", "other database"])
def test_a_lost_index_is_made_again(data: Path, harm: str) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
        path = data / "search.db"
        if harm == "gone":
            path.unlink()
        elif harm == "garbage":
            path.write_bytes(b"not a database" * 1000)
        async with serving(data) as service:
            service.clock.advance(600)
            if harm == "other database":
                service.parts.search.index.close()
                from backend.storage.search import Index

                Index(path, "another epoch").close()
        async with serving(data) as service:
            service.clock.advance(1200)
            await index(service)
            assert await names(service, "3017") == ["危货 9"]

    run(body)


def test_words_without_a_letter_are_refused_in_both_languages(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for words, code in (("·", "unfit"), ("", "invalid"), ("x" * 101, "invalid")):
                reply = await service.get("operator", paths.SEARCH, params={"q": words})
                problem = reply.json()
                assert (reply.status_code, problem["code"]) == (422, code)
                assert problem["what"]["zh"]
                assert problem["what"]["en"]

    run(body)


@pytest.mark.parametrize(
    "words", ['"', "a OR b", "NEAR(", "x*", "人民' --", "\ue000人", "%", "AND"]
)
def test_words_are_never_a_question_of_the_engine(data: Path, words: str) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            reply = await service.get("operator", paths.SEARCH, params={"q": words})
            assert reply.status_code in (200, 422), reply.text

    run(body)
