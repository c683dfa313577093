"""Break the service one rule at a time in a copy and show that a test notices each time.

A test that cannot fail is no evidence. Every row names a rule, the words that hold it, what they
are replaced by, and the tests that must go red. Run: `python packaging/ablate.py [WORD]`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("backend", "backend_client", "tests", "resources", "pyproject.toml")
LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class Ablation:
    """One rule taken out."""

    rule: str
    file: str
    words: str
    instead: str
    tests: tuple[str, ...]


ABLATIONS = (
    Ablation(
        "scope in stream",
        "backend/services/frames.py",
        "if self.encoded and any(policy.sees(person, *place) for place in self.now):",
        "if self.encoded:",
        ("tests/contract/backend/test_scope.py", "tests/contract/backend/test_stream.py"),
    ),
    Ablation(
        "gone from sight",
        "backend/services/frames.py",
        "for place in (self.was, *self.now)",
        "for place in ()",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "scope in pages",
        "backend/services/items.py",
        "if not self.policy.sees_item(person, encoded.item):\n                        last",
        "if False:\n                        last",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "scope single",
        "backend/services/items.py",
        "        if not self.policy.sees_item(person, encoded.item):\n            raise",
        "        if False:\n            raise",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "forbid scope",
        "resources/policy/policy.cedar",
        "resource.region in principal.regions &&",
        "true &&",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "mfa forbid",
        "resources/policy/policy.cedar",
        "unless { principal.mfa }",
        "unless { true }",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "totp once",
        "backend/services/auth.py",
        "        persons.set_step(unit.connection, person_id, step)",
        "        pass",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "reuse",
        "backend/services/auth.py",
        '            persons.revoke(unit.connection, family)\n            unit.audit("auth.reuse"',
        '            unit.audit("auth.reuse"',
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "exp",
        "backend/services/tokens.py",
        "if ends_at <= now:",
        "if False:",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "standing on beat",
        "backend/services/stream.py",
        "            if now is None:\n                return",
        "            if now is None:\n                now = reader.signed",
        ("tests/contract/backend/test_auth.py",),
    ),
    Ablation(
        "resume gap",
        "backend/services/stream.py",
        "        reader.cursor = frames[-1].n\n",
        "        reader.cursor = frames[-1].n + 1\n",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "resume repeat",
        "backend/services/stream.py",
        "                reader.cursor = cursor\n",
        "                reader.cursor = cursor - 1\n",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "no log",
        "backend/services/stream.py",
        "    return await asyncio.to_thread(_read_log, sources, cursor)",
        "    return None",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "cas",
        "backend/storage/unit.py",
        "if version is not None and row.version != version:",
        "if False:",
        ("tests/unit/backend/storage/test_unit.py", "tests/contract/backend/test_events.py"),
    ),
    Ablation(
        "audit head",
        "backend/storage/audit.py",
        'if (told or f"0:{START}") != f"{count}:{previous}":',
        "if False:",
        ("tests/unit/backend/storage/test_audit.py",),
    ),
    Ablation(
        "intake once",
        "backend/services/events.py",
        "            if seen:\n",
        "            if False:\n",
        ("tests/contract/backend/test_events.py",),
    ),
    Ablation(
        "dup keys",
        "backend/api/strict.py",
        "if len(value) != len(pairs):",
        "if False:",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "body limit",
        "backend/api/guard.py",
        "        if size > limit:\n",
        "        if False:\n",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "guard auth",
        "backend/api/guard.py",
        '            scope["signed"] = await asyncio.to_thread(self._authenticate, bearer)',
        "            pass",
        ("tests/contract/backend/test_bad_input.py",),
    ),
    Ablation(
        "publish order",
        "backend/storage/database.py",
        "            committed, then = unit.finish()\n            self._publish(committed)",
        "            committed, then = unit.finish()",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "door scope",
        "backend/services/events.py",
        "        self.policy.check_item(person, action, order)\n",
        "",
        ("tests/contract/backend/test_scope.py",),
    ),
    Ablation(
        "poke coalesce",
        "backend/services/stream.py",
        "steady() - reader.poked_at >= POKE_S and",
        "True and",
        ("tests/contract/backend/test_stream.py",),
    ),
    Ablation(
        "standing counted",
        "backend/storage/migrations/versions/0004_standing.py",
        "AFTER UPDATE OF name, role, regions, departments, active ON person",
        "AFTER UPDATE OF name ON person",
        ("tests/contract/backend/test_auth.py",),
    ),
)


def main(words: list[str]) -> int:
    """Run every ablation whose rule holds the word, or all; 1 when one went unnoticed."""
    wanted = [row for row in ABLATIONS if not words or words[0] in row.rule]
    missed = []
    with tempfile.TemporaryDirectory(prefix="ablate-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / name)
        for row in wanted:
            said = _try(copy, row)
            print(f"{said:<10}{row.rule}", flush=True)
            if said != "noticed":
                missed.append(row.rule)
    print(f"{len(wanted) - len(missed)} of {len(wanted)} noticed")
    return 1 if missed else 0


def _try(copy: Path, row: Ablation) -> str:
    path = copy / row.file
    whole = path.read_text(encoding="utf-8")
    if row.words not in whole:
        return "outdated"
    path.write_text(whole.replace(row.words, row.instead, 1), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *row.tests]
    try:
        status = subprocess.run(command, cwd=copy, capture_output=True, timeout=LIMIT_S).returncode
    finally:
        path.write_text(whole, encoding="utf-8")
    return "noticed" if status == 1 else "missed" if status == 0 else f"pytest {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
