"""Run every house rule that is not a test: format, lint, types, imports, sizes, lock."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import sizes

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
OURS = ["app", "widgets", "maps", "backend_client", "backend", "tests", "packaging", "main.py"]
TYPED = ["app", "widgets", "maps", "backend_client", "backend", "main.py"]
STEPS = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", *OURS],
    "lint": [str(BIN / "ruff"), "check", "--quiet", *OURS],
    "types": [str(BIN / "mypy"), "--no-error-summary", *TYPED],
    "test types": [str(BIN / "mypy"), "--no-error-summary", "tests"],
    "imports": [str(BIN / "lint-imports"), "--no-cache"],
}


def lock_has_no_address() -> bool:
    """Tell whether the lock carries only versions and hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(r"https?://\S+|--(?:extra-)?index-url.*|--find-links.*", text)
    print("\n".join(found), end="\n" if found else "")
    return not found


def main() -> int:
    """Run all steps, say each one's outcome, and give 1 when any failed."""
    failed = []
    for name, command in STEPS.items():
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
        if done.returncode != 0:
            print(done.stdout + done.stderr)
            failed.append(name)
    for name, passed in (("sizes", sizes.main() == 0), ("lock", lock_has_no_address())):
        print(f"{'ok  ' if passed else 'FAIL'} {name}")
        failed += [] if passed else [name]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
