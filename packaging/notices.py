"""Third-party notices of a bundle, read from what really went into it.

Python packages from the build's own lists, with the licence files they came with; scripts
inside folium-offline one by one; libraries of the build machine by their Debian package.
"""

from __future__ import annotations

import ast
import os
import platform
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

STANDARD = {
    "MIT": """Permission is hereby granted, free of charge, to any person obtaining a copy of this
software and associated documentation files (the "Software"), to deal in the Software without
restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.""",
    "BSD-3-Clause": """Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions
   and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of
   conditions and the following disclaimer in the documentation and/or other materials provided
   with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors may be used to
   endorse or promote products derived from this software without specific prior written
   permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.""",
}
"""Texts of licences that some packages declare and do not bring."""


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
    for name in dict.fromkeys(name for name, _version in third_party.locked()):
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
    return "\n\n".join(dict.fromkeys(texts)) or standard_text(package)


def standard_text(package: metadata.Distribution) -> str:
    """Give the text of the licence a package declares, where it came without one."""
    about, declared = package.metadata.json, third_party.licence(package.name)
    if "LGPL" in declared:
        return "\n\n".join(_common(name) for name in ("LGPL-3", "GPL-3"))
    author, mail = about.get("author") or package.name, about.get("author_email")
    text = next((text for name, text in STANDARD.items() if name in declared), "")
    page = about.get("home_page") or ""
    return f"Copyright (c) {author} <{mail}>\n{page}\n\n{text}" if text else ""


def python_itself() -> list[tuple[str, str]]:
    """List what starts every program of the bundle, with its licence: Python and the loader."""
    python = Path(os.__file__).parent / "LICENSE.txt"
    loader = licence_texts(metadata.distribution("pyinstaller"))
    return [
        (f"Python {platform.python_version()}", python.read_text() if python.exists() else ""),
        ("PyInstaller's loader (GPL-2.0 with an exception for what it starts)", loader),
    ]


def _common(name: str) -> str:
    """Give a licence's text as Debian has it."""
    path = Path("/usr/share/common-licenses") / name
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _copyright(owner: str) -> str:
    path = Path("/usr/share/doc") / owner / "copyright"
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


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
    lines += ["Debian packages; their copyright files are below.", ""]
    lines += [f"- {owner}: {names}" for owner, names in system]
    lines += ["\n## Licence texts"]
    texts = [*python_itself(), *((p.name, licence_texts(p)) for p in used)]
    texts += [(owner, _copyright(owner)) for owner, _names in system]
    lacking = [name for name, text in texts if not text.strip()]
    if lacking:
        print("no licence text found for / 未找到许可文本：", ", ".join(lacking))
    lines += [f"\n### {name}\n\n```\n{text or 'none installed'}\n```" for name, text in texts]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(used) + len(kept) + len(system)
