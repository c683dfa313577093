"""Third-party notices of a bundle, read from what really went into it.

Python packages from the build's own lists, with the licence files they came with; scripts
inside folium-offline one by one; libraries of the build machine by their Debian package.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import bundled
import third_party
from offlinefolium.elements import _res as installed

LICENCE_FILE = re.compile(r"(?i)(^|/)(licen[cs]e|copying|notice|authors)[^/]*$")
STATED = re.compile(r"(?i)licen[cs]ed?\b[^\n*]{0,100}|\b(MIT|BSD-\d-Clause|Apache-2\.0)\b")
HEAD = """# Third-party notices of this bundle

Written when it was built, from what went into it. Our own code: Apache-2.0, see LICENSE.

Qt and PySide6 are used under LGPL-3.0: their libraries are the separate files in
`_internal/PySide6` and may be replaced by builds of your own. QtWebEngine holds Chromium,
whose notices Qt lists at doc.qt.io under "Qt WebEngine Licensing". The shoreline (GSHHG) is
LGPL-3.0-or-later data in `_internal/mpl_toolkits`. County boundaries are not in this bundle:
set the map data folder to your own.
"""


def modules(work: Path) -> set[str]:
    """Give every Python module and file collected, by the build's lists."""
    found: set[str] = set()
    for toc in work.glob("*-0*.toc"):
        if toc.name.startswith(("PYZ", "COLLECT")):
            found |= {str(name) for name, _source, _kind in rows(toc)}
    return found


def rows(toc: Path) -> Iterable[tuple[str, str, str]]:
    """Give a list's (name in the bundle, source, kind)."""
    whole = ast.literal_eval(toc.read_text(encoding="utf-8"))
    found: list[tuple[str, str, str]] = next(part for part in whole if isinstance(part, list))
    return found


def packages(collected: set[str]) -> list[metadata.Distribution]:
    """List the installed packages of which something was collected."""
    tops = {name.split("/")[0].split(".")[0] for name in collected}
    found = []
    for name, _version in third_party.locked():
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        files = [str(one) for one in package.files or () if ".dist-info" not in str(one)]
        own = {one.split("/")[0].split(".")[0] for one in files if not one.startswith("..")}
        if own & tops and name not in bundled.EXCLUDED:
            found.append(package)
    return found


def licence_texts(package: metadata.Distribution) -> str:
    """Give the licence files a package was installed with."""
    named = [one for one in package.files or () if LICENCE_FILE.search(str(one))]
    kept = [one for one in named if ".dist-info" in str(one)] or named[:2]
    texts = []
    for one in kept:
        path = Path(str(one.locate()))
        if path.suffix not in (".py", ".pyc") and path.is_file():
            texts.append(path.read_text(encoding="utf-8", errors="replace").strip())
    return "\n\n".join(dict.fromkeys(texts))


def scripts() -> list[tuple[str, str]]:
    """List the scripts and styles inside folium-offline: where from, licence as they state it."""
    found = []
    for url, text in sorted(installed.items()):
        stated = STATED.search(text[:1500])
        says = stated.group(0).strip() if stated else "not stated in the file; see its project"
        found.append((url, re.sub(r"\s+", " ", says)))
    return found


def system_parts(work: Path) -> list[tuple[str, str]]:
    """List (Debian package, libraries) of what was taken from the build machine."""
    taken: dict[str, list[str]] = {}
    for name, source, kind in rows(work / "COLLECT-00.toc"):
        if kind == "BINARY" and source.startswith(("/lib", "/usr/lib")):
            real = Path(source).resolve()
            asked = subprocess.run(
                ["dpkg-query", "-S", f"*/{real.name}"], capture_output=True, text=True
            )
            owner = asked.stdout.split(":")[0] if asked.returncode == 0 else "system"
            taken.setdefault(owner, []).append(name)
    return sorted((owner, ", ".join(sorted(names))) for owner, names in taken.items())


def write(work: Path, page: Path) -> int:
    """Write the notices; give how many parts they name."""
    used, kept, system = packages(modules(work)), scripts(), system_parts(work)
    lines = [HEAD, "## Python packages\n", "| package | version | licence |", "|---|---|---|"]
    lines += [f"| {p.name} | {p.version} | {third_party.licence(p.name)} |" for p in used]
    lines += ["\n## Scripts inside folium-offline", ""]
    lines += ["The map page loads Leaflet (BSD-2-Clause) alone of these.", ""]
    lines += [f"- {url}: {says}" for url, says in kept]
    lines += ["\n## Libraries of the build machine", ""]
    lines += ["Licences in `/usr/share/doc/PACKAGE/copyright` of each Debian package.", ""]
    lines += [f"- {owner}: {names}" for owner, names in system]
    lines += ["\n## Licence texts"]
    lines += [f"\n### {p.name}\n\n```\n{licence_texts(p) or 'none installed'}\n```" for p in used]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(used) + len(kept) + len(system)
