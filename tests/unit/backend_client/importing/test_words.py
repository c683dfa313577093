from __future__ import annotations

from pathlib import Path

import pytest

from backend_client.errors import BadFileError
from backend_client.importing.opening import READERS
from backend_client.importing.wish import ENDINGS
from backend_client.importing.words import NAMES, match, property_keys, read_columns

PAGE = Path(__file__).parents[4] / "docs" / "import.md"


def test_the_manual_lists_every_name_we_know() -> None:
    lines = {
        line.split("|")[1].strip(): line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.count("|") == 3
    }
    for ours, names in NAMES.items():
        told = lines[ours].split("|")[2].partition("（")[0].split()
        assert told == list(names), ours


def test_names_match_without_case_blanks_and_units() -> None:
    found = match(["OBJECT_ID", "经度(°)", "Lat itude", "Value [m]"], {}, placed=False)
    assert found == {"lon": "经度(°)", "lat": "Lat itude", "value": "Value [m]", "id": "OBJECT_ID"}


def test_a_given_column_beats_a_known_name() -> None:
    columns = ["id", "lon", "lat", "x", "y"]
    found = match(columns, {"lon": "x", "lat": "y"}, placed=False)
    assert (found["lon"], found["lat"]) == ("x", "y")
    assert property_keys(columns, found) == {"lon": "lon", "lat": "lat"}


def test_a_property_takes_the_name_a_person_gives_it() -> None:
    found = match(["经度", "纬度", "层数", "a/b"], {"floors": "层数"}, placed=False)
    assert property_keys(["经度", "纬度", "层数", "a/b"], found) == {"floors": "层数", "a_b": "a/b"}


@pytest.mark.parametrize("words", ["lon", "=x", "lon=", "lon=x,lat"])
def test_columns_that_cannot_be_read_are_refused(words: str) -> None:
    with pytest.raises(BadFileError, match="cannot be read"):
        read_columns(words)


def test_every_reader_has_an_ending_in_small_letters() -> None:
    assert all(ending == ending.lower() for ending in READERS)
    assert tuple(READERS) == ENDINGS
