"""Feeds put rows into layers; readers get columns, single objects, series, in their own scope."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from backend_client.contract.alarms import AlarmState
from backend_client.contract.columns import FeatureBlock, decode_features, merge_features
from backend_client.contract.feature import FeatureIn
from tests.service import START, Service, run, serving


def station(number: int, **changed: object) -> dict[str, object]:
    """Give a level station as a feed would describe it."""
    return {
        "id": f"S{number}",
        "kind": "level_station",
        "name": f"{number}号水位站",
        "lon": 120.8 + number / 1000,
        "lat": 32.0,
        "region": "320613",
        "department": "D27",
        "value": 2.5,
        "observed_at": START.isoformat(),
        "properties": {"contact": "值班室", "phone": "0513-0000", "warning_level_m": 3.0},
        **changed,
    }


async def put(service: Service, layer: str, *rows: object, **more: object) -> dict[str, object]:
    """Put rows as the feed and give the answer."""
    reply = await service.client.put(
        f"/v1/layers/{layer}/features",
        headers=await service.headers("feed"),
        json={"features": rows, **more},
    )
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def block(service: Service, account: str, layer: str, since: int = 0) -> FeatureBlock | None:
    """Read a block as an account, None for 204."""
    reply = await service.get(account, f"/v1/layers/{layer}/block", params={"since": since})
    assert reply.status_code in (200, 204), reply.text
    return decode_features(reply.content) if reply.status_code == 200 else None


def test_a_delta_on_the_old_block_is_the_new_block(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", *(station(number) for number in range(6)))
            old = await block(service, "operator", "water")
            assert old is not None
            assert old.base == 0
            await put(service, "water", station(2, lon=121.0), station(9), remove=["S4"])
            delta = await block(service, "operator", "water", old.version)
            whole = await block(service, "operator", "water")
            assert delta is not None
            assert whole is not None
            assert (delta.base, len(delta.oid), len(delta.removed)) == (old.version, 2, 1)
            merged = merge_features(old, delta)
            for name in ("oid", "lon_e7", "lat_e7", "kind", "state", "region", "value"):
                assert np.array_equal(getattr(merged, name), getattr(whole, name)), name
            assert await block(service, "operator", "water", whole.version) is None

    run(body)


def test_a_restart_keeps_rows_and_never_turns_versions_back(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", station(1), station(2))
            await put(service, "water", station(2, lat=32.5), remove=["S1"])
            before = await block(service, "operator", "water")
        async with serving(data) as service:
            service.clock.advance(600)  # one-time codes work once, across a restart too
            after = await block(service, "operator", "water")
            assert before is not None
            assert after is not None
            assert after.version >= before.version
            assert after.oid.tolist() == [2]
            assert after.lat_e7.tolist() == [325_000_000]
            again = await put(service, "water", station(1))
            assert int(str(again["version"])) > before.version
            back = await block(service, "operator", "water")
            assert back is not None
            assert back.oid.tolist() == [1, 2]  # the same id has the same oid for ever

    run(body)


def test_readers_see_their_own_region_and_department(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", station(1), station(2, region="320623"))
            await put(service, "hazmat", station(1, kind="parking", department="D33"))
            seen = {
                account: await block(service, account, "water")
                for account in ("operator", "operator_rudong", "operator_chongchuan")
            }
            oids = {name: made.oid.tolist() for name, made in seen.items() if made}
            assert oids == {
                "operator": [1, 2],
                "operator_rudong": [2],
                "operator_chongchuan": [1],
            }
            hazmat = await block(service, "operator_water", "hazmat")
            assert hazmat is not None
            assert len(hazmat.oid) == 0
            foreign = await service.get("operator_rudong", "/v1/layers/water/features/1")
            own = await service.get("operator_rudong", "/v1/layers/water/features/2")
            assert (foreign.status_code, own.status_code) == (404, 200)
            assert own.json()["properties"]["contact"] == "值班室"
            listed = await service.get("operator_rudong", "/v1/layers")
            counts = {one["layer"]: one["count"] for one in listed.json()["layers"]}
            assert counts == {"hazmat": 0, "water": 1}

    run(body)


def test_a_row_leaving_the_scope_is_removed_for_its_reader(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", station(1), station(2))
            old = await block(service, "operator_chongchuan", "water")
            assert old is not None
            await put(service, "water", station(1, region="320623"))
            delta = await block(service, "operator_chongchuan", "water", old.version)
            assert delta is not None
            assert (delta.base, delta.oid.tolist(), delta.removed.tolist()) == (
                old.version,
                [],
                [1],
            )
            rudong = await block(service, "operator_rudong", "water")
            assert rudong is not None
            assert rudong.oid.tolist() == [1]

    run(body)


def test_a_delta_tells_a_reader_nothing_of_what_they_never_saw(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            foreign = station(2, region="320623", kind="tide_gate")
            await put(service, "water", station(1), foreign, station(3, region="320623"))
            old = await block(service, "operator_chongchuan", "water")
            assert old is not None
            words = (old.oid.tolist(), old.kinds, old.regions)
            assert words == ([1], ("level_station",), ("320613",))
            await put(service, "water", station(3, region="320681"), remove=["S2"])
            delta = await block(service, "operator_chongchuan", "water", old.version)
            assert delta is not None
            rows = (delta.base, delta.oid.tolist(), delta.removed.tolist())
            assert rows == (old.version, [], [])
            assert (delta.kinds, delta.regions) == ((), ())
            rudong = await block(service, "operator_rudong", "water", old.version)
            assert rudong is not None
            assert (rudong.oid.tolist(), rudong.removed.tolist()) == ([], [2, 3])

    run(body)


def test_bad_rows_are_named_and_good_neighbours_kept(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            ahead = (START + timedelta(hours=1)).isoformat()
            made = await put(
                service,
                "water",
                station(0),
                station(1, lat=91.0),
                station(2, colour="red"),
                station(3, lat=None),
                station(4, value="high"),
                station(5, observed_at=ahead),
                station(6),
            )
            assert made["accepted"] == 2
            rejected = made["rejected"]
            assert isinstance(rejected, list)
            assert [one["index"] for one in rejected] == [1, 2, 3, 4, 5]
            assert [one["where"] for one in rejected] == [
                "lat",
                "colour",
                "lon",
                "value",
                "observed_at",
            ]
            assert all(one["zh"] and one["en"] for one in rejected)
            seen = await block(service, "operator", "water")
            assert seen is not None
            assert len(seen.oid) == 2

    run(body)


def test_a_wrong_envelope_is_refused_whole(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            bad: tuple[object, ...] = (
                {"rows": []},
                {"features": 3},
                [],
                {"features": [], "remove": [1]},
            )
            for wrong in bad:
                reply = await service.client.put(
                    "/v1/layers/water/features",
                    headers=await service.headers("feed"),
                    json=wrong,
                )
                assert reply.status_code == 422, wrong
                assert reply.headers["content-type"].startswith("application/problem+json")
            nan = await service.client.put(
                "/v1/layers/water/features",
                headers={**await service.headers("feed"), "Content-Type": "application/json"},
                content=json.dumps({"features": [station(1, value=float("nan"))]}),
            )
            assert nan.status_code == 400
            human = await service.client.put(
                "/v1/layers/water/features",
                headers=await service.headers("operator"),
                json={"features": []},
            )
            assert human.status_code == 403
            assert (await service.get("operator", "/v1/layers/water/block")).status_code == 404

    run(body)


def test_late_values_go_to_the_series_and_not_to_the_screen(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for minutes, value in ((0, 2.0), (-5, 1.5), (-5, 1.6), (-3, 1.8)):
                at = (START + timedelta(minutes=minutes)).isoformat()
                await put(service, "water", station(1, value=value, observed_at=at))
            seen = await block(service, "operator", "water")
            assert seen is not None
            assert seen.value.tolist() == [2.0]
            series = await service.get("operator", "/v1/layers/water/features/1/series")
            assert [point["value"] for point in series.json()["points"]] == [1.6, 1.8, 2.0]

    run(body)


def test_over_warning_raises_an_alarm_and_two_centimetres_below_returns_it(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            states = []
            for level in (2.95, 3.0, 2.985, 2.99, 2.98, 2.9):
                await put(service, "water", station(1, value=level))
                seen = await block(service, "operator", "water")
                alarms = (await service.get("operator", "/v1/items/alarm")).json()["items"]
                assert seen is not None
                states.append((seen.state.tolist(), [one["state"] for one in alarms]))
            new, back = AlarmState.NEW.value, AlarmState.RETURNED.value
            assert states == [
                ([0], []),
                ([3], [new]),
                ([3], [new]),
                ([3], [new]),
                ([0], [back]),
                ([0], [back]),
            ]
            assert alarms[0]["action"]["zh"]
            assert alarms[0]["action"]["en"]

    run(body)


def test_a_flooded_road_calls_for_closing_it_and_a_city_of_gauges_for_nothing(
    tmp_path: Path,
) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            flooded = {"kind": "waterlogging", "state": 0, "properties": {"close_at_m": 0.3}}
            rain = {"kind": "rain_gauge", "value": 60.0, "properties": {}}
            await put(service, "water", station(1, value=0.3, **flooded), station(2, **rain))
            seen = await block(service, "operator", "water")
            assert seen is not None
            assert seen.state.tolist() == [2, 2]
            alarms = (await service.get("operator", "/v1/items/alarm")).json()["items"]
            assert [(one["source_id"], one["level"]) for one in alarms] == [("S1", 2)]
            assert "0.30" in alarms[0]["title"]["zh"]
            assert all((alarms[0]["action"]["en"], alarms[0]["owner"]["zh"]))
            version = (await put(service, "water", station(2, **rain)))["version"]
            assert version == seen.version  # the rule's state is held, so nothing differs
            await put(service, "water", remove=["S1"])
            alarms = (await service.get("operator", "/v1/items/alarm")).json()["items"]
            assert [one["state"] for one in alarms] == [AlarmState.RETURNED.value]

    run(body)


def test_a_rolled_back_projection_leaves_no_trace(data: Path) -> None:

    async def body() -> None:
        async with serving(data) as service:
            await put(service, "water", station(1))
            before = await block(service, "operator", "water")
            row = FeatureIn.model_validate_json(json.dumps(station(7)))

            def failing() -> None:
                with service.parts.database.write() as unit:
                    service.parts.features.project(unit, "water", row)
                    raise LookupError

            with pytest.raises(LookupError):
                failing()
            assert before is not None
            assert await block(service, "operator", "water", before.version) is None
            with service.parts.database.write() as unit:
                assert service.parts.features.project(unit, "water", row) == 2
            after = await block(service, "operator", "water", before.version)
            assert after is not None
            assert (after.base, after.oid.tolist()) == (before.version, [2])

    run(body)
