"""A file of the lasso opens in a spreadsheet without running anything."""

from __future__ import annotations

import pytest

from backend.api.resources import csv_lines, geojson_parts, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@x", "\tx", "\rx", "\nx"])
def test_what_could_be_a_formula_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "九圩港闸", "0513-8500", "a=b"])
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert safe_cell(text) == text


def test_an_empty_area_is_a_valid_file() -> None:
    assert "".join(csv_lines([])).startswith("\ufeff图层 layer,")
    assert "".join(geojson_parts([])) == '{"type":"FeatureCollection","features":[]}'
