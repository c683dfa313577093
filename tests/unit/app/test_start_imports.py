"""What the first window does not need is not read before it: an import there is time on a wall."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from tests.end2end.stack import ROOT

LATE = ("pandas", "geopandas", "pyogrio", "openpyxl", "pyqtgraph", "folium")
# A block goes through Arrow as well: `to_numpy` would read pandas.
CODE = """
import sys
import main, widgets.program
from backend_client.contract.columns import decode_features, encode_features
from tests.fakes import features
decode_features(encode_features(features()))
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("name", LATE)
def test_the_console_starts_without(loaded: frozenset[str], name: str) -> None:
    assert name not in loaded


def test_what_a_window_is_made_of_is_looked_at(loaded: frozenset[str]) -> None:
    assert {"widgets.window", "maps.view", "app.sync", "pyarrow"} <= loaded


def test_the_caches_library_is_read_before_there_are_workers(loaded: frozenset[str]) -> None:
    """Read by a worker it waited for the loader, and everybody else for the interpreter."""
    assert "sqlalchemy" in loaded


FORMS = ("csv", "xlsx", "geojson", "gpkg", "shp", "parquet")
READ = """
import sys
import main, widgets.program
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from app.actions.imports import LIBRARIES

def libraries():
    named = [(name, getattr(one, "__file__", None) or "") for name, one in sys.modules.items()]
    return {name for name, file in named if file.endswith(tuple(EXTENSION_SUFFIXES))}

for name in LIBRARIES:
    import_module(name)
before = libraries()
from backend_client.contract.feature import Upserted
from backend_client.importing.load import load
from backend_client.importing.look import look
from backend_client.importing.wish import Wish
for file in sys.argv[1:]:
    seen = look(Wish("housing", Path(file)))
    assert seen.opened is not None, seen.fault
    put = lambda layer, rows: Upserted(accepted=rows.batch.num_rows, rejected=(), version=1)
    *_, last = load(seen.opened, put, report=Path(file + ".report"))
    assert last.accepted == 1, (file, last)
print(*(libraries() - before))
"""


def test_a_worker_that_reads_a_file_reads_no_library_first(tmp_path: Path) -> None:
    """It could stand still for good with the whole console: only the main thread reads one."""
    (tmp_path / "a.csv").write_text("编号,名称,经度,纬度\n1,屋,120.9,32.0\n", "utf-8")
    book = openpyxl.Workbook()
    for row in (["编号", "名称", "经度", "纬度"], [1, "屋", 120.9, 32.0]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    made = geopandas.GeoDataFrame(
        {"编号": ["1"], "名称": ["屋"]}, geometry=[shapely.Point(120.9, 32.0)], crs=4326
    )
    for name in ("a.geojson", "a.gpkg", "a.shp"):
        made.to_file(tmp_path / name)
    made.to_parquet(tmp_path / "a.parquet")
    files = [str(tmp_path / f"a.{end}") for end in FORMS]
    done = subprocess.run(
        [sys.executable, "-c", READ, *files], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
