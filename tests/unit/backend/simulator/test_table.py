"""Batches are of the wide door's contract, and properties are JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backend.simulator import layers
from backend.simulator.stock import make, run_of
from backend.simulator.table import readings, spell, values, whole
from backend_client.contract.feature import FeatureIn
from backend_client.contract.rows import Rows, decode_rows, encode_rows
from backend_client.contract.shapes import AREA, LINE, decode
from tests.town import kind, world

NOON_S = 1_784_520_000.0


@pytest.mark.parametrize("layer", [table.layer for table in layers.load()])
def test_every_kind_is_a_batch_of_the_contract(layer: str) -> None:
    table = next(one for one in layers.load() if one.layer == layer)
    for one in table.kinds:
        stock = run_of(make(layer, one, world()), 0, 40)
        rows = decode_rows(encode_rows(Rows(whole(stock, NOON_S), "f")))
        assert rows.is_whole
        assert rows.batch.num_rows == stock.size
        for row in rows.batch.to_pylist():
            fields = json.loads(row["properties"])
            assert fields["generated"] is True
            assert fields["contact"]
            assert fields["phone"].startswith("0513-")
            FeatureIn.model_validate(
                {
                    "id": row["id"],
                    "kind": row["kind"],
                    "name": row["name"],
                    "lon": row["lon"],
                    "lat": row["lat"],
                    "region": row["region"],
                    "department": row["department"],
                    "state": row["state"],
                    "value": row["value"],
                    "observed_at": "2026-07-20T04:00:00Z",
                    "properties": fields,
                }
            )
            if "shape" in row:
                form, parts = decode(np.array(row["shape"], np.int32))
                assert form in (LINE, AREA)
                assert form == LINE or all((part[0] == part[-1]).all() for part in parts)


def test_official_names_say_that_they_are_a_demonstration() -> None:
    names = whole(run_of(make("health", kind("health", "hospital"), world()), 0, 5), NOON_S)
    assert all(name.as_py().endswith("（演示）") for name in names.column("name"))


def test_readings_carry_no_more_than_changed() -> None:
    stock = make("water", kind("water", "dike"), world())
    value, state = values(stock, NOON_S)
    batch = readings(stock, np.array([3, 5]), value, state, at_s=NOON_S)
    rows = decode_rows(encode_rows(Rows(batch, "f")))
    assert not rows.is_whole
    assert rows.batch.column("id").to_pylist() == ["SIM-WD00003", "SIM-WD00005"]
    assert rows.batch.column("observed_ms").to_pylist() == [round(NOON_S * 1000)] * 2


def test_spelling_is_json_whatever_the_words() -> None:
    words = ['a"b', "100%", "c\\d"]
    found = spell({"same": '50% "x"', "words": words, "n": [1, 2.5, None], "on": True}, 3)
    assert [json.loads(one) for one in found] == [
        {"same": '50% "x"', "words": word, "n": n, "on": True}
        for word, n in zip(words, [1, 2.5, None], strict=True)
    ]
    assert spell({"n": [True, 2, 0.5, None]}, 4) == [
        f'{{"n":{n}}}' for n in ["true", "2", "0.5", "null"]
    ]
    assert spell({"list": [[1, "a, b"], []]}, 2) == ['{"list":[1, "a, b"]}', '{"list":[]}']
    assert spell({"p": "50%"}, 2) == ['{"p": "50%"}'.replace(" ", "", 1)] * 2
