"""What every work item shares with its like."""

from __future__ import annotations

from backend_client.contract.events import Event
from tests.fakes import event


def test_items_of_one_shape_share_the_set_of_their_fields() -> None:
    one, two = (Event.model_validate_json(event(key).model_dump_json()) for key in ("e1", "e2"))
    assert one.model_fields_set is two.model_fields_set
    given = set(one.model_fields_set)
    copy = Event.model_validate(one.model_dump(exclude={"answer"})).model_copy(
        update={"answer": "x"}
    )
    assert "answer" in copy.model_fields_set
    assert one.model_fields_set == given
    few = Event.model_validate(one.model_dump(exclude={"answer"}))
    assert "answer" not in few.model_fields_set
    assert (one == two) is False
    assert Event.model_validate_json(one.model_dump_json()) == one
