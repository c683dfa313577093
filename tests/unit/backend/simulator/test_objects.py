"""Objects are registered once, told of in time, and the same for the same seed."""

from __future__ import annotations

from collections import Counter

import numpy as np

from backend.simulator import layers
from backend.simulator.faults import QUIET_S, Fault
from backend.simulator.kinds import LayerTable
from backend.simulator.objects import Batch, Objects
from backend.simulator.stock import make
from backend.simulator.table import values
from tests.town import kind, world

NOON_S = 1_784_520_000.0


def small(*words: tuple[str, str], tidy: bool = True, began_s: float = NOON_S) -> Objects:
    """Give objects of a few kinds only."""
    tables = {layer: [] for layer, _word in words}  # type: dict[str, list[object]]
    for layer, word in words:
        tables[layer].append(kind(layer, word))
    rows = [LayerTable(layer, layer, layer, tuple(kinds)) for layer, kinds in tables.items()]  # type: ignore[arg-type]
    return Objects(world(), rows, tidy=tidy, began_s=began_s)


def told(objects: Objects, since_s: float, seconds: int) -> list[tuple[float, Batch]]:
    """Play some time, a second at a time."""
    return [(since_s + s, batch) for s in range(seconds) for batch in objects.due(since_s + s)]


def test_the_same_seed_is_the_same_city() -> None:
    one, two = (
        [
            b.rows.to_pydict()
            for b in small(("fire", "station")).register(["fire"], NOON_S)
            if b.rows
        ]
        for _ in range(2)
    )
    assert one == two


def test_what_the_service_has_is_not_described_again() -> None:
    objects = small(("police", "key_place"), ("police", "checkpoint"))
    assert list(objects.register([], NOON_S)) == []
    assert [batch for _at, batch in told(objects, NOON_S, 400)], (
        "its readings are told all the same"
    )


def test_everything_is_told_of_within_its_period() -> None:
    objects = small(("services", "kiosk"), ("services", "hall"))
    list(objects.register(["services"], NOON_S))
    last: dict[str, float] = {}
    gaps: dict[str, float] = {}
    for at_s, batch in told(objects, NOON_S, 1_500):
        assert batch.rows is not None
        for name in map(str, batch.rows.column("id").to_pylist()):
            gaps[name] = max(gaps.get(name, 0.0), at_s - last.get(name, NOON_S))
            last[name] = at_s
    halls = [gap for name, gap in gaps.items() if name.startswith("SIM-SH")]
    kiosks = [gap for name, gap in gaps.items() if name.startswith("SIM-SK")]
    assert len(halls) == 110
    assert max(halls) <= 120
    assert max(kiosks) <= 660


def test_a_large_kind_tells_only_what_changed() -> None:
    objects = small(("transport", "road"))
    total = sum(b.rows.num_rows for b in objects.register(["transport"], NOON_S) if b.rows)
    assert total == 1_200
    sent = sum(b.rows.num_rows for _at, b in told(objects, NOON_S, 240) if b.rows)
    assert 0 < sent < 2 * total


def test_a_feed_speaks_at_every_beat_even_when_nothing_changed() -> None:
    objects = small(("emergency", "shelter"))
    list(objects.register(["emergency"], NOON_S))
    beats = Counter(batch.feed for _at, batch in told(objects, NOON_S, 600))
    assert set(beats.values()) <= {10, 11}


def test_fixes_carry_the_state_their_object_was_told_with() -> None:
    objects = small(("urban", "muck_truck"))
    list(objects.register(["urban"], NOON_S))
    batches = [batch.wide_fixes().batch for batch in objects.fixes(NOON_S, NOON_S + 30)]
    states = [state for batch in batches for state in batch.column("state").to_pylist()]
    assert states
    assert set(states) <= {0, 4}


def test_a_tidy_city_has_no_faults_and_an_untidy_one_has() -> None:
    tidy, untidy = (
        Objects(world(), layers.load(), tidy=tidy, began_s=NOON_S) for tidy in (True, False)
    )
    later = [NOON_S + QUIET_S + 1800 * n for n in range(20)]
    for objects, has_some in ((tidy, False), (untidy, True)):
        found = {objects.fault(s, at) for at in later for s in objects.sources.values()}
        assert (found != {Fault.NONE}) == has_some
    fresh = {untidy.fault(source, NOON_S + 60) for source in untidy.sources.values()}
    assert fresh == {Fault.NONE}, "the first rows are what others are compared with"


def test_a_normal_day_is_mostly_normal() -> None:
    for hour in (0, 4, 8, 13):
        for table in layers.load():
            grave = few = total = 0
            for one in table.kinds:
                if one.fleet is not None or one.word.startswith(("outage", "part")):
                    continue
                stock = make(table.layer, one, world())
                _value, state = values(stock, NOON_S + 3600 * hour)
                few += int((state > 0).sum())
                grave += int(((state > 0) & (state <= 2)).sum())
                total += stock.size
            assert few <= max(30, 0.03 * total), f"{table.layer} at +{hour} h: {few} abnormal"
            assert grave <= 1
            assert np.isfinite(total)
