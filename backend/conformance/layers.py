"""Layers: column blocks, deltas, outlines, the wide door, scope; and the lasso over them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from backend.conformance import things
from backend.conformance.site import LAYER, Check, Site, need
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.columns import FeatureBlock, merge_features
from backend_client.contract.feature import Layers, Outline, Upserted
from backend_client.contract.resources import Inside, Polygon, Within
from backend_client.contract.rows import Rows, encode_rows
from backend_client.contract.shapes import BadShapeError, decode

ARROW: Final = "application/vnd.apache.arrow.stream"
_COLUMNS: Final = ("oid", "lon_e7", "lat_e7", "state", "value", "observed_s")
AREA: Final = (((120.80, 32.00), (120.84, 32.00), (120.84, 32.03), (120.80, 32.03)),)
RING: Final = ((120.90, 32.10), (120.99, 32.12), (120.95, 32.15), (120.98, 32.19), (120.91, 32.18))


def same(a: FeatureBlock, b: FeatureBlock) -> bool:
    """Tell whether two blocks say the same of the same objects, whatever their codes."""
    arrays = all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name == "value")
        for name in _COLUMNS
    )
    words = [[one.kinds[code] for code in one.kind] for one in (a, b)]
    regions = [[one.regions[code] for code in one.region] for one in (a, b)]
    count = a.oid.size
    if not arrays or words[0] != words[1] or regions[0] != regions[1]:
        return False
    return all(np.array_equal(a.shapes.row(at), b.shapes.row(at)) for at in range(count))


def bad_rows(site: Site) -> None:
    """Put good rows with bad ones: the bad are named by their place, the good are kept."""
    good, later = things.row(site, "good"), site.clock.now() + timedelta(hours=3)
    rows: list[object] = [good.model_dump(mode="json") for _ in range(3)]
    rows[1] = {**good.model_dump(mode="json"), "id": f"{site.tag}-bad", "lat": 99.0}
    rows[2] = things.row(site, "future", observed_at=later).model_dump(mode="json")
    path = paths.FEATURES.format(layer=LAYER)
    made = site.ok(site.call("PUT", path, site.feed(), body={"features": rows}), Upserted)
    things.put(site, [good])
    need(
        made.accepted == 1 and [one.index for one in made.rejected] == [1, 2],
        Text("坏行未逐行指出。", "Bad rows are not named one by one."),
    )
    need(
        all(one.zh and one.en and one.where for one in made.rejected),
        Text("拒收的行没有双语原因和位置。", "A refused row lacks reason or place."),
    )
    oid = things.oid_of(site, site.desk(), "good")
    kept = things.feature(site, site.desk(), oid)
    need(kept.name == good.name, Text("对象与送入的不同。", "The object is not what was put."))
    listed = site.ok(site.call("GET", paths.LAYERS, site.desk()), Layers)
    need(LAYER in {one.layer for one in listed.layers}, Text("图层未列出。", "It is not listed."))


def delta(site: Site) -> None:
    """Change, add and remove objects: the delta laid on the old block is the whole new one."""
    desk = site.desk()
    things.put(site, [things.row(site, f"d{one}", value=float(one)) for one in range(6)])
    old = things.whole(site, desk)
    moved = things.row(site, "d1", value=99.5, lon=120.9, state=2)
    things.put(site, [moved, things.row(site, "d9", kind="other")], [f"{site.tag}-d4"])
    change, new = things.block(site, desk, old.version), things.whole(site, desk)
    need(change is not None, Text("没有增量。", "There is no delta."))
    if change is not None:
        laid = merge_features(old, change) if change.base else change
        need(
            same(laid, new) and laid.version == new.version,
            Text("旧块加增量不等于整块。", "Old block and delta are not the whole block."),
        )
        need(
            change.base in (0, old.version), Text("增量的基准不对。", "The delta's base is wrong.")
        )
    need(
        things.block(site, desk, new.version) is None,
        Text("版本相同仍有应答内容。", "The same version is answered with something."),
    )
    need(
        f"{site.tag}-d4" not in _ids(site),
        Text("移除的对象还在。", "A removed object is still there."),
    )


def again(site: Site) -> None:
    """Put the same batch twice: the layer says the same."""
    rows = [things.row(site, f"a{one}", value=1.5) for one in range(3)]
    things.put(site, rows)
    first = things.whole(site, site.desk())
    things.put(site, rows)
    need(
        same(first, things.whole(site, site.desk())),
        Text("重复送入改变了图层。", "The same batch again changed the layer."),
    )


def late(site: Site) -> None:
    """Put an older observation after a newer one: no object goes back in time."""
    now = site.clock.now()
    things.put(site, [things.row(site, "late", value=2.0, observed_at=now)])
    old = things.row(site, "late", value=1.0, observed_at=now - timedelta(minutes=5))
    things.put(site, [old])
    shown = things.feature(site, site.desk(), things.oid_of(site, site.desk(), "late"))
    need(shown.value == 2.0, Text("旧观测覆盖了新观测。", "An old observation replaced a newer."))


def outlines(site: Site) -> None:
    """Put an area, change its reading, then its outline: deltas and whole agree throughout."""
    desk = site.desk()
    area = Outline(form="area", parts=AREA)
    first = things.row(site, "area", lon=None, lat=None, outline=area, value=1.0)
    things.put(site, [first, things.row(site, "point")])
    block = things.whole(site, desk)
    oid = things.oid_of(site, desk, "area")
    at = int(np.searchsorted(block.oid, oid))
    try:
        form, parts = decode(block.shapes.row(at))
    except BadShapeError:
        form, parts = 0, ()
    wanted = np.rint(np.array(AREA[0]) * 1e7).astype(np.int32)
    need(
        form == 2 and len(parts) == 1 and np.array_equal(parts[0][: len(wanted)], wanted),
        Text("块中的轮廓与送入的不同。", "The outline in the block is not what was put."),
    )
    steps = (
        first.model_copy(update={"value": 2.0, "observed_at": site.clock.now()}),
        things.row(
            site, "area", lon=None, lat=None, value=2.0, outline=Outline(form="line", parts=AREA)
        ),
    )
    for step in steps:
        things.put(site, [step])
        change = things.block(site, desk, block.version)
        if change is not None:
            block = merge_features(block, change) if change.base else change
        need(
            same(block, things.whole(site, desk)),
            Text("带轮廓的增量与整块不同。", "A delta with outlines is not the whole block."),
        )


def wide(site: Site) -> None:
    """Put columns through the wide door: objects, then readings alone, and bad columns."""
    count = 50
    now_ms = int(site.clock.now().timestamp() * 1000)
    ids = [f"{site.tag}-w{one}" for one in range(count)]
    site.undo(lambda: things.take_out(site, tuple(ids)))
    columns = {
        "id": pa.array(ids),
        "kind": pa.array(["check"] * count),
        "name": pa.array([things.TITLE] * count),
        "lon": pa.array(np.linspace(120.6, 120.7, count)),
        "lat": pa.array(np.full(count, 32.2)),
        "region": pa.array([things.REGION] * count),
        "value": pa.array(np.arange(count, dtype=np.float64)),
        "observed_ms": pa.array([now_ms] * count, pa.int64()),
    }
    made = _rows(site, encode_rows(Rows(pa.record_batch(columns))))
    need(
        made.accepted == count and not made.rejected,
        Text("宽门未收下全部行。", "The wide door did not take every row."),
    )
    before = things.whole(site, site.desk())
    some = {
        "id": pa.array([ids[0], f"{site.tag}-unknown"]),
        "value": pa.array([1000.5, 1.0]),
        "observed_ms": pa.array([now_ms + 1000] * 2, pa.int64()),
    }
    made = _rows(site, encode_rows(Rows(pa.record_batch(some))))
    need(
        made.accepted == 1 and [one.index for one in made.rejected] == [1],
        Text("未知对象的读数未被指出。", "A reading of an unknown object is not named."),
    )
    change = things.block(site, site.desk(), before.version)
    need(
        change is not None and (not change.base or change.oid.size == 1),
        Text("只改一行的增量不是一行。", "The delta of one reading is not one row."),
    )
    path = paths.ROWS.format(layer=LAYER)
    strange = pa.record_batch({"id": pa.array(["a"]), "nonsense": pa.array([1])})
    for raw in (b"no arrow", encode_rows(Rows(strange))):
        reply = site.call("PUT", path, site.feed(), raw=raw, headers={"Content-Type": ARROW})
        site.refused(reply, 400, 422)


def _rows(site: Site, raw: bytes) -> Upserted:
    path = paths.ROWS.format(layer=LAYER)
    reply = site.call("PUT", path, site.feed(), raw=raw, headers={"Content-Type": ARROW})
    return site.ok(reply, Upserted)


def scope(site: Site) -> None:
    """Look as a county: neither in the block, nor by number, nor in the lasso."""
    county = site.county()
    own = next(iter(county.person.regions))
    foreign = things.OTHER if own != things.OTHER else things.REGION
    things.put(
        site,
        [
            things.row(site, "own", region=own, lon=120.5, lat=32.5),
            things.row(site, "foreign", region=foreign, lon=120.5, lat=32.5),
        ],
    )
    hidden = things.oid_of(site, site.desk(), "foreign")
    seen = things.whole(site, county)
    need(
        hidden not in seen.oid.tolist()
        and all(region.startswith(tuple(county.person.regions)) for region in seen.regions),
        Text("图层块含范围外的对象。", "A block holds objects outside the scope."),
    )
    path = paths.FEATURE.format(layer=LAYER, oid=hidden)
    site.refused(site.call("GET", path, county), 404)
    reply = site.call("POST", paths.WITHIN, county, body=_circle(120.5, 32.5))
    inside = site.ok(reply, Inside)
    need(
        hidden not in {one.oid for one in inside.rows},
        Text("圈选含范围外的对象。", "The lasso holds objects outside the scope."),
    )


def lasso(site: Site) -> None:
    """Draw a ring over scattered objects: count, rows and file equal our own computation."""
    draw = np.random.default_rng(11)
    places = np.column_stack([draw.uniform(120.88, 121.0, 80), draw.uniform(32.08, 32.2, 80)])
    places = np.round(places, 6)
    things.put(
        site,
        [
            things.row(site, f"l{at}", lon=float(lon), lat=float(lat), state=int(at % 3 == 0))
            for at, (lon, lat) in enumerate(places.tolist())
        ],
    )
    wanted = {f"{site.tag}-l{at}" for at in np.flatnonzero(_inside(places)).tolist()}
    body = Within(area=Polygon(ring=RING), layers=(LAYER,), limit=1000)
    found = site.ok(site.call("POST", paths.WITHIN, site.desk(), body=body), Inside)
    ours = {one.id for one in found.rows if one.id.startswith(site.tag)}
    need(
        ours == wanted,
        Text(
            f"圈选到 {len(ours)} 个,应为 {len(wanted)} 个。",
            f"The lasso holds {len(ours)} objects, want {len(wanted)}.",
        ),
    )
    total = sum(one.count for one in found.totals)
    need(
        found.count == total == len(found.rows),
        Text("总数、分类数与行数不符。", "Count, totals and rows do not agree."),
    )
    order = [one.distance_m for one in found.rows]
    need(order == sorted(order), Text("未按远近排列。", "Rows are not the nearest first."))
    reply = site.call("POST", paths.WITHIN_EXPORT, site.desk(), body=body, query={"format": "csv"})
    text = site.expect(reply, 200).content.decode("utf-8-sig")
    need(
        len(list(csv.reader(io.StringIO(text)))) - 1 == found.count,
        Text("导出的行数不符。", "The export has another number of rows."),
    )
    bow = {"area": {"shape": "polygon", "ring": [[120, 32], [121, 33], [121, 32], [120, 33]]}}
    site.refused(site.call("POST", paths.WITHIN, site.desk(), body=bow), 422)


def _inside(places: np.ndarray) -> np.ndarray:
    """Tell which places lie inside the ring, by counting crossings."""
    x, y = places[:, 0], places[:, 1]
    found = np.zeros(len(places), np.bool_)
    for (x0, y0), (x1, y1) in zip(RING, (*RING[1:], RING[0]), strict=True):
        crosses = (y0 > y) != (y1 > y)
        found ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return found


def _ids(site: Site) -> set[str]:
    desk = site.desk()
    newest = things.whole(site, desk).oid.tolist()[-12:]
    return {things.feature(site, desk, oid).id for oid in newest}


def _circle(lon: float, lat: float) -> dict[str, object]:
    area = {"shape": "circle", "lon": lon, "lat": lat, "radius_m": 500.0}
    return {"area": area, "layers": [LAYER], "limit": 1000}


CHECKS: Final = (
    Check("layers.rows", Text("坏行逐行指出", "bad rows are named, neighbours kept"), bad_rows),
    Check("layers.delta", Text("旧块加增量等于整块", "a delta on the old is the whole"), delta),
    Check("layers.again", Text("重复送入不变", "the same again changes nothing"), again),
    Check("layers.late", Text("对象不回到过去", "no object goes back in time"), late),
    Check("layers.shapes", Text("轮廓与增量", "outlines and their deltas"), outlines),
    Check("layers.wide", Text("宽门:整列送入", "the wide door takes columns"), wide),
    Check("layers.scope", Text("范围外的对象看不见", "objects outside one's scope"), scope),
    Check("layers.lasso", Text("圈选等于自行计算", "the lasso equals own computation"), lasso),
)
