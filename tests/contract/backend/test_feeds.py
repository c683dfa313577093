"""Feeds: registered by owners, judged by what really comes through the doors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from backend.storage.tables import PERSON
from backend_client.contract import paths
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.feeds import Feed, FeedFault, FeedState
from tests.contract.backend.test_layers import station
from tests.service import Service, intake, run, serving, stream

PERIOD_S = 60


def gauges(**changed: object) -> dict[str, object]:
    """Give a registration."""
    return {
        "title": {"zh": "水位站", "en": "Level stations"},
        "layer": "water",
        "region": "3206",
        "department": "D27",
        "period_s": float(PERIOD_S),
        "contact": "水利局值班室",
        "phone": "0513-0000",
        **changed,
    }


async def register(service: Service, account: str = "feed", **feeds: object) -> dict[str, int]:
    reply = await service.client.put(
        paths.FEEDS, headers=await service.headers(account), json={"feeds": feeds}
    )
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def bring(
    service: Service,
    values: Sequence[float] = (2.5, 2.6, 2.7, 2.8, 2.9, 3.1),
    *,
    feed: str = "gauges",
    layer: str = "water",
    old_s: float = 0.0,
    first: int = 1,
    **changed: object,
) -> dict[str, object]:
    """Send one batch of readings, measured so many seconds ago."""
    at = service.clock.now() - timedelta(seconds=old_s)
    rows = [
        station(number, value=value, observed_at=at.isoformat(), properties={}, **changed)
        for number, value in enumerate(values, first)
    ]
    reply = await service.client.put(
        f"/v1/layers/{layer}/features",
        headers=await service.headers("feed"),
        json={"features": rows, "feed": feed},
    )
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def later(service: Service, seconds: float) -> None:
    """Let time go by; who asks afterwards signs in anew, as tokens are short."""
    service.clock.advance(seconds)
    if seconds > 5 * PERIOD_S:
        service._tokens.clear()


async def tended(service: Service, feed_id: str = "gauges") -> Feed:
    """Do the housekeeping of the second and read a feed as an operator."""
    await asyncio.to_thread(service.parts.feeds.tend)
    reply = await service.get("operator", f"/v1/items/feed/{feed_id}")
    assert reply.status_code == 200, reply.text
    return Feed.model_validate_json(reply.content)


async def alarms(service: Service) -> list[Alarm]:
    page = (await service.get("operator", "/v1/items/alarm")).json()
    return [Alarm.model_validate(item) for item in page["items"]]


def test_registration_is_audited_idempotent_and_in_scope(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            assert await register(service, gauges=gauges()) == {
                "added": 1,
                "changed": 0,
                "removed": 0,
            }
            first = await tended(service)
            assert (first.state, first.fault, first.allowed) == (
                FeedState.WAITING,
                FeedFault.NONE,
                (),
            )
            again = await register(service, gauges=gauges())
            assert again == {"added": 0, "changed": 0, "removed": 0}
            assert (await tended(service)).version == first.version
            other = await register(service, "maintainer", gauges=gauges(phone="0513-1111"))
            assert other["changed"] == 1
            assert (await tended(service)).phone == "0513-1111"
            refused = await service.client.put(
                paths.FEEDS,
                headers=await service.headers("operator"),
                json={"feeds": {"gauges": gauges()}},
            )
            assert refused.status_code == 403
            bad = await service.client.put(
                paths.FEEDS,
                headers=await service.headers("feed"),
                json={"feeds": {"gauges": gauges(period_s=0.0)}},
            )
            assert (bad.status_code, bad.json()["where"]) == (422, "feeds.gauges.period_s")
            trail = (await service.get("auditor", paths.AUDIT)).json()["rows"]
            told = [row for row in trail if row["action"] == "feed.register"]
            assert [row["person_id"] for row in told] == ["feed", "maintainer"]

    run(body)


def test_a_list_outside_the_scope_registers_nothing(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            foreign = gauges(region="3201")
            reply = await service.client.put(
                paths.FEEDS,
                headers=await service.headers("feed"),
                json={"feeds": {"own": gauges(), "foreign": foreign}},
            )
            assert (reply.status_code, reply.json()["where"]) == (403, "feeds.foreign")
            page = (await service.get("operator", "/v1/items/feed")).json()
            assert page["items"] == []

    run(body)


def test_health_rides_the_stream_in_the_readers_scope_and_is_not_audited(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            operator = await service.headers("operator")
            rudong = await service.headers("operator_rudong")
            await register(service, gauges=gauges(region="320613"))
            async with stream(service, operator) as seen, stream(service, rudong) as unseen:
                await seen.event("beat")
                await unseen.until_beat()
                await bring(service)
                change = await seen.event("change")
                item = change["item"]
                assert isinstance(item, dict)
                assert (item["kind"], item["state"], item["accepted"]) == ("feed", "live", 6)
                assert all(kind != "change" for kind, _ in await unseen.until_beat())
            trail = (await service.get("auditor", paths.AUDIT)).json()["rows"]
            assert sum("feed/gauges" in row["target"] for row in trail) == 1

    run(body)


def test_silence_is_late_then_dead_with_one_alarm_that_returns(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            await register(service, gauges=gauges())
            await bring(service)
            assert (await tended(service)).state is FeedState.LIVE
            later(service, PERIOD_S * 1.5)
            assert (await tended(service)).state is FeedState.LATE
            assert await alarms(service) == []
            later(service, PERIOD_S * 1.6)
            dead = await tended(service)
            assert dead.state is FeedState.DEAD
            (raised,) = await alarms(service)
            assert (raised.state, raised.level, raised.source_kind, raised.source_id) == (
                AlarmState.NEW,
                3,
                "feed",
                "gauges",
            )
            assert "水利局值班室 0513-0000" in raised.action.zh
            later(service, PERIOD_S * 5)
            assert (await tended(service)).version == dead.version
            assert len(await alarms(service)) == 1
            await bring(service)
            assert (await tended(service)).state is FeedState.LIVE
            (returned,) = await alarms(service)
            assert returned.state is AlarmState.RETURNED

    run(body)


def test_a_dead_feed_struck_off_returns_its_alarm(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            await register(service, gauges=gauges())
            await bring(service)
            await tended(service)
            later(service, PERIOD_S * 4)
            await tended(service)
            for expected in (1, 0):
                reply = await service.client.put(
                    paths.FEEDS,
                    headers=await service.headers("feed"),
                    json={"remove": ["gauges"]},
                )
                assert reply.json()["removed"] == expected
            (alarm,) = await alarms(service)
            assert alarm.state is AlarmState.RETURNED
            gone = await service.get("operator", "/v1/items/feed/gauges")
            assert gone.status_code == 404
            await bring(service)  # taken in, counted nowhere
            await asyncio.to_thread(service.parts.feeds.tend)

    run(body)


def test_counts_are_written_once_a_period_and_at_once_when_the_state_changes(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            await register(service, gauges=gauges())
            await bring(service)
            live = await tended(service)
            for _ in range(5):
                later(service, 10)
                await bring(service)
                assert (await tended(service)).version == live.version
            later(service, 10)
            await bring(service)
            told = await tended(service)
            assert (told.version, told.accepted) == (live.version + 1, 42)

    run(body)


def test_a_restart_keeps_the_counts_and_midnight_of_the_city_ends_them(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            await register(service, gauges=gauges())
            await bring(service)
            clock = service.clock
        clock.advance(PERIOD_S * 100)  # the service was down, not the feed
        async with serving(data, clock=clock) as service:
            await service.headers("operator")
            back = await tended(service)
            assert (back.state, back.accepted) == (FeedState.LIVE, 6)
            assert await alarms(service) == []
            await bring(service)
            later(service, PERIOD_S)
            await bring(service)
            assert (await tended(service)).accepted == 18
            midnight = service.clock.now().replace(hour=16, minute=0, second=1)
            later(service, (midnight - service.clock.now()).total_seconds())
            await bring(service)
            assert (await tended(service)).accepted == 6

    run(body)


def test_readings_in_another_unit_are_refused_until_they_are_right_again(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, gauges=gauges())
            assert (await bring(service))["rejected"] == []
            later(service, PERIOD_S)
            values = [250.0, 260.0, 270.0, 280.0, 290.0, 310.0]
            made = await bring(service, values)
            rejected = made["rejected"]
            assert isinstance(rejected, list)
            assert (made["accepted"], len(rejected)) == (0, 6)
            assert rejected[0]["where"] == "value"
            assert "100 倍" in rejected[0]["zh"]
            assert "another unit" in rejected[0]["en"]
            wrong = await tended(service)
            assert (wrong.fault, wrong.rejected) == (FeedFault.UNIT, 6)
            assert "100" in wrong.last_rejection.en
            layer = (await service.get("operator", "/v1/layers/water/features/1")).json()
            assert layer["value"] == 2.5
            later(service, PERIOD_S)
            assert (await bring(service))["rejected"] == []
            assert (await tended(service)).fault is FeedFault.NONE

    run(body)


def test_a_changed_registration_makes_the_next_batch_the_new_normal(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, gauges=gauges())
            await bring(service)
            later(service, PERIOD_S)
            values = [250.0, 260.0, 270.0, 280.0, 290.0, 310.0]
            assert (await bring(service, values))["accepted"] == 0
            await register(service, gauges=gauges())  # the same again changes nothing
            assert (await bring(service, values))["accepted"] == 0
            title = {"zh": "水位站（厘米）", "en": "Level stations (cm)"}
            await register(service, gauges=gauges(title=title))
            assert (await bring(service, values))["accepted"] == 6
            assert (await tended(service)).fault is FeedFault.NONE

    run(body)


def test_other_kinds_of_a_batch_in_a_wrong_unit_are_kept(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, gauges=gauges())
            at = service.clock.now().isoformat()

            async def mixed(level: float) -> dict[str, object]:
                rows = [
                    station(n, value=level * (1 + n / 10), observed_at=at, kind=kind, properties={})
                    for n, kind in enumerate(["level_station"] * 6 + ["rain_gauge"] * 6)
                ]
                for row in rows[6:]:
                    row["value"] = 4.0
                reply = await service.client.put(
                    "/v1/layers/water/features",
                    headers=await service.headers("feed"),
                    json={"features": rows, "feed": "gauges"},
                )
                return dict(reply.json())

            await mixed(2.0)
            made = await mixed(200.0)
            rejected = made["rejected"]
            assert isinstance(rejected, list)
            assert made["accepted"] == 6
            assert [one["index"] for one in rejected] == list(range(6))

    run(body)


# How a real feed goes wrong, per period: what it sends, and what is then said of it.
@pytest.mark.parametrize(
    ("old_s", "twice", "region", "fault"),
    [
        (2.0, False, "320613", FeedFault.NONE),
        (400.0, False, "320613", FeedFault.BEHIND),
        (-30.0, False, "320613", FeedFault.CLOCK),
        (-7200.0, False, "320613", FeedFault.CLOCK),  # refused as of the future, and named
        (8 * 3600.0, False, "320613", FeedFault.CLOCK),
        (2.0, True, "320613", FeedFault.DOUBLED),
        (2.0, False, "3201", FeedFault.REFUSED),
    ],
)
def test_each_fault_shows_at_the_door_and_is_gone_when_the_feed_is_right(
    data: Path, old_s: float, twice: bool, region: str, fault: FeedFault
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            await register(service, gauges=gauges())
            for _ in range(4):
                later(service, PERIOD_S)
                for _again in range(1 + twice):
                    await bring(service, old_s=old_s, region=region)
            wrong = await tended(service)
            assert wrong.fault is fault, wrong.fault_note
            assert bool(wrong.fault_note.zh) is (fault is not FeedFault.NONE)
            for _ in range(4):
                later(service, PERIOD_S)
                await bring(service, old_s=1.0)
            right = await tended(service)
            assert (right.fault, right.fault_note.en) == (FeedFault.NONE, "")

    run(body)


def test_a_clock_set_back_on_the_way_is_told_from_a_queue(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("operator")
            await register(service, set=gauges(), queue=gauges())
            for minute in range(12):
                service._tokens.clear()
                later(service, PERIOD_S)
                await bring(service, feed="set", old_s=2.0 if minute < 5 else 700.0)
                if minute < 3 or minute > 8:  # cut off for five minutes, and then behind by them
                    await bring(service, feed="queue", first=21, old_s=2.0 if minute < 3 else 302.0)
            assert (await tended(service, "set")).fault is FeedFault.CLOCK
            assert (await tended(service, "queue")).fault is FeedFault.BEHIND

    run(body)


def test_fixes_are_heard_with_their_doubles(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, trucks=gauges(layer="hazmat", department="D33", period_s=2.0))
            rows = [
                station(n, kind="vehicle", lon=None, lat=None, department="D33") for n in range(12)
            ]
            await service.client.put(
                "/v1/layers/hazmat/features",
                headers=await service.headers("feed"),
                json={"features": rows},
            )
            at = service.clock.now().isoformat()
            fixes = [
                {"id": f"S{n}", "lon": 120.9, "lat": 32.0, "observed_at": at} for n in range(12)
            ]
            fixes.append({"id": "nobody", "lon": 120.9, "lat": 32.0, "observed_at": at})
            for _ in range(2):
                reply = await service.post(
                    "feed", paths.POSITIONS, {"layer": "hazmat", "feed": "trucks", "fixes": fixes}
                )
                assert reply.status_code == 200, reply.text
            heard = await tended(service, "trucks")
            assert (heard.accepted, heard.doubled, heard.rejected) == (12, 12, 2)
            assert heard.fault is FeedFault.DOUBLED
            assert "registered" in heard.last_rejection.en

    run(body)


def test_a_batch_without_a_feed_counts_for_the_layers_default_feed_or_nowhere(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, gauges=gauges(), water=gauges(), trucks=gauges(layer="hazmat"))
            for name in ("", "nobody", "trucks"):  # none, unknown, and one of another layer
                assert (await bring(service, feed=name))["accepted"] == 6
            assert (await tended(service, "water")).accepted + (
                await tended(service, "water")
            ).doubled == 18
            assert (await tended(service, "gauges")).heard_at is None
            assert (await tended(service, "trucks")).heard_at is None

    run(body)


def test_a_batch_cannot_lend_its_voice_to_a_feed_outside_its_senders_scope(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, gauges=gauges(region="320623"))
            with service.parts.database.write() as unit:
                own = {"regions": json.dumps(["320613"])}
                unit.connection.execute(
                    update(PERSON).where(PERSON.c.person_id == "feed").values(own)
                )
            service._tokens.clear()
            assert (await bring(service))["accepted"] == 6
            assert (await tended(service)).heard_at is None

    run(body)


def test_events_count_for_the_default_feed_of_their_layer(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await register(service, requests=gauges(layer="requests", department="D41"))
            for number in (1, 2, 2):
                await service.post("feed", paths.EVENTS, intake(number))
            await service.post("operator", paths.EVENTS, intake(3))  # a person is not the feed
            heard = await tended(service, "requests")
            assert (heard.accepted, heard.doubled) == (2, 1)

    run(body)
