"""A delta laid over what a reader has is what the reader would get whole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.arrays import Array
from backend.storage import columns
from backend.storage.columns import FullError, Layer
from backend.storage.features import SHAPE, STORED, Chunk
from backend.storage.views import Left
from backend_client.contract.columns import (
    FEATURE_COLUMNS,
    FeatureBlock,
    decode_features,
    empty_features,
    encode_features,
    merge_features,
)
from backend_client.contract.shapes import KEPT, LINE


def stored(oid: int, **changed: object) -> dict[str, object]:
    """Give one row."""
    return {
        "oid": oid,
        "id": f"F{oid}",
        "kind": "sluice",
        "lon": 121.0,
        "lat": 32.0,
        "region": "320613",
        "department": "D27",
        "state": 0,
        "value": 1.5,
        "observed_ms": 1_000_000,
        "shape": None,
        **changed,
    }


def chunk(*rows: dict[str, object]) -> Chunk:
    """Put rows into columns, the last of each object."""
    last = list({row["oid"]: row for row in rows}.values())
    kinds = {**STORED, "shape": SHAPE}
    return Chunk(
        np.array([row["oid"] for row in last], np.int64),
        {
            name: pa.array([row[name] for row in last], kinds[name])
            for name in last[0]
            if name != "oid"
        },
    )


def outline(*corners: int) -> bytes:
    """Give a line as it is stored."""
    return np.array([LINE, 1, len(corners) // 2, *corners], "<i4").tobytes()


def everyone(_region: str, _department: str) -> bool:
    """See everything."""
    return True


def rudong(region: str, department: str) -> bool:
    """See what one county's water people see."""
    return region.startswith("320623") and department == "D27"


_rows = st.builds(
    stored,
    st.integers(1, 12),
    kind=st.sampled_from(["sluice", "lock", "pump"]),
    region=st.sampled_from(["320613", "320623", "320623101"]),
    department=st.sampled_from(["D27", "D33"]),
    state=st.integers(0, 4),
    value=st.sampled_from([None, 0.5, 2.0]),
    lon=st.sampled_from([120.5, 121.5]),
    shape=st.sampled_from([None, outline(0, 0, 1, 1), outline(2, 2, 3, 3)]),
)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(_rows, min_size=1, max_size=5)),
        st.tuples(st.just("moving"), st.integers(1, 12)),
        st.tuples(st.just("gone"), st.integers(1, 12)),
    ),
    max_size=12,
)


@dataclass
class Reader:
    """A console that keeps a block and now and then asks what is new."""

    sees: columns.Sees
    block: FeatureBlock = field(default_factory=lambda: empty_features("water"))

    def ask(self, layer: Layer) -> None:
        """Take what is new over the wire's own form."""
        made = layer.block(self.block.version, self.sees)
        if made is not None:
            self.block = merge_features(self.block, decode_features(encode_features(made)))


def rows_of(block: FeatureBlock) -> dict[int, tuple[object, ...]]:
    """Spell a block out in words, so that codes may differ."""
    return {
        int(block.oid[i]): (
            block.kinds[block.kind[i]],
            block.regions[block.region[i]],
            *(
                str(getattr(block, name)[i])
                for name in FEATURE_COLUMNS
                if name not in ("oid", "kind", "region")
            ),
            block.shapes.row(i).tobytes(),
        )
        for i in range(len(block.oid))
    }


@settings(max_examples=150, deadline=None)
@given(_steps, st.sets(st.integers(0, 11)), st.sampled_from([0, 3, 1_000]))
def test_deltas_add_up_to_the_whole(
    steps: list[tuple[str, object]], asking: set[int], remembered: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "MOVES_KEPT", remembered)
        check_deltas(steps, asking)


def check_deltas(steps: list[tuple[str, object]], asking: set[int]) -> None:
    """Ask now and then, and hold the sum of the answers against the whole."""
    layer = Layer("water", 100)
    readers = [Reader(everyone), Reader(rudong)]
    for number, (what, how) in enumerate(steps):
        version = layer.version + 1
        if isinstance(how, list):
            layer.apply(version, chunk(*how))
        elif isinstance(how, int) and what == "moving":
            layer.apply(version, chunk(stored(how, lon=None, lat=None)))
        elif isinstance(how, int):
            layer.apply(version, None, [how])
        if number in asking:
            for reader in readers:
                reader.ask(layer)
    for reader in readers:
        reader.ask(layer)
        whole = layer.block(0, reader.sees)
        if whole is None:
            continue
        assert rows_of(reader.block) == rows_of(whole)
        assert layer.block(whole.version, reader.sees) is None


def test_a_version_too_old_to_tell_apart_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "GONE_KEPT", 2)
    layer = Layer("water", 1)
    layer.apply(2, chunk(*(stored(oid) for oid in range(1, 6))))
    for version, oid in ((3, 1), (4, 2), (5, 3)):
        layer.apply(version, None, [oid])
    old, young = layer.block(2, everyone), layer.block(4, everyone)
    assert old is not None
    assert young is not None
    assert (old.base, old.oid.tolist()) == (0, [4, 5])
    assert (young.base, young.removed.tolist()) == (4, [3])
    future = layer.block(99, everyone)
    assert future is not None
    assert future.base == 0


def test_moving_objects_are_in_no_block_and_known_by_id() -> None:
    layer = Layer("hazmat", 1, [chunk(stored(1, lon=None, lat=None), stored(2))])
    whole = layer.block(0, everyone)
    assert whole is not None
    assert whole.oid.tolist() == [2]
    assert layer.moving(["F1", "F2", "F9"]).tolist() == [1, 0, 0]
    assert layer.count(everyone) == 2
    assert layer.apply(2, None, [1]) == [Left(1, ("320613", "D27"))]
    assert layer.moving(["F1"]).tolist() == [0]
    assert layer.scope(1) is None


def test_more_kinds_than_the_arrays_can_name_are_refused() -> None:
    layer = Layer("water", 1, [chunk(stored(1))])
    layer.room((f"kind{number}" for number in range(254)), ())
    with pytest.raises(FullError):
        layer.room((f"kind{number}" for number in range(255)), ())


def test_the_lasso_is_told_what_moved_and_picks_what_a_reader_sees() -> None:
    layer = Layer("water", 1, [chunk(stored(1), stored(2))])
    before = layer.placed()
    layer.apply(2, chunk(stored(1, lon=121.7)))
    after = layer.placed(before.placed)
    assert before.lon_e7.tolist() == [1_210_000_000] * 2
    assert (after.row.tolist(), after.lon_e7.tolist()) == ([0], [1_217_000_000])
    layer.apply(3, chunk(stored(1, lon=121.7, state=3)))
    assert layer.placed(after.placed).row.tolist() == []
    picked = layer.pick(np.array([1, 0]), everyone)
    assert (picked.oid.tolist(), picked.state.tolist()) == ([2, 1], [0, 3])
    assert layer.pick(np.array([0, 1]), rudong).oid.tolist() == []
    layer.apply(4, chunk(stored(2, lon=None, lat=None)))
    assert layer.pick(np.array([0, 1]), everyone).oid.tolist() == [1]
    assert layer.placed(after.placed).row.tolist() == [1]


def test_an_outline_goes_down_once_and_again_when_it_is_new_to_the_reader() -> None:
    layer = Layer("roads", 1, [chunk(stored(1, shape=outline(0, 0, 1, 1)), stored(2))])
    layer.apply(2, chunk(stored(1, shape=outline(0, 0, 1, 1), state=3)))
    delta = layer.block(1, everyone)
    assert delta is not None
    assert delta.shapes.row(0).tolist() == [KEPT]
    layer.apply(3, chunk(stored(1, shape=outline(0, 0, 9, 9))))
    delta = layer.block(2, everyone)
    assert delta is not None
    assert delta.shapes.row(0)[3:].tolist() == [0, 0, 9, 9]
    layer.apply(4, chunk(stored(1, region="320623", shape=outline(0, 0, 9, 9))))
    came, stayed = layer.block(3, rudong), layer.block(3, everyone)
    assert came is not None
    assert stayed is not None
    assert came.shapes.row(0).size > 1  # it was not in this reader's sight before
    layer.apply(5, chunk(stored(1, region="320623", shape=None)))
    delta = layer.block(4, everyone)
    assert delta is not None
    assert delta.shapes.is_none


def test_readings_leave_what_they_do_not_name() -> None:
    layer = Layer("water", 1, [chunk(stored(1), stored(2))])
    readings: dict[str, Array] = {
        "value": pa.array([7.0]),
        "observed_ms": pa.array([5_000_000], pa.int64()),
    }
    layer.apply(2, Chunk(np.array([2]), readings))
    delta = layer.block(1, everyone)
    assert delta is not None
    assert (delta.oid.tolist(), delta.value.tolist(), delta.kinds) == ([2], [7.0], ("sluice",))
    assert delta.lon_e7.tolist() == [1_210_000_000]
    assert delta.observed_s.tolist() == [5_000]


def test_a_moving_object_that_leaves_its_scope_or_stands_is_told() -> None:
    still = {"lon": None, "lat": None}
    layer = Layer("hazmat", 1, [chunk(stored(1, **still), stored(2, **still), stored(3))])
    assert layer.apply(2, chunk(stored(1, **still, state=2))) == []
    here = ("320613", "D27")
    assert layer.apply(3, chunk(stored(1, **still, region="320623"))) == [Left(1, here)]
    assert layer.apply(4, chunk(stored(2))) == [Left(2, here)]
    assert layer.apply(5, None, [3]) == []
    seen = layer.sight(np.array([1, 2, 3, 4, 0]), rudong)
    assert seen.seen.tolist() == [True, False, False, False, False]
    assert (seen.kinds[seen.kind[0]], seen.regions[seen.region[0]]) == ("sluice", "320623")
