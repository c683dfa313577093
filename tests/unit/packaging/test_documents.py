"""The documents keep their word: what they link to and call is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "CONTRIBUTING.md"])
def test_every_make_command_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", text)) <= rules
    assert {"run", "test", "check"} <= rules


def test_both_readmes_have_the_same_commands() -> None:
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]
    commands = [re.findall(r"^(?:make|\.venv)[^#\n]*", page, flags=re.MULTILINE) for page in pages]
    assert [c.strip() for c in commands[0]] == [c.strip() for c in commands[1]]


def test_no_tracked_text_names_a_machine_path() -> None:
    sources = [p for p in ROOT.rglob("*.md") if ".venv" not in p.parts]
    sources += [
        p
        for f in ("app", "widgets", "maps", "backend", "backend_client", "packaging")
        for p in (ROOT / f).rglob("*.py")
    ]
    named = [p.name for p in sources if "/work/" in p.read_text(encoding="utf-8")]
    assert named == []


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--find-links", lock)
    assert lock.count("--hash=sha256:") > 100
