"""The wide door: objects as columns, good rows kept, readings of known objects, outlines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from backend.services import features
from backend.storage.features import milliseconds
from backend_client.contract import shapes
from backend_client.contract.columns import merge_features
from backend_client.contract.feature import Upserted
from backend_client.contract.problem import Problem
from backend_client.contract.rows import MOST_BYTES, TYPES, Rows, encode_rows
from tests.contract.backend.test_layers import block, put, station
from tests.service import START, Service, run, serving

ARROW = "application/vnd.apache.arrow.stream"
NOW_MS = milliseconds(START)
WHOLE: dict[str, Any] = {
    "kind": "part",
    "name": "井盖",
    "lon": 120.9,
    "lat": 32.0,
    "region": "320613",
    "department": "D24",
    "observed_ms": NOW_MS,
    "properties": '{"part_code":"0101"}',
}
SQUARE = [shapes.AREA, 1, 4, 1_209_000_000, 320_000_000, 1_209_010_000, 320_000_000]
SQUARE += [1_209_010_000, 320_010_000, 1_209_000_000, 320_010_000]
BENT = [shapes.LINE, 1, 3, 1_209_000_000, 320_000_000, 1_209_000_000, 320_010_000]
BENT += [1_209_000_000, 320_040_000]


def batch(rows: list[dict[str, Any]], feed: str = "", **kinds: pa.DataType) -> bytes:
    """Encode rows with the columns their first one names."""
    columns = {
        name: pa.array([row[name] for row in rows], kinds.get(name, TYPES.get(name, pa.int8())))
        for name in rows[0]
    }
    return encode_rows(Rows(pa.record_batch(columns), feed))


def parts(count: int, **changed: Any) -> list[dict[str, Any]]:
    """Give whole rows with ids P0, P1, …"""
    return [{"id": f"P{number}", **WHOLE, **changed} for number in range(count)]


async def send(
    service: Service, body: bytes | AsyncIterator[bytes], layer: str = "urban", **headers: str
) -> tuple[int, Problem]:
    """Put bytes as the feed and give the refusal."""
    sent = {**await service.headers("feed"), "Content-Type": ARROW, **headers}
    reply = await service.client.put(f"/v1/layers/{layer}/rows", content=body, headers=sent)
    assert reply.status_code != 200, reply.text
    return reply.status_code, Problem.model_validate_json(reply.content)


async def wide(service: Service, body: bytes, layer: str = "urban") -> Upserted:
    """Put bytes as the feed and give the answer."""
    headers = {**await service.headers("feed"), "Content-Type": ARROW}
    reply = await service.client.put(f"/v1/layers/{layer}/rows", content=body, headers=headers)
    assert reply.status_code == 200, reply.text
    return Upserted.model_validate_json(reply.content)


def test_whole_rows_make_objects_and_the_same_batch_again_changes_nothing(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            rows = [{**row, "value": None, "state": 0, "shape": None} for row in parts(5)]
            first = await wide(service, batch(rows, "feed-parts"))
            assert (first.accepted, first.rejected) == (5, ())
            again = await wide(service, batch(rows, "feed-parts"))
            assert (again.accepted, again.version) == (5, first.version)
            read = (await service.get("operator", "/v1/layers/urban/features/1")).json()
            assert (read["id"], read["name"], read["feed"]) == ("P0", "井盖", "feed-parts")
            assert read["properties"] == {"part_code": "0101"}
            moved = await wide(service, batch([{**rows[2], "name": "雨水篦"}]))
            assert moved.version == first.version + 1
            read = (await service.get("operator", "/v1/layers/urban/features/3")).json()
            assert (read["name"], read["feed"]) == ("雨水篦", "feed-parts")

    run(body)


def test_both_doors_say_the_same_thing_with_the_same_words(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            narrow = await put(service, "water", station(1), station(2), feed="f")
            columns = [
                {
                    **{key: one for key, one in station(number).items() if key != "observed_at"},
                    "observed_ms": NOW_MS,
                    "properties": '{"contact":"值班室","phone":"0513-0000","warning_level_m":3.0}',
                }
                for number in (1, 2)
            ]
            same = await wide(service, batch(columns, "f"), "water")
            assert same.version == narrow["version"]

    run(body)


def test_bad_rows_are_named_with_both_languages_and_good_ones_kept(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            faults: list[tuple[str, dict[str, Any]]] = [
                ("id", {"id": None}),
                ("id", {"id": "a/b"}),
                ("id", {"id": "长" * 65}),
                ("kind", {"kind": ""}),
                ("name", {"name": "长" * 201}),
                ("lon", {"lon": 180.5}),
                ("lat", {"lat": float("nan")}),
                ("lon", {"lon": None}),
                ("region", {"region": "32-06"}),
                ("region", {"region": "9999"}),
                ("department", {"department": "24"}),
                ("state", {"state": 5}),
                ("value", {"value": float("inf")}),
                ("observed_ms", {"observed_ms": -1}),
                ("observed_at", {"observed_ms": NOW_MS + 3_600_000}),
                ("properties", {"properties": "[1]"}),
                ("properties", {"properties": '{"a":1},{"b":2}'}),
                ("properties", {"properties": '{"a":NaN}'}),
                ("properties", {"properties": '{"a":"' + "x" * 20_000 + '"}'}),
                ("properties", {"properties": '{"a?":1}'}),
                ("shape", {"shape": [shapes.AREA, 1, 2, 0, 0, 1, 1]}),
                ("shape", {"shape": [*SQUARE[:-1], 910_000_000]}),
                ("shape", {"shape": [*SQUARE, 7]}),
                ("shape", {"shape": [shapes.AREA, 1, 3, 0, 0, 5, 0, 9, 0]}),
                ("shape", {"shape": [shapes.LINE, 1, 2, 0, 0, None, 1]}),
                ("shape", {"shape": [3, 1, 2, 0, 0, 1, 1]}),
                ("shape", {"shape": [shapes.LINE, 2, 2, 1, 0, 0, 1, 1, 2, 2]}),
            ]
            base = {**parts(1)[0], "state": 0, "value": None, "shape": None}
            rows = [{**base, "id": f"P{n}", **bad} for n, (_, bad) in enumerate(faults)]
            rows += [{**base, "id": "good"}, {**base, "id": "area", "shape": SQUARE}]
            made = await wide(service, batch(rows))
            assert [(one.index, one.where) for one in made.rejected] == [
                (index, where) for index, (where, _) in enumerate(faults)
            ]
            assert made.accepted == 2
            for one in made.rejected:
                assert one.en.isascii()
                assert any("\u4e00" <= letter <= "\u9fff" for letter in one.zh)
            seen = await block(service, "operator", "urban")
            assert seen is not None
            assert seen.oid.tolist() == [1, 2]

    run(body)


def test_readings_touch_only_what_they_name_and_known_objects(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await wide(service, batch(parts(3)))
            later = NOW_MS + 5_000
            readings = [
                {"id": "P1", "value": 7.5, "state": 3, "observed_ms": later},
                {"id": "P9", "value": 1.0, "state": 0, "observed_ms": later},
                {"id": "P2", "value": 1.0, "state": 0, "observed_ms": NOW_MS - 60_000},
            ]
            made = await wide(service, batch(readings))
            assert (made.accepted, [(one.index, one.where) for one in made.rejected]) == (
                2,
                [(1, "id")],
            )
            read = (await service.get("operator", "/v1/layers/urban/features/2")).json()
            assert (read["value"], read["state"]) == (7.5, 3)
            assert (read["name"], read["properties"]) == ("井盖", {"part_code": "0101"})
            late = (await service.get("operator", "/v1/layers/urban/features/3")).json()
            assert late["value"] is None  # no object goes back in time
            removed = await put(service, "urban", remove=["P1"])
            gone = await wide(service, batch(readings[:1]))
            assert gone.version == removed["version"]
            assert [one.where for one in gone.rejected] == ["id"]
            blank = [{"id": "P2", "value": None, "observed_ms": later}]
            await wide(service, batch(blank))
            read = (await service.get("operator", "/v1/layers/urban/features/3")).json()
            assert read["value"] is None

    run(body)


def test_a_feed_writes_only_into_its_own_scope(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await wide(service, batch(parts(2)))
            parts_ = service.parts
            feed = (await service.get("feed", "/v1/auth/me")).json()
            from backend_client.contract.auth import Person
            from backend_client.contract.rows import decode_rows

            rudong = Person.model_validate({**feed, "regions": ["320623"]})
            stolen = [{**row, "region": "320623"} for row in parts(2, name="拿走")]
            answer = parts_.features.put_rows(rudong, "urban", decode_rows(batch(stolen)))
            assert [one.where for one in answer.rejected] == ["region", "region"]
            reading = [{"id": "P0", "value": 1.0, "observed_ms": NOW_MS + 1}]
            answer = parts_.features.put_rows(rudong, "urban", decode_rows(batch(reading)))
            assert (answer.accepted, answer.rejected[0].where) == (0, "region")
            read = (await service.get("operator", "/v1/layers/urban/features/1")).json()
            assert (read["region"], read["value"], read["name"]) == ("320613", None, "井盖")

    run(body)


def test_outlines_are_anchored_served_and_given_back(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            base = {**WHOLE, "lon": None, "lat": None}
            rows = [
                {"id": "road", **base, "shape": BENT},
                {"id": "grid", **base, "shape": SQUARE},
                {"id": "post", **WHOLE, "shape": None},
            ]
            await wide(service, batch(rows))
            seen = await block(service, "operator", "urban")
            assert seen is not None
            assert [seen.shapes.row(at).tolist() for at in range(3)] == [BENT, SQUARE, []]
            places = list(zip(seen.lon_e7.tolist(), seen.lat_e7.tolist(), strict=True))
            assert places[0] == (1_209_000_000, 320_020_000)  # half of its length
            assert 1_209_000_000 < places[1][0] < 1_209_010_000
            assert 320_000_000 < places[1][1] < 320_010_000
            road = (await service.get("operator", "/v1/layers/urban/features/1")).json()
            assert road["outline"] == {
                "form": "line",
                "parts": [[[120.9, 32.0], [120.9, 32.001], [120.9, 32.004]]],
            }
            same = await wide(service, batch(rows))
            assert same.version == seen.version

    run(body)


def test_a_delta_keeps_the_outline_the_reader_has(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            base = {**WHOLE, "lon": None, "lat": None}
            await wide(service, batch([{"id": "road", **base, "shape": BENT}]))
            await wide(service, batch([{"id": "far", **base, "region": "320623", "shape": BENT}]))
            old = await block(service, "operator_rudong", "urban")
            assert old is not None
            later = NOW_MS + 1_000
            await wide(service, batch([{"id": "far", "state": 2, "observed_ms": later}]))
            delta = await block(service, "operator_rudong", "urban", old.version)
            assert delta is not None
            assert delta.shapes.row(0).tolist() == [shapes.KEPT]
            new = merge_features(old, delta)
            assert (new.state.tolist(), new.shapes.row(0).tolist()) == ([2], BENT)
            # one that comes into sight brings its outline, an outline that changes is sent
            kept = {key: one for key, one in WHOLE.items() if key not in ("lon", "lat")}
            await wide(service, batch([{"id": "road", **kept, "region": "320623"}]))
            await wide(
                service,
                batch([{"id": "far", "shape": SQUARE, "observed_ms": later + 1_000}]),
            )
            delta = await block(service, "operator_rudong", "urban", new.version)
            assert delta is not None
            newest = merge_features(new, delta)
            whole = await block(service, "operator_rudong", "urban")
            assert whole is not None
            for made in (newest, whole):
                assert [made.shapes.row(at).tolist() for at in range(2)] == [BENT, SQUARE]
            assert newest.lon_e7[1] > newest.lon_e7[0]  # the anchor moved onto the new outline

    run(body)


def test_outlines_and_feeds_outlive_the_process(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            outline = {"form": "area", "parts": [[[120.9, 32.0], [120.91, 32.0], [120.9, 32.01]]]}
            await put(
                service,
                "grid",
                station(1, kind="grid", lon=None, lat=None, outline=outline),
                feed="grid-feed",
            )
        async with serving(tmp_path) as service:
            service.clock.advance(600)
            seen = await block(service, "operator", "grid")
            assert seen is not None
            assert seen.shapes.row(0)[:3].tolist() == [shapes.AREA, 1, 3]
            read = (await service.get("operator", "/v1/layers/grid/features/1")).json()
            assert (read["outline"], read["feed"]) == (outline, "grid-feed")
            await put(service, "grid", station(1, kind="grid"))  # described anew, without outline
            read = (await service.get("operator", "/v1/layers/grid/features/1")).json()
            assert read["outline"] is None
            seen = await block(service, "operator", "grid")
            assert seen is not None
            assert seen.shapes.is_none

    run(body)


def test_a_long_batch_is_written_in_parts_with_its_own_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "AT_ONCE", 3)

    async def body() -> None:
        async with serving(tmp_path) as service:
            rows = parts(8)
            rows[1]["lon"] = 999.0
            made = await wide(service, batch(rows))
            assert (made.accepted, [one.index for one in made.rejected]) == (7, [1])
            at = NOW_MS + 1
            readings = [{"id": f"P{n}", "state": 1, "observed_ms": at} for n in range(10)]
            made = await wide(service, batch(readings))
            assert (made.accepted, [one.index for one in made.rejected]) == (7, [1, 8, 9])
            seen = await block(service, "operator", "urban")
            assert seen is not None
            assert seen.state.tolist() == [1] * 7

    run(body)


def test_what_is_no_batch_is_refused_whole(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            good = batch(parts(1))
            bad = {
                "no Arrow": b'{"features":[]}',
                "empty": b"",
                "torn": good[: len(good) // 2],
                "unknown column": batch([{**parts(1)[0], "colour": 1}]),
                "wrong type": batch(parts(1), lon=pa.float32()),
                "no time": batch([{"id": "a", "value": 1.0}]),
                "no region": batch([{"id": "a", "kind": "b", "name": "c", "observed_ms": 1}]),
                "half a place": batch([{"id": "a", "lon": 120.0, "observed_ms": 1}]),
                "too many": batch(parts(1) * 50_001),
            }
            for name, raw in bad.items():
                status, problem = await send(service, raw)
                assert (status, problem.code) == (422, "bad_rows"), name
                assert problem.what.zh != problem.what.en
            assert (await service.get("operator", "/v1/layers/urban/block")).status_code == 404

    run(body)


def test_the_wide_door_asks_for_the_token_first_then_type_and_size(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            sent = 0

            async def endless() -> AsyncIterator[bytes]:
                nonlocal sent
                while sent < 2 * MOST_BYTES:
                    sent += 1_000_000
                    yield b"x" * 1_000_000

            reply = await service.client.put(
                "/v1/layers/urban/rows", content=endless(), headers={"Content-Type": ARROW}
            )
            assert (reply.status_code, sent) == (401, 0)
            assert (await send(service, endless()))[0] == 413
            assert sent <= MOST_BYTES + 2_000_000
            plain = {"Content-Type": "application/json"}
            status, problem = await send(service, batch(parts(1)), **plain)
            assert (status, problem.code) == (415, "not_arrow")
            large = {"Content-Length": str(MOST_BYTES + 1)}
            assert (await send(service, batch(parts(1)), **large))[0] == 413
            human = {**await service.headers("operator"), "Content-Type": ARROW}
            reply = await service.client.put(
                "/v1/layers/urban/rows", content=batch(parts(1)), headers=human
            )
            assert reply.status_code == 403

    run(body)


def test_late_readings_go_to_the_curve_and_only_kinds_with_one_have_it(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "water", station(1), station(2, kind="dike"))
            minutes = (-3, 1, 2)
            for name in ("S1", "S2"):
                ids = [name] * 3
                at = [
                    NOW_MS + int(timedelta(minutes=one).total_seconds() * 1000) for one in minutes
                ]
                service.clock.advance(130)
                rows = [
                    {"id": one, "value": 2.0 + place, "observed_ms": ms}
                    for place, (one, ms) in enumerate(zip(ids, at, strict=True))
                ]
                made = await wide(service, batch(rows), "water")
                assert made.accepted == 3
            curves = []
            for oid in (1, 2):
                reply = await service.get("operator", f"/v1/layers/water/features/{oid}/series")
                curves.append([point["value"] for point in reply.json()["points"]])
            assert curves == [[2.0, 2.5, 3.0, 4.0], []]
            seen = await block(service, "operator", "water")
            assert seen is not None
            assert np.array_equal(seen.value, [4.0, 4.0])
            assert seen.state.tolist() == [
                3,
                0,
            ]  # judged by the rule, though readings name no state

    run(body)
