"""Instruction rules: downwards only, everyone signs for the own region, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import instructions
from backend.domain.refused import Refused
from backend.domain.scope import places
from backend_client.contract.auth import Person, Role
from backend_client.contract.instructions import Instruction, Issue, Urgency

AT = datetime(2026, 7, 20, tzinfo=UTC)


def person(*regions: str, departments: tuple[str, ...] = ("*",)) -> Person:
    return Person(
        person_id="p", name="甲", role=Role.DUTY_LEADER, regions=regions, departments=departments
    )


def body(**changed: object) -> Issue:
    given = {
        "title": "t",
        "text": "t",
        "urgency": Urgency.FLASH,
        "sign_by_at": AT + timedelta(hours=1),
        "receivers": ("320623", "320613"),
        **changed,
    }
    return Issue.model_validate(given)


def issued(by: Person | None = None) -> Instruction:
    return instructions.issue(body(), item_id="i", by=by or person("3206"), at=AT)


def test_instruction_belongs_to_the_issuer_and_to_every_receiver() -> None:
    assert places(issued()) == (("3206", "D11"), ("320623", "D11"), ("320613", "D11"))
    assert issued(person("3206", departments=("D27",))).department == "D27"


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"receivers": ("320623", "3205")}, "receivers.1"),
        ({"receivers": ("320623", "320623")}, "receivers"),
        ({"sign_by_at": AT}, "sign_by_at"),
        ({"sign_by_at": AT + timedelta(days=91)}, "sign_by_at"),
    ],
)
def test_senseless_instruction_is_refused(changed: dict[str, object], where: str) -> None:
    with pytest.raises(Refused) as caught:
        instructions.issue(body(**changed), item_id="i", by=person("3206"), at=AT)
    assert (caught.value.problem.status, caught.value.problem.where) == (422, where)


def test_county_cannot_instruct_another_county_or_the_city() -> None:
    for receivers in (("320613",), ("3206",)):
        with pytest.raises(Refused):
            instructions.issue(body(receivers=receivers), item_id="i", by=person("320623"), at=AT)


def test_receiver_signs_for_itself_only_and_once() -> None:
    rudong = person("320623")
    made = issued()
    assert instructions.verbs(made) == {"sign": "instruction.sign"}
    assert instructions.barred(made, rudong) == frozenset()
    assert instructions.barred(made, person("3206")) == {"sign"}
    signed = instructions.sign(made, by=rudong, at=AT)
    assert [r.signed_by is not None for r in signed.receipts] == [True, False]
    assert instructions.barred(signed, rudong) == {"sign"}
    with pytest.raises(Refused) as caught:
        instructions.sign(signed, by=rudong, at=AT)
    assert caught.value.problem.code == "wrong_state"
    with pytest.raises(Refused) as caught:
        instructions.sign(signed, by=person("320681"), at=AT)
    assert caught.value.problem.code == "forbidden"
    done = instructions.sign(signed, by=person("320613"), at=AT)
    assert instructions.verbs(done) == {}
