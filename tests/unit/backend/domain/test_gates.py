"""The command's state machine, separation of duty, and what a reading proves."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from backend.domain import gates as rules
from backend.domain.devices import BayReading, Facts, Reading
from backend.domain.gauges import new_gate
from backend.simulator.plant import bay as leaf
from backend.simulator.plant import permit
from backend_client.contract.auth import Person, Role
from backend_client.contract.gates import (
    FAULTS,
    TERMINAL,
    CommandStatus,
    Gate,
    GateCommand,
    fault_text,
)

S = CommandStatus
AT = datetime(2026, 7, 20, tzinfo=UTC)
FACTS = Facts(
    device_id="NT-S34",
    name="洋口外闸",
    name_en="Yangkou outer sluice",
    kind="tide_gate",
    region="320623",
    river="栟茶运河",
    outlet="黄海",
    lon=120.985,
    lat=32.595,
    bay_width_m=8.0,
    sill_m=-1.0,
    full_open_m=5.0,
    travel_s=180.0,
    design_flow_m3s=None,
    generated=("bay_width_m",),
)


def person(name: str, role: Role = Role.DISPATCHER) -> Person:
    return Person(person_id=name, name=name, role=role, regions=("3206",), departments=("*",))


def gate() -> Gate:
    return new_gate(FACTS, AT)


def command(status: CommandStatus = S.REQUESTED, target_m: float = 1.0) -> GateCommand:
    asker = person("asker")
    return GateCommand(
        item_id="cmd-1",
        version=1,
        region="320623",
        department="D27",
        created_at=AT,
        updated_at=AT,
        gate_id="NT-S34",
        gate_name=gate().name,
        bays=(1, 2),
        present_m=(0.0, 0.0),
        target_m=target_m,
        flow_m3s=None,
        reason="预降水位",
        dispatch_no="DD-2026-1",
        status=status,
        requested_by=rules.ref(asker),
        expires_at=AT + timedelta(seconds=120),
        fence=1,
        seq=4,
        body_hash="x",
        interlocks=(),
        history=(rules.first_step(asker, AT),),
    )


def reading(
    echo: str | None = None,
    openings: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *,
    moving: bool = False,
    running: str | None = None,
) -> Reading:
    bays = tuple(
        BayReading(no, opening, moving and no == 1, "remote", None)
        for no, opening in enumerate(openings, 1)
    )
    echoes = {} if echo is None else {"cmd-1": echo}
    return Reading("NT-S34", AT, 2, 5, 3.0, 2.0, 0.0, 0, None, None, running, echoes, bays)


ALLOWED = {
    (S.REQUESTED, S.AUTHORISED),
    (S.REQUESTED, S.REJECTED),
    (S.REQUESTED, S.EXPIRED),
    (S.REQUESTED, S.ABORTED),
    (S.AUTHORISED, S.SELECTING),
    (S.AUTHORISED, S.REJECTED),
    (S.AUTHORISED, S.EXPIRED),
    (S.AUTHORISED, S.ABORTED),
    (S.SELECTING, S.SELECTED),
    (S.SELECTING, S.REJECTED),
    (S.SELECTING, S.ABORTED),
    (S.SELECTING, S.UNKNOWN),
    (S.SELECTED, S.OPERATING),
    (S.SELECTED, S.EXPIRED),
    (S.SELECTED, S.ABORTED),
    (S.SELECTED, S.UNKNOWN),
    (S.OPERATING, S.EXECUTING),
    (S.OPERATING, S.REJECTED),
    (S.OPERATING, S.ABORTED),
    (S.OPERATING, S.UNKNOWN),
    (S.EXECUTING, S.CONFIRMED),
    (S.EXECUTING, S.TIMED_OUT),
    (S.EXECUTING, S.FAILED),
    (S.EXECUTING, S.ABORTED),
    (S.EXECUTING, S.UNKNOWN),
    (S.UNKNOWN, S.EXECUTING),
    (S.UNKNOWN, S.CONFIRMED),
    (S.UNKNOWN, S.FAILED),
    (S.UNKNOWN, S.REJECTED),
}


@pytest.mark.parametrize(("was", "to"), list(product(S, S)))
def test_a_command_takes_exactly_the_steps_of_the_table(
    was: CommandStatus, to: CommandStatus
) -> None:
    if (was, to) in ALLOWED:
        moved = rules.move(command(was), to, AT)
        assert moved.status is to
        assert moved.history[-1].status is to
    else:
        with pytest.raises(rules.WrongTransitionError):
            rules.move(command(was), to, AT)


def test_nothing_leaves_a_terminal_state_and_doubt_never_leads_back_to_sending() -> None:
    assert all(not rules.TRANSITIONS[status] for status in TERMINAL)
    seen, todo = set(), {S.UNKNOWN}
    while todo:
        status = todo.pop()
        seen.add(status)
        todo |= rules.TRANSITIONS[status] - seen
    assert not seen & {S.SELECTING, S.SELECTED, S.OPERATING, S.AUTHORISED, S.REQUESTED}


def test_nobody_authorises_their_own_command_whatever_their_role() -> None:
    for role in Role:
        assert "authorise" in rules.barred(command(), person("asker", role))
    assert "authorise" not in rules.barred(command(), person("other", Role.DUTY_LEADER))
    assert "authorise" not in rules.barred(command(), person("other", Role.LEADER))
    for role in (Role.OPERATOR, Role.DISPATCHER, Role.MAINTAINER, Role.AUDITOR):
        assert "authorise" in rules.barred(command(), person("other", role))


def test_requester_authoriser_and_leaders_may_call_off_and_nobody_else() -> None:
    sent = command().model_copy(update={"authorised_by": rules.ref(person("second"))})
    assert rules.may_abort(sent, person("asker"))
    assert rules.may_abort(sent, person("second", Role.OPERATOR))
    assert rules.may_abort(sent, person("third", Role.DUTY_LEADER))
    assert not rules.may_abort(sent, person("third"))
    assert "abort" in rules.barred(sent, person("third"))


def test_verbs_follow_the_state() -> None:
    assert set(rules.verbs(command())) == {"authorise", "abort"}
    assert set(rules.verbs(command(S.EXECUTING))) == {"abort"}
    assert not rules.verbs(command(S.CONFIRMED))
    assert set(rules.verbs(gate())) == {"stop"}


def test_the_hash_binds_every_word_of_consent() -> None:
    def of(**changed: object) -> str:
        words: dict[str, object] = {
            "command_id": "cmd-1",
            "gate": gate(),
            "bays": (1, 2),
            "target_m": 1.0,
            "expires_at": AT,
        }
        words |= changed
        return rules.body_hash(words.pop("command_id"), **words)  # type: ignore[arg-type]  # as above

    other_gate = gate().model_copy(update={"item_id": "NT-S33"})
    changes: list[dict[str, object]] = [
        {"command_id": "cmd-2"},
        {"gate": other_gate},
        {"gate": gate().model_copy(update={"fence": 1})},
        {"gate": gate().model_copy(update={"seq": 1})},
        {"bays": (1,)},
        {"target_m": 1.1},
        {"expires_at": AT + timedelta(seconds=1)},
    ]
    hashes = {of(**change) for change in changes} | {of()}
    assert len(hashes) == len(changes) + 1
    assert of() == of()


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (reading(running="cmd-1", moving=True), S.EXECUTING),
        (reading(None), S.REJECTED),
        (reading("selected"), S.REJECTED),
        (reading("cancelled"), S.REJECTED),
        (reading("lapsed"), S.REJECTED),
        (reading("done", (1.0, 1.0, 0.0)), S.CONFIRMED),
        (reading("done", (1.0, 0.4, 0.0)), S.FAILED),
        (reading("stopped", (0.4, 0.4, 0.0)), S.FAILED),
        (reading("watchdog", (0.4, 0.4, 0.0)), S.FAILED),
        (reading("tripped"), S.FAILED),
        (reading("restart"), S.FAILED),
        (reading("executing", (0.4, 0.4, 0.0)), S.FAILED),
    ],
)
def test_doubt_is_settled_by_the_reading_alone(seen: Reading, end: CommandStatus) -> None:
    to, note = rules.resolve(command(S.UNKNOWN), seen)
    assert to is end
    assert note.zh
    assert note.en
    assert to in rules.TRANSITIONS[S.UNKNOWN]


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (reading("executing", running="cmd-1", moving=True), None),
        (reading("done", (1.0, 1.0, 0.0)), None),
        (reading("stopped", (0.3, 0.3, 0.0)), S.ABORTED),
        (reading("stopped", (0.3, 0.3, 0.0), moving=True), None),
        (reading("tripped", (0.3, 0.3, 0.0)), S.FAILED),
        (reading("done", (0.3, 1.0, 0.0)), S.FAILED),
    ],
)
def test_progress_ends_only_on_proof(seen: Reading, end: CommandStatus | None) -> None:
    found = rules.progress(command(S.EXECUTING), seen)
    assert (found[0] if found else None) is end


def test_every_word_of_the_device_has_both_languages() -> None:
    keys = {one.key for one in (*permit.table(lock=True), *permit.table(lock=False), permit.LEVEL)}
    for word in keys | {"fence_old", "seq_moved", "busy", "not_selected", "no_such_bay"}:
        assert "设备拒绝" not in rules.refusal(word).zh
        assert "The device refused" not in rules.refusal(word).en
    assert "no_such_word" in rules.refusal("no_such_word").en


def test_every_trip_of_a_leaf_has_words() -> None:
    source = inspect.getsource(leaf)
    trips = set(re.findall(r'self\.fail\("(\w+)"', source)) | {"travel_timeout"}
    assert trips >= {"jam", "reverse", "switch_disagree"}
    assert trips <= set(FAULTS)
    assert fault_text("jam").zh == "卡阻"
    assert "odd" in fault_text("odd").en
