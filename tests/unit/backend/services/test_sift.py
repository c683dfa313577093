"""Good rows are parted from bad ones, each with its place and reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pydantic import JsonValue

from backend.services.rows import batch_of
from backend.services.sift import OWNERS, owner_of, sift
from backend_client.contract.feature import FeatureIn
from maps.spec import load_layers

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)


def row(
    *,
    region: str = "3206",
    lat: float | None = 32.0,
    at: datetime = NOW,
    properties: dict[str, JsonValue] | None = None,
) -> FeatureIn:
    """Give one row."""
    return FeatureIn(
        id="F1",
        kind="sluice",
        name="闸",
        lon=121.0,
        lat=lat,
        region=region,
        observed_at=at,
        properties=properties or {},
    )


def test_each_fault_is_named_at_its_place() -> None:
    rows = [
        row(),
        row(lat=None),
        row(region="9999"),
        row(at=NOW + timedelta(seconds=61)),
        row(at=datetime(1969, 1, 1, tzinfo=UTC)),
        row(properties={"note": "长" * 20_000}),
        row(at=NOW + timedelta(seconds=60)),
    ]
    good, refused = sift(
        batch_of(rows),
        "water",
        may=lambda region, department: region == "3206" and department == "D27",
        latest=NOW + timedelta(seconds=60),
    )
    assert good.tolist() == [0, 6]
    assert [(one.index, one.where) for one in refused] == [
        (1, "lon"),
        (2, "region"),
        (3, "observed_at"),
        (4, "observed_ms"),
        (5, "properties"),
    ]
    assert all(one.zh and one.en for one in refused)


def test_an_object_without_a_department_is_its_layers_leading_ones() -> None:
    assert {spec.layer_id: spec.department for spec in load_layers()} == OWNERS
    assert owner_of("noise") == "D41"


FIELDS = {
    "{}": True,
    ' {"a": 1}\n': True,
    '{"年份": "1980", "面积": 90.5, "在用": true, "无": null}': True,
    '{"a": {"b": [1, {"c": 2}]}}': True,
    '{"a": 1, "a": 2}': True,
    '{"a": 1e999}': True,
    '{"a": "}{"}': True,
    '{"a": NaN}': False,
    '{"a": Infinity}': False,
    '{"a": "\\ud800"}': False,
    '{"a": 01}': False,
    '{"a": "1\t2"}': False,
    '{"a/b": 1}': False,
    '{"": 1}': False,
    "\ufeff{}": False,
    "": False,
    "[]": False,
    "1": False,
    "null": False,
    "{} {}": False,
    "{}\n{}": False,
    '{"a": 1': False,
    '{"a": {}': False,
    '"b": 2}': False,
    '{"a": [{}': False,
    "{}]} {}": False,
    '{"a": "}': False,
    '{"b": ""}, {}': False,
    '{"a": 1 /* b */}': False,
    "{" + ", ".join(f'"f{n}": 1' for n in range(64)) + "}": True,
    "{" + ", ".join(f'"f{n}": 1' for n in range(65)) + "}": False,
    "{" + ", ".join(f'"g{n}": 1' for n in range(64)) + "}": True,
}


@pytest.mark.parametrize("first", FIELDS)
def test_fields_are_judged_row_by_row_whatever_stands_beside_them(first: str) -> None:
    for second in FIELDS:
        rows = [first, second, "{}"]
        batch = batch_of([row()] * len(rows))
        place = batch.schema.get_field_index("properties")
        batch = batch.set_column(place, "properties", pa.array(rows))
        good, refused = sift(batch, "water", may=lambda *_: True, latest=NOW)
        assert good.tolist() == [n for n, text in enumerate(rows) if FIELDS[text]], rows
        assert {one.where for one in refused} <= {"properties"}


def test_rows_with_names_of_their_own_cost_no_column_each() -> None:
    """A column of every name would be a gigabyte here."""
    texts = ["{" + ", ".join(f'"f{at}_{n}": 1' for n in range(40)) + "}" for at in range(2_000)]
    batch = batch_of([row()] * len(texts))
    place = batch.schema.get_field_index("properties")
    batch = batch.set_column(place, "properties", pa.array(texts))
    usual = pa.default_memory_pool()
    counted = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(counted)
    try:
        good, refused = sift(batch, "water", may=lambda *_: True, latest=NOW)
    finally:
        pa.set_memory_pool(usual)
    assert len(good) == len(texts)
    assert not refused
    assert 0 < (counted.max_memory() or 0) < 100_000_000


@pytest.mark.parametrize("one", ['{"a":', "["])
@pytest.mark.parametrize("deep", [1_000, 50_000, 1_000_000])
def test_a_deeply_nested_row_is_refused_alone(one: str, deep: int) -> None:
    """A reader that goes down by calling itself ends the whole service here."""
    other = "}" if one.startswith("{") else "]"
    texts = ["{}", '{"b": ' + one * deep + "1" + other * deep + "}"]
    batch = batch_of([row()] * len(texts))
    place = batch.schema.get_field_index("properties")
    batch = batch.set_column(place, "properties", pa.array(texts))
    good, refused = sift(batch, "water", may=lambda *_: True, latest=NOW)
    assert good.tolist() == [0]
    assert [(one.index, one.where) for one in refused] == [(1, "properties")]


@pytest.mark.parametrize("later", ['{"面积": 90.5}', '{"面积": null}', "{}", '{"面积": "无"}'])
def test_a_field_may_say_other_things_in_other_rows(later: str) -> None:
    batch = batch_of([row()] * 200)
    place = batch.schema.get_field_index("properties")
    for last, ok in (('{"面积": 1}', True), ('{"面积": NaN}', False), ('{"b": 2}', True)):
        texts = ['{"面积": 90}'] * 150 + [later] * 49 + [last]
        told = batch.set_column(place, "properties", pa.array(texts))
        good, _ = sift(told, "water", may=lambda *_: True, latest=NOW)
        assert len(good) == (200 if ok else 199)
