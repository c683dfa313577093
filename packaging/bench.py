"""Run every bench on this machine, side by side, and write docs/benchmarks.md.

A bench is `tests/bench/NAME.py` with `--json FILE`; it compares ours with what a user
would pick instead, in one run, so that the ratio holds on a shared machine.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Ratios are ours against the other in the same run; on a shared
machine only they mean something. A missed target is said so.
"""


BENCHES = ("map_pan", "transport", "lasso", "cache_start", "process_model")


def run(name: str) -> dict[str, Any]:
    """Run one bench in a process of its own and give what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", f"tests.bench.{name}", "--json", str(file)]
        done = subprocess.run(command, cwd=ROOT, timeout=1800)
        if done.returncode != 0 or not file.exists():
            return {"title": name, "rows": [], "note": f"ended with {done.returncode}, no result"}
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return result


def table(result: dict[str, Any]) -> str:
    """Draw one bench's rows as a table."""
    lines = [f"\n## {result['title']}\n", "| what | ours | other | ratio | target | met |"]
    lines.append("|---|---|---|---|---|---|")
    for row in result["rows"]:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f}"
        met = "yes" if row["met"] else "**no**"
        cells = [row["what"], row["ours"], row["other"], ratio, row["target"], met]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + ("\n\n" + result["note"] if result.get("note") else "") + "\n"


def main() -> int:
    """Run the benches named, or all; 1 when one brought no result."""
    names = sys.argv[1:] or list(BENCHES)
    results = []
    for name in names:
        print(f"bench {name} …", flush=True)
        results.append(run(name))
        print(table(results[-1]), flush=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    stamp = (
        f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {machine} · Python {platform.python_version()}"
    )
    if not sys.argv[1:]:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(HEAD + stamp + "\n" + "".join(map(table, results)), encoding="utf-8")
    return 0 if all(result["rows"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
