from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend_client.errors import BadFileError
from backend_client.importing.tracks import EARTH_M, Tracks, middle, move_to, read_tracks, retime
from tests.unit.backend_client.importing.files import write

GPX = """<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="32.01" lon="120.86"><time>2026-07-20T01:40:00Z</time></trkpt>
<trkpt lat="32.02" lon="120.86"><time>2026-07-20T01:41:00Z</time></trkpt></trkseg></trk>
<trk><trkseg><trkpt lat="32.03" lon="120.9"><time>2026-07-20T01:40:30Z</time></trkpt></trkseg></trk>
</gpx>"""


BEGIN = 1_211_033_000


def parquet(path: Path) -> Path:
    """Write two cabs as the test data have them: sorted by mover, one fix twice, one bad."""
    table = pa.table(
        {
            "uid": ["b", "b", "b", "a", "a", "a"],
            "t": [BEGIN + after for after in (100, 160, 160, 130, 190, 250)],
            "lat_e6": pa.array([37_000_000, 37_001_000, 37_009_000, 375, 38_000_000, None]),
            "lon_e6": [-122_000_000] * 6,
        }
    )
    pq.write_table(table, path)
    return path


def test_fixes_come_in_the_order_of_time_with_speed_and_heading(tmp_path: Path) -> None:
    tracks = read_tracks(parquet(tmp_path / "a.parquet"))
    after_s = (tracks.at_ms // 1000 - BEGIN).tolist()
    assert after_s == [100, 130, 160, 190]
    assert [tracks.names[who] for who in tracks.who] == ["b", "a", "b", "a"]
    assert (tracks.doubled, tracks.bad) == (1, 1)
    assert tracks.speed_kmh[0] == pytest.approx(np.radians(0.001) * EARTH_M / 60 * 3.6)
    assert tracks.heading_deg[0] == pytest.approx(0)
    assert tracks.speed_kmh[1] == 400  # 4,000 km in a minute is no speed


@pytest.mark.parametrize("name", ["a.csv", "a.gpx"])
def test_tables_and_gpx_are_tracks_too(tmp_path: Path, name: str) -> None:
    table = (
        "编号,时间,经度,纬度\n甲,2026-07-20 09:40:00,120.86,32.01\n"
        "甲,2026-07-20 09:41:00,120.86,32.02\n乙,2026-07-20 09:40:30,120.9,32.03\n"
    )
    tracks = read_tracks(write(tmp_path / name, table if name == "a.csv" else GPX))
    assert len(tracks.names) == 2
    assert tracks.at_ms.tolist() == [1_784_511_600_000, 1_784_511_630_000, 1_784_511_660_000]
    assert tracks.lonlat.tolist() == [[120.86, 32.01], [120.9, 32.03], [120.86, 32.02]]


@pytest.mark.parametrize(
    ("name", "told", "why"),
    [
        ("a.csv", "编号,经度,纬度\n甲,120.86,32.01\n", "who, when and where"),
        ("a.csv", "uid,t,lon,lat\n", "holds no fixes"),
        ("a.gpx", GPX[:200], "no whole GPX"),
    ],
)
def test_what_is_no_track_is_refused(tmp_path: Path, name: str, told: str, why: str) -> None:
    with pytest.raises(BadFileError, match=why):
        read_tracks(write(tmp_path / name, told))


def recorded(who: list[int], at_s: list[float], lonlat: np.ndarray | None = None) -> Tracks:
    """Make tracks out of bare numbers."""
    count = len(who)
    places = np.zeros((count, 2)) if lonlat is None else lonlat
    at_ms = np.rint(np.array(at_s) * 1000).astype(np.int64)
    return Tracks(list("ab"), np.array(who), at_ms, places, np.zeros(count), np.zeros(count))


def test_moving_keeps_distances(tmp_path: Path) -> None:
    lonlat = np.array([[-74.0, 40.0], [-74.01, 40.0], [-74.0, 40.01]])
    moved = move_to(lonlat, (120.9, 32.0))
    assert middle(moved) == pytest.approx((120.9, 32.0))
    east = [np.diff(p[:2, 0]) * np.cos(np.radians(p[0, 1])) for p in (lonlat, moved)]
    assert east[1] == pytest.approx(east[0], rel=1e-3)
    assert np.diff(moved[:, 1]) == pytest.approx(np.diff(lonlat[:, 1]))


def test_intervals_are_divided_by_the_speed() -> None:
    tracks = recorded([0, 1, 0, 1], [0, 30, 60, 90])
    due = retime(tracks, speed=10, start_ms=5_000, together=False)
    assert due.tolist() == [5_000, 8_000, 11_000, 14_000]
    due = retime(tracks, speed=10, start_ms=5_000, together=True)
    assert due.tolist() == [5_000, 5_000, 11_000, 11_000]


def test_no_two_fixes_of_one_mover_share_an_instant() -> None:
    at_s = [0.0, 1.0, 2.0, 3.0, 1_000.0]
    tracks = recorded([0, 0, 0, 1, 0], at_s)
    due = retime(tracks, speed=10_000, start_ms=0, together=False)
    assert due.tolist() == [0, 1, 2, 0, 100]
