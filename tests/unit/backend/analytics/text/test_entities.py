"""Things are named, numbers of people are not to be read."""

from __future__ import annotations

import pytest

from backend.analytics.text import places
from backend.analytics.text.entities import entities, masked
from backend.analytics.text.words import cutter, normal


def named(text: str) -> set[tuple[str, str]]:
    plain = normal(text)
    names = places.names(list(cutter().cut(places.without_areas(plain), HMM=False)))
    return {(one.kind, one.words) for one in entities(plain, names)}


def test_roads_estates_and_numbers_of_things_are_named() -> None:
    found = named("濠北路望江花园5栋，207路公交，地铁三号线")
    assert {("road", "濠北路"), ("block", "5"), ("bus", "207"), ("line", "3")} <= found


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        ("电话13812345678", "13812345678", "mobile"),
        ("请打 138-1234-5678", "1234-56", "mobile"),
        ("+86 138 1234 5678", "1234 56", "mobile"),
        ("１３８１２３４５６７８联系我", "13812345678", "mobile"),
        ("0513-85123456", "85123456", "landline"),
        ("电话:85123456", "85123456", "landline"),
        ("身份证320602199001011234", "199001011234", "identity"),
        ("身份证32060219900101123X", "19900101123", "identity"),
        ("卡号6222 0212 3456 7890 123", "0212", "account"),
    ],
)
def test_numbers_of_people_are_masked(text: str, secret: str, kind: str) -> None:
    plain = normal(text)
    assert secret in plain
    assert secret not in masked(plain)
    found = named(text)
    assert kind in {one for one, _ in found}
    assert not [words for _, words in found if secret in words]


@pytest.mark.parametrize("text", ["2026-11-29 08:30", "编号21965", "5栋302室", "120.8612,32.0123"])
def test_other_numbers_stay_as_they_are(text: str) -> None:
    assert masked(text) == text
