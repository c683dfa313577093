"""PostGIS beside ours on the same objects: loaded by COPY, GiST index, clustered, analysed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

from tests.postgres import Server, programs

SHARED = Path("/usr/share/postgresql")
Ring = list[tuple[float, float]]
Counts = dict[int, tuple[int, int]]
_SETTINGS = ("shared_buffers=512MB", "work_mem=64MB", "jit=off", "listen_addresses=", "fsync=off")
_MAKE = (
    "CREATE TABLE thing (class int NOT NULL, state int NOT NULL, place geometry(Point) NOT NULL)"
)
_AFTER = (
    "CREATE INDEX thing_place ON thing USING gist (place)",
    "CLUSTER thing USING thing_place",
    "VACUUM ANALYZE thing",
)
_COUNT = (
    "SELECT class, count(*), count(*) FILTER (WHERE state > 0) FROM thing "
    "WHERE ST_Contains(ST_GeomFromWKB(%s), place) GROUP BY class"
)


@contextmanager
def postgis(
    places: npt.NDArray[np.object_],
    classes: npt.NDArray[np.int64],
    states: npt.NDArray[np.uint8],
    *,
    kinds: int,
) -> Iterator[dict[str, Callable[[Ring], Counts]]]:
    """Give PostGIS as one more way to count, or none where it is not installed."""
    found = programs()
    if found is None or not (SHARED / found.parts[-2] / "extension/postgis.control").exists():
        print("PostGIS is not installed: no row for it (make bench installs it where it may)")
        yield {}
        return
    server = Server(found, _SETTINGS).start()
    try:
        with psycopg.connect(host=str(server.folder), user="postgres", autocommit=True) as one:
            _load(one, places, classes, states)
            yield {"PostGIS": lambda ring: _count(one, ring, kinds)}
    finally:
        server.remove()


def _load(
    one: psycopg.Connection,
    places: npt.NDArray[np.object_],
    classes: npt.NDArray[np.int64],
    states: npt.NDArray[np.uint8],
) -> None:
    started = time.perf_counter()
    one.execute("CREATE EXTENSION postgis")
    one.execute(_MAKE)
    words = zip(classes.tolist(), states.tolist(), shapely.to_wkb(places, hex=True), strict=True)
    lines = "".join(f"{kind}\t{state}\t{place}\n" for kind, state, place in words)
    with one.cursor().copy("COPY thing FROM STDIN") as copy:
        copy.write(lines)
    loaded = time.perf_counter()
    for statement in _AFTER:
        one.execute(statement)
    print(f"PostGIS: COPY {loaded - started:.1f} s, index {time.perf_counter() - loaded:.1f} s")


def _count(one: psycopg.Connection, ring: Ring, kinds: int) -> Counts:
    rows = one.execute(_COUNT, (shapely.to_wkb(shapely.Polygon(ring)),), binary=True).fetchall()
    counts: Counts = dict.fromkeys(range(kinds), (0, 0))
    return counts | {int(kind): (int(count), int(abnormal)) for kind, count, abnormal in rows}
