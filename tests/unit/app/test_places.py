"""Codes become names in both languages."""

from __future__ import annotations

import pytest

from app.places import read_names
from backend_client.contract.base import Text

NAMES = read_names()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("3206", Text("南通市", "Nantong")),
        ("320613", Text("崇川区", "Chongchuan")),
        ("3206TW", Text("通州湾", "Tongzhou Bay")),
        ("320612001", Text("金沙街道", "金沙街道")),
        ("999999", Text("999999", "999999")),
    ],
)
def test_regions(code: str, text: Text) -> None:
    assert NAMES.region(code) == text


def test_an_address_says_the_county_once() -> None:
    for said in ("通州区金沙街道人民路1号", "南通市通州区 金沙街道人民路1号", "金沙街道人民路1号"):
        assert NAMES.address("320612001", said).zh == "通州区 金沙街道 人民路1号"
    assert NAMES.address("320671", "南通经济技术开发区人民路1号").zh == "开发区 人民路1号"
    assert NAMES.address("320612001", "人民路1号").zh == "通州区 金沙街道 人民路1号"
    assert NAMES.address("320612001", "金沙街道人民路1号").en == "Tongzhou 金沙街道人民路1号"
    assert NAMES.where("320612001").en == "Tongzhou"


def test_every_county_and_department_has_both_names() -> None:
    assert len(NAMES.counties) == 10
    assert len(NAMES.departments) == 64
    for text in (*map(NAMES.county, NAMES.counties), *NAMES.departments.values()):
        assert text.zh
        assert text.en
    assert NAMES.department("D27") == Text("水利局", "Water Resources")
    assert NAMES.department("D99") == Text("D99", "D99")
