"""What a view is given: its window only, abnormal things always, packed for the page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from maps.ground import inside
from maps.growth import grow
from maps.picture import Picture, draw, names_of, pack, pack_names, paint_of
from maps.sight import Sight
from tests.unit.maps.flocks import COUNTIES, NOW_S, SPECS, block, scatter, sight


def drawn(made: Any, asked: Sight) -> Picture:
    flock = grow(None, made, COUNTIES)
    return draw(flock, SPECS[made.layer], asked, before=None, now_s=NOW_S)


def read(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + size]), data[4 + size :]


def test_a_view_is_given_its_window_only() -> None:
    asked = sight(120.9, 32.0, 13.0)
    picture = drawn(scatter(50_000), asked)
    assert picture.points + picture.chips > 0
    assert inside(picture.xy, asked.window.box).all()


def test_counted_layers_send_no_object_that_is_normal() -> None:
    county = drawn(scatter(50_000), sight(zoom=9.0))
    assert county.way.counting
    assert set((county.paint & 7).tolist()) <= {1, 2, 3}
    assert sum(n for n, _, _ in county.groups.values()) > 0
    cells = drawn(scatter(90_000), sight(zoom=10.6))
    assert cells.way.cells
    assert cells.cells is not None
    assert cells.points == 0
    assert (cells.paint & 7)[cells.chips :].all()


def test_counted_layers_call_out_what_is_beyond_everyday_work() -> None:
    places = [(121.2, 32.2), (121.3, 32.3), (121.4, 32.4)]
    kinds = ("lead_new", "lead_visited")
    made = block(places, layer="housing", kinds=kinds, kind=(0, 1, 0), state=(3, 3, 2))
    flock, spec = grow(None, made, COUNTIES, SPECS["housing"].everyday), SPECS["housing"]
    picture = draw(flock, spec, sight(zoom=9.0), before=None, now_s=NOW_S)
    assert picture.way.counting
    assert picture.oid[picture.hot].tolist() == [2, 3]  # a new lead of level III is everyday work


def test_every_abnormal_object_of_the_window_is_sent() -> None:
    for zoom, count in ((10.6, 90_000), (10.6, 900), (13.0, 20_000)):
        made, asked = scatter(count), sight(zoom=zoom)
        flock = grow(None, made, COUNTIES)
        picture = draw(flock, SPECS["requests"], asked, before=None, now_s=NOW_S)
        wanted = flock.oid[flock.hot_within(asked.window.box)]
        assert set(wanted.tolist()) == set(picture.oid[picture.hot].tolist())


def test_the_gravest_come_last_so_that_they_lie_on_top() -> None:
    picture = drawn(scatter(3_000, share_hot=0.3), sight(zoom=10.6))
    states = (picture.paint[picture.hot] & 7).tolist()
    assert states == sorted(states, reverse=True)


def test_the_marked_object_is_always_sent() -> None:
    for zoom in (9.0, 10.6, 13.0):
        picture = drawn(scatter(90_000), sight(zoom=zoom, mark=("requests", 77)))
        assert 77 in picture.oid.tolist()
        assert np.unique(picture.oid).size == picture.oid.size


def test_age_goes_from_fresh_to_late_to_stale() -> None:
    ages = [0.0, 299.0, 301.0, 899.0, 901.0]
    places = [(121.1 + 0.01 * i, 32.2) for i in range(5)]
    flock = grow(None, block(places, layer="water", kinds=("level_station",), age_s=ages), COUNTIES)
    paint = paint_of(flock, SPECS["water"], np.arange(5), NOW_S)
    by_oid = dict(zip(flock.oid.tolist(), (paint >> 3).tolist(), strict=True))
    assert [by_oid[oid] for oid in range(1, 6)] == [0, 0, 1, 1, 2]


def test_packed_columns_are_aligned_and_complete() -> None:
    picture = drawn(block([(121.0, 32.1), (121.01, 32.1)], state=[4, 2]), sight(zoom=12.0))
    head, body = read(pack(picture))
    at = head["at"]
    assert (head["n"], head["chips"], head["hot"]) == (2, 2, 2)
    assert (head["layer"], head["channel"]) == ("requests", "static")
    assert all(at[name] % 4 == 0 for name in ("xy", "hot"))
    xy = np.frombuffer(body, "<f4", 4, at["xy"]).reshape(-1, 2)
    assert np.array_equal(xy, picture.xy)
    assert sorted(np.frombuffer(body, np.uint8, 2, at["paint"]).tolist()) == [2, 4]


def test_names_are_packed_apart_and_fit_until_a_row_is_another() -> None:
    picture = drawn(block([(121.0, 32.1), (121.01, 32.1)]), sight(zoom=12.0))
    names = names_of(picture)
    head, body = read(pack_names(picture, names))
    assert np.frombuffer(body, "<u4", 2, head["at"]["oid"]).tolist() == picture.oid.tolist()
    assert read(pack(picture, names.number))[0]["names"] == head["names"] == names.number
    assert names.fits(picture)
    assert not names.fits(drawn(block([(121.0, 32.1)]), sight(zoom=12.0)))
    assert names_of(replace(picture, oid=picture.oid[::-1].copy())).number != names.number


def test_a_crowd_that_moves_goes_on_a_grid_too_fine_to_be_seen() -> None:
    picture = replace(drawn(scatter(50_000), sight(zoom=10.6, detail="points")), channel="moving")
    head, body = read(pack(picture))
    west, south, step = head["grid"]
    steps = np.frombuffer(body, "<u2", 2 * head["n"], head["at"]["xy"]).reshape(-1, 2)
    off_px = np.abs(np.array([west, south]) + steps * step - picture.xy).max() / picture.pixel_m
    assert off_px < 1 / 8
    assert read(pack(replace(picture, pixel_m=picture.pixel_m / 100)))[0]["grid"] is None


def test_packed_cells_can_be_read() -> None:
    picture = drawn(scatter(90_000), sight(zoom=10.6))
    head, body = read(pack(picture))
    assert picture.cells is not None
    assert head["cells"] == picture.cells.size
    table = np.frombuffer(body, "<i4", 5 * head["cells"], head["at"]["cell"]).reshape(-1, 5)
    assert np.array_equal(table[:, 2], picture.cells.count)
    assert head["metres"] == picture.cells.metres


def test_an_empty_layer_packs() -> None:
    head, _ = read(pack(drawn(block([]), sight())))
    assert head["n"] == 0
    assert "value" not in head["at"]
