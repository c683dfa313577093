"""Measure files and functions against the house limits; the slow drift a linter misses."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "widgets", "maps", "backend_client", "backend")
FILE_MAX, FUNCTION_MAX, MAIN_MAX = 500, 60, 120
FILE_P95, FUNCTION_P95, FUNCTION_MEDIAN = 350, 35, 8


def sources() -> list[Path]:
    """List our Python and JavaScript files, tests left out."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found += [
        path for folder in ("maps", "backend") for path in (ROOT / folder / "web").glob("*.js")
    ]
    return sorted([*found, ROOT / "main.py"])


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give each function's place and length, signature and docstring included."""
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length


def percentile(values: list[int], share: float) -> int:
    """Give the value below which a share of all values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> int:
    """Print the measures and every breach; 1 when there is one."""
    files = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    lengths = [pair for path in files for pair in functions(path)]
    breaches = [
        f"{p.relative_to(ROOT)}: {n} lines > {FILE_MAX}" for p, n in files.items() if n > FILE_MAX
    ]
    breaches += [f"{name}: {n} lines > {FUNCTION_MAX}" for name, n in lengths if n > FUNCTION_MAX]
    if files[ROOT / "main.py"] > MAIN_MAX:
        breaches.append(f"main.py: {files[ROOT / 'main.py']} lines > {MAIN_MAX}")
    sizes, spans = list(files.values()), [length for _, length in lengths]
    measures = (
        ("file p95", percentile(sizes, 0.95), FILE_P95),
        ("function median", int(statistics.median(spans)), FUNCTION_MEDIAN),
        ("function p95", percentile(spans, 0.95), FUNCTION_P95),
    )
    breaches += [f"{name} {value} > {limit}" for name, value, limit in measures if value > limit]
    shown = ", ".join(f"{name} {value}/{limit}" for name, value, limit in measures)
    print(f"sizes: {len(files)} files, {len(lengths)} functions, {shown}")
    print("\n".join(breaches), end="\n" if breaches else "")
    return 1 if breaches else 0


if __name__ == "__main__":
    raise SystemExit(main())
