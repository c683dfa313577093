"""The lasso through the real service: shapely's answer, in the reader's scope, as file too."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from backend.services import ground
from tests.contract.backend.test_layers import put, station
from tests.contract.backend.test_positions import fix, lorry, send
from tests.service import Service, run, serving

SQUARE = {"shape": "polygon", "ring": [[120.7, 31.9], [121.0, 31.9], [121.0, 32.1], [120.7, 32.1]]}


async def lasso(service: Service, account: str, area: object, **more: object) -> dict[str, object]:
    """Ask what lies inside an area."""
    reply = await service.post(account, "/v1/resources/within", {"area": area, **more})
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def totals(inside: dict[str, object]) -> dict[tuple[str, str], tuple[int, int]]:
    """Spell totals out as {(layer, kind): (count, abnormal)}."""
    listed = inside["totals"]
    assert isinstance(listed, list)
    return {(one["layer"], one["kind"]): (one["count"], one["abnormal"]) for one in listed}


def names(inside: dict[str, object]) -> list[str]:
    """Name the rows of a page."""
    rows = inside["rows"]
    assert isinstance(rows, list)
    return [row["id"] for row in rows]


async def fill(service: Service, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Put stations over the city and give where they stand."""
    draw = np.random.default_rng(5)
    lon, lat = draw.uniform(120.2, 121.9, count), draw.uniform(31.7, 32.7, count)
    lon, lat = np.round(lon, 6), np.round(lat, 6)
    rows = [station(n, lon=float(lon[n]), lat=float(lat[n]), properties={}) for n in range(count)]
    for start in range(0, count, 1_000):
        await put(service, "water", *rows[start : start + 1_000])
    return lon, lat


@pytest.mark.parametrize("indexed", [False, True])
def test_the_lasso_gives_shapelys_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, indexed: bool
) -> None:
    monkeypatch.setattr(ground, "INDEX_FROM", 100 if indexed else 10**9)

    async def body() -> None:
        async with serving(tmp_path) as service:
            lon, lat = await fill(service, 2_000)
            draw = np.random.default_rng(2)
            for turn in range(12):
                corners = np.sort(draw.uniform(0, 2 * np.pi, 9))
                reach = draw.uniform(0.1, 0.5, 9)
                ring = np.column_stack(
                    [121.0 + reach * np.cos(corners), 32.2 + reach * np.sin(corners)]
                )
                figure = shapely.Polygon(ring)
                if not figure.is_valid:
                    continue
                wanted = {f"S{n}" for n in np.flatnonzero(shapely.contains_xy(figure, lon, lat))}
                area = {"shape": "polygon", "ring": ring.tolist()}
                inside = await lasso(service, "operator", area, limit=1000)
                assert set(names(inside)) == wanted
                assert inside["count"] == len(wanted)
                moved = int(draw.integers(0, 2_000))  # the index is patched between questions
                lon[moved], lat[moved] = np.round(draw.uniform((120.6, 31.8), (121.4, 32.6)), 6)
                fields = {"lon": float(lon[moved]), "lat": float(lat[moved]), "properties": {}}
                await put(service, "water", station(moved, **fields))
                if turn % 3 == 0:
                    gone = int(draw.integers(0, 2_000))
                    lon[gone] = lat[gone] = 0.0
                    await put(service, "water", remove=[f"S{gone}"])

    run(body)


def test_rows_come_nearest_first_in_pages_with_contacts(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "water", *(station(n, state=n % 2) for n in range(40)))
            area = {"shape": "circle", "lon": 120.8, "lat": 32.0, "radius_m": 5000.0}
            whole = await lasso(service, "operator", area, limit=1000)
            pages = [
                name
                for offset in range(0, 40, 7)
                for name in names(await lasso(service, "operator", area, offset=offset, limit=7))
            ]
            rows = whole["rows"]
            assert isinstance(rows, list)
            far = [row["distance_m"] for row in rows]
            assert far == sorted(far)
            assert pages == names(whole) == [f"S{n}" for n in range(40)]
            assert (rows[0]["contact"], rows[0]["phone"]) == ("值班室", "0513-0000")
            assert totals(whole) == {("water", "level_station"): (40, 0)}  # 2.5 m is normal
            assert whole["area_km2"] == pytest.approx(78.54, rel=1e-3)
            none = await lasso(service, "operator", area, limit=0)
            assert (names(none), none["count"]) == ([], 40)

    run(body)


def test_moving_objects_count_where_they_are_now(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1), lorry(2), lorry(3))
            await send(service, fix(1, state=4), fix(2, lon=121.5))
            assert totals(await lasso(service, "operator", SQUARE)) == {
                ("hazmat", "vehicle"): (1, 1)
            }
            await send(service, fix(1, 5, lon=121.5), fix(2, 5))
            inside = await lasso(service, "operator", SQUARE)
            assert names(inside) == ["V2"]
            assert totals(inside) == {("hazmat", "vehicle"): (1, 0)}

    run(body)


def test_the_lasso_is_cut_to_the_readers_scope_and_layers(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "water", station(1), station(2, region="320623"))
            await put(service, "hazmat", lorry(1, region="320623"))
            await send(service, fix(1))
            counts = {
                account: (await lasso(service, account, SQUARE))["count"]
                for account in ("operator", "operator_rudong", "operator_water", "auditor")
            }
            assert counts == {
                "operator": 3, "operator_rudong": 2, "operator_water": 2, "auditor": 3,
            }  # fmt: skip
            only = await lasso(service, "operator", SQUARE, layers=["hazmat"])
            assert names(only) == ["V1"]
            assert (await lasso(service, "operator", SQUARE, layers=["grid"]))["count"] == 0

    run(body)


def test_a_bad_area_is_refused_with_the_reason(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            bow = [[120.0, 32.0], [121.0, 33.0], [121.0, 32.0], [120.0, 33.0]]
            bad = [
                ({"shape": "polygon", "ring": bow}, "bad_area"),
                ({"shape": "polygon", "ring": [[120.0, 32.0]] * 4}, "bad_area"),
                ({"shape": "polygon", "ring": [[32.0, 120.0], [33.0, 121.0], [33.0, 120.0]]}, ""),
                ({"shape": "polygon", "ring": [[120.0, 32.0], [121.0, 32.0]]}, ""),
                ({"shape": "circle", "lon": 121.0, "lat": 32.0, "radius_m": 0.0}, ""),
                ({"shape": "circle", "lon": 121.0, "lat": 89.0, "radius_m": 9e4}, "bad_area"),
                ({"shape": "heart", "ring": bow}, ""),
            ]
            for area, code in bad:
                reply = await service.post("operator", "/v1/resources/within", {"area": area})
                problem = reply.json()
                assert reply.status_code == 422, area
                assert problem["what"]["zh"]
                assert problem["what"]["en"]
                assert not code or problem["code"] == code, area

    run(body)


def test_the_export_is_safe_to_open(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            evil = {"contact": "@SUM(A1)", "phone": "+86 513"}
            await put(service, "water", station(1, name="=cmd|' /C calc'!A0", properties=evil))
            headers = await service.headers("operator")
            path = "/v1/resources/within/export"
            made = await service.client.post(
                f"{path}?format=csv", headers=headers, json={"area": SQUARE}
            )
            assert made.status_code == 200
            assert made.content.startswith(b"\xef\xbb\xbf")
            (row,) = csv.DictReader(io.StringIO(made.content.decode("utf-8-sig")))
            assert row["名称 name"] == "'=cmd|' /C calc'!A0"
            assert row["联系人 contact"] == "'@SUM(A1)"
            assert row["电话 phone"] == "'+86 513"
            shape = await service.client.post(
                f"{path}?format=geojson", headers=headers, json={"area": SQUARE}
            )
            (one,) = json.loads(shape.content)["features"]
            assert one["geometry"]["coordinates"] == [120.801, 32.0]
            assert one["properties"]["name"] == "=cmd|' /C calc'!A0"
            for account, wrong, status in (
                ("operator", "xlsx", 422),
                ("maintainer", "csv", 403),
            ):
                reply = await service.post(account, f"{path}?format={wrong}", {"area": SQUARE})
                assert reply.status_code == status
            audit = (await service.get("auditor", "/v1/audit")).json()["rows"]
            assert [one["action"] for one in audit].count("resource.export") == 2

    run(body)


def drawn(number: int, form: str, corners: np.ndarray) -> dict[str, object]:
    """Give a road or a grid as a feed would describe it."""
    outline = {"form": form, "parts": [corners.tolist()]}
    return station(
        number, kind="dike", lon=None, lat=None, value=None, properties={}, outline=outline
    )


def test_lines_and_areas_are_hit_where_they_touch(tmp_path: Path) -> None:
    """Shapely's own answer for random roads and grids, also after some were drawn anew."""

    async def body() -> None:
        async with serving(tmp_path) as service:
            draw = np.random.default_rng(9)
            figures: dict[str, shapely.Geometry] = {}

            def road(number: int) -> dict[str, object]:
                start = draw.uniform((120.4, 31.8), (121.6, 32.5))
                corners = np.round(start + np.cumsum(draw.uniform(-0.1, 0.1, (6, 2)), axis=0), 6)
                figures[f"S{number}"] = shapely.LineString(corners)
                return drawn(number, "line", corners)

            def grid(number: int) -> dict[str, object]:
                place = draw.uniform((120.4, 31.8), (121.6, 32.5))
                turn = np.sort(draw.uniform(0, 2 * np.pi, 7))
                around = 0.06 * np.column_stack([np.cos(turn), np.sin(turn)])
                corners = np.round(place + around, 6)
                figures[f"S{number}"] = shapely.Polygon(corners)
                return drawn(number, "area", corners)

            await put(service, "water", *map(road, range(120)), *map(grid, range(120, 200)))
            for turn in range(10):
                ring = shapely.Point(121.0, 32.15).buffer(0.05 + turn / 40, quad_segs=2)
                area = {"shape": "polygon", "ring": list(map(list, ring.exterior.coords[:-1]))}
                wanted = {name for name, figure in figures.items() if figure.intersects(ring)}
                inside = await lasso(service, "operator", area, limit=1000)
                assert set(names(inside)) == wanted
                assert inside["count"] == len(wanted)
                await put(service, "water", road(turn), grid(199 - turn), remove=[f"S{50 + turn}"])
                del figures[f"S{50 + turn}"]
            missed = [n for n, one in figures.items() if one.intersects(ring)]
            assert len(missed) > 20

    run(body)


def test_a_road_is_hit_without_its_anchor_and_exported_with_its_geometry(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            far = np.array([[120.69, 32.0], [121.9, 32.0]])  # its middle lies outside the square
            hole = {
                "form": "area",
                "parts": [
                    [[120.7, 31.9], [120.9, 31.9], [120.9, 32.1], [120.7, 32.1]],
                    [[120.8, 31.95], [120.85, 31.95], [120.85, 32.05], [120.8, 32.05]],
                ],
            }
            holed = {**drawn(2, "area", far), "outline": hole}
            await put(service, "water", drawn(1, "line", far), holed)
            inside = await lasso(service, "operator", SQUARE)
            assert set(names(inside)) == {"S1", "S2"}
            in_hole = {"shape": "circle", "lon": 120.825, "lat": 32.02, "radius_m": 500.0}
            assert names(await lasso(service, "operator", in_hole)) == []
            over = {"shape": "circle", "lon": 121.8, "lat": 32.003, "radius_m": 400.0}
            assert names(await lasso(service, "operator", over)) == ["S1"]
            assert names(await lasso(service, "operator_rudong", SQUARE)) == []
            made = await service.post(
                "operator", "/v1/resources/within/export?format=geojson", {"area": SQUARE}
            )
            found = {
                one["properties"]["id"]: one["geometry"]
                for one in json.loads(made.content)["features"]
            }
            assert found["S1"] == {"type": "LineString", "coordinates": far.tolist()}
            assert found["S2"]["type"] == "Polygon"
            assert len(found["S2"]["coordinates"]) == 2
            table = await service.post("operator", "/v1/resources/within/export", {"area": SQUARE})
            assert len(list(csv.DictReader(io.StringIO(table.text)))) == 2

    run(body)
