"""Options keep their kind and range; a bad file is told and never fatal."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import OPTIONS, Settings, Value
from backend_client.contract.base import Text


@pytest.fixture
def complaints() -> list[Text]:
    return []


def make(path: Path, complaints: list[Text]) -> Settings:
    return Settings(path, complain=complaints.append)


def test_defaults_stand_without_a_file(tmp_path: Path, complaints: list[Text]) -> None:
    settings = make(tmp_path / "settings.toml", complaints)
    assert settings.text("language") == "zh"
    assert settings.number("farthest_m") == 10.0
    assert complaints == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("language", "en"), ("backend_url", 'http://h:1/"\\中'), ("farthest_m", 12.5)],
)
def test_value_set_is_there_after_a_restart(
    tmp_path: Path, complaints: list[Text], key: str, value: Value
) -> None:
    path = tmp_path / "deep" / "settings.toml"
    settings = make(path, complaints)
    told: list[str] = []
    settings.changed.connect(told.append)
    settings.set(key, value)
    settings.set(key, value)
    assert told == [key]
    again = make(path, complaints)
    assert again.text(key) == str(value)
    assert complaints == []


@pytest.mark.parametrize(
    ("key", "value"), [("language", "fr"), ("farthest_m", 500.0), ("farthest_m", True)]
)
def test_value_out_of_range_is_refused(
    tmp_path: Path, complaints: list[Text], key: str, value: Value
) -> None:
    settings = make(tmp_path / "settings.toml", complaints)
    with pytest.raises(ValueError, match=key):
        settings.set(key, value)


@pytest.mark.parametrize("text", [b"language = ", b"\xff\xfe\x00", b"= 3"])
def test_file_that_cannot_be_read_means_defaults_and_a_word(
    tmp_path: Path, complaints: list[Text], text: bytes
) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text)
    assert make(path, complaints).text("language") == "zh"
    assert len(complaints) == 1
    assert str(path) in complaints[0].zh


@pytest.mark.parametrize("line", ['language = "fr"', "unknown = 1", "farthest_m = nan", "[table]"])
def test_bad_value_is_ignored_and_told_and_the_others_stand(
    tmp_path: Path, complaints: list[Text], line: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'palette = "day"\n{line}\n')
    assert make(path, complaints).text("palette") == "day"
    assert len(complaints) == 1


def test_file_that_cannot_be_written_is_told(tmp_path: Path, complaints: list[Text]) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = make(tmp_path / "file" / "settings.toml", complaints)
    settings.set("language", "en")
    assert settings.text("language") == "en"
    assert len(complaints) >= 1


def test_every_option_accepts_its_own_default_and_has_both_languages() -> None:
    for option in OPTIONS:
        assert option.accepts(option.default)
        assert all((option.title.zh, option.title.en, option.help.zh, option.help.en))
    assert len({option.key for option in OPTIONS}) == len(OPTIONS)


def test_flag_is_a_flag(tmp_path: Path, complaints: list[Text]) -> None:
    from app.settings import Option

    words = Text("声音", "Sound")
    options = (Option("sound", "flag", True, words, words),)
    settings = Settings(tmp_path / "s.toml", options=options, complain=complaints.append)
    assert settings.flag("sound")
    settings.set("sound", False)
    assert not settings.flag("sound")
    assert settings.options() == options
