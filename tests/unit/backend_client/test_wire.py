"""What is repeated and what never is, how refusals and silence become errors, token renewal."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pyarrow as pa
import pytest

from backend_client.client import Client, quoted
from backend_client.contract.auth import Tokens
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Channel, Intake, Touch
from backend_client.contract.feature import Upsert, Upserted
from backend_client.contract.gates import CommandRequest, Stop, StopResult
from backend_client.contract.item import Head
from backend_client.contract.rows import Rows
from backend_client.errors import BadReply, ClientError, Refused, SignedOut, Unreachable
from backend_client.faults import MAX_REPLY_BYTES
from tests.fakes import AT
from tests.small_service import PERSON, problem

Answer = Callable[[httpx.Request], httpx.Response]
HEAD = Head(item_id="e1", version=2, n=9).model_dump_json()
INTAKE = Intake(
    intake_id="in-1",
    channel=Channel.HOTLINE,
    title="灯",
    text="灯",
    region="320613",
    reported_at=AT,
)
REQUEST = CommandRequest(
    bays=(1,), present_m=(0.0,), target_m=1.0, reason="排涝降水位", dispatch_no="通防1号"
)


class Service:
    """Answer as told and count what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.clock = ManualClock(AT)
        self.client = Client(
            "http://service",
            self.clock,
            transport=httpx.MockTransport(self._reply),
            sleep=self.pauses.append,
        )
        tokens = Tokens(
            access="access-0", refresh="refresh-number-0", expires_in_s=600, person=PERSON
        )
        self.client.wire.take(tokens)

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(request)


def say(status: int, text: str = "", **headers: str) -> Answer:
    kind = "application/problem+json" if status >= 400 else "application/json"
    fixed = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(
        status, headers={"content-type": kind, **fixed}, content=text.encode()
    )


def no(status: int, **headers: str) -> Answer:
    return say(status, problem(status).model_dump_json(), **headers)


def break_off(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def test_read_is_repeated_until_it_succeeds() -> None:
    service = Service(break_off, no(503), say(200, PERSON.model_dump_json()))
    assert service.client.me() == PERSON
    assert len(service.requests) == 3


def test_read_gives_up_after_three_tries() -> None:
    service = Service(break_off)
    with pytest.raises(Unreachable):
        service.client.me()
    assert len(service.requests) == 3


def test_retry_after_is_obeyed_and_a_long_one_not_waited_for() -> None:
    service = Service(no(429, retry_after="3"), say(200, PERSON.model_dump_json()))
    service.client.me()
    assert service.pauses[0] >= 3.0
    crowded = Service(no(503, retry_after="60"))
    with pytest.raises(Refused) as caught:
        crowded.client.me()
    assert caught.value.retry_after_s == 60.0
    assert len(crowded.requests) == 1


STEPS: dict[str, Callable[[Client], object]] = {
    "accept": lambda client: client.accept_event("e1", Touch(version=1)),
    "request": lambda client: client.request_command("g1", REQUEST, key="k" * 16, tag="3.41"),
    "abort": lambda client: client.abort_command("c1"),
    "stop": lambda client: client.stop_device("g1", Stop()),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_step_is_never_sent_twice(step: Callable[[Client], object]) -> None:
    service = Service(break_off)
    with pytest.raises(Unreachable):
        step(service.client)
    assert len(service.requests) == 1


def test_intake_is_repeated_with_the_same_key() -> None:
    service = Service(break_off, say(201, HEAD))
    assert service.client.intake(INTAKE).n == 9
    bodies = {request.content for request in service.requests}
    assert len(service.requests) == 2
    assert len(bodies) == 1


def test_refusal_carries_the_services_words_and_is_not_repeated() -> None:
    service = Service(no(409))
    with pytest.raises(Refused) as caught:
        service.client.me()
    assert caught.value.say("zh") == "不行。 再试。"
    assert caught.value.say("en") == "No. Try again."
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        say(200, "<html>Sign in to the hotel</html>"),
        say(200, '{"person_id": "x"}'),
        say(200, PERSON.model_dump_json()[:-1] + ', "extra": 1}'),
        say(200, ""),
        say(404, "plain"),
        say(302, "", location="http://portal"),
        say(500, "<html>"),
        say(418, '{"status": 1}'),
    ],
)
def test_words_outside_the_contract_are_a_bad_reply(answer: Answer) -> None:
    service = Service(answer)
    with pytest.raises(BadReply):
        service.client.me()
    assert len(service.requests) == 1


def test_reply_over_32_mb_is_refused_whether_announced_or_not() -> None:
    with pytest.raises(BadReply, match="32 MB"):
        Service(say(200, " " * (MAX_REPLY_BYTES + 1))).client.me()

    def endless(_request: httpx.Request) -> httpx.Response:
        pieces = (b" " * 1024 * 1024 for _ in range(40))
        return httpx.Response(200, content=pieces)

    with pytest.raises(BadReply, match="32 MB"):
        Service(endless).client.me()


def test_time_out_is_unreachable() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("late", request=request)

    with pytest.raises(Unreachable, match="in time"):
        Service(late).client.accept_event("e1", Touch(version=1))


def test_token_is_renewed_at_seventy_percent_of_its_life() -> None:
    fresh = Tokens(access="access-1", refresh="refresh-number-1", expires_in_s=600, person=PERSON)
    me = say(200, PERSON.model_dump_json())
    service = Service(me, say(200, fresh.model_dump_json()), me)
    service.client.me()
    service.clock.advance(421)
    service.client.me()
    paths = [request.url.path for request in service.requests]
    assert paths == ["/v1/auth/me", "/v1/auth/refresh", "/v1/auth/me"]
    assert service.requests[-1].headers["authorization"] == "Bearer access-1"
    assert not service.client.wire.has_lapsed()


def test_viewing_goes_on_while_renewal_fails_and_control_stops_at_the_end() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("refresh"):
            return break_off(request)
        return httpx.Response(200, text=PERSON.model_dump_json())

    service = Service(reply)
    service.clock.advance(500)
    assert service.client.me() == PERSON
    assert not service.client.wire.has_lapsed()
    service.clock.advance(101)
    assert service.client.me() == PERSON
    assert service.client.wire.has_lapsed()


def test_refused_renewal_signs_out() -> None:
    service = Service(no(401))
    service.clock.advance(500)
    with pytest.raises(SignedOut):
        service.client.me()
    assert service.client.person is None
    with pytest.raises(SignedOut, match="Sign in"):
        service.client.me()


def test_a_service_that_cannot_renew_just_now_is_asked_with_the_old_token() -> None:
    service = Service(no(503), say(200, PERSON.model_dump_json()))
    service.clock.advance(421)
    assert service.client.me() == PERSON
    assert [request.url.path for request in service.requests] == ["/v1/auth/refresh", "/v1/auth/me"]


def test_stop_waits_for_no_renewal_unless_its_token_is_refused() -> None:
    stopped = StopResult(device_id="g1", accepted=True, at=AT).model_dump_json()
    renewed = Tokens(access="access-1", refresh="refresh-number-1", expires_in_s=600, person=PERSON)
    service = Service(
        say(200, stopped), no(401), say(200, renewed.model_dump_json()), say(200, stopped)
    )
    service.clock.advance(700)
    for expected in (["/v1/devices/g1/stop"], ["stop", "refresh", "stop"]):
        service.requests.clear()
        assert service.client.stop_device("g1", Stop()).accepted
        paths = [request.url.path for request in service.requests]
        assert all(path.endswith(end) for path, end in zip(paths, expected, strict=True)), paths


def test_sign_out_forgets_the_tokens_even_when_unheard() -> None:
    service = Service(break_off)
    with pytest.raises(Unreachable):
        service.client.sign_out()
    assert service.client.wire.tokens is None
    service.client.sign_out()
    assert len(service.requests) == 1


def test_gate_headers_carry_key_and_tag() -> None:
    service = Service(no(412))
    with pytest.raises(Refused):
        service.client.request_command("g1", REQUEST, key="k" * 16, tag="3.41")
    headers = service.requests[0].headers
    assert headers["idempotency-key"] == "k" * 16
    assert headers["if-match"] == '"3.41"'
    assert quoted('"3.41"') == '"3.41"'


def test_another_client_is_nobody_and_follows_the_address() -> None:
    service = Service(say(200))
    service.client.wire.point("http://elsewhere:1/")
    other = service.client.another()
    assert other.person is None
    assert other.url == "http://elsewhere:1"


def test_every_error_is_one_of_two_families() -> None:
    assert issubclass(SignedOut, Refused)
    assert issubclass(BadReply, Unreachable)
    for kind in (Refused, Unreachable):
        assert issubclass(kind, ClientError)


def test_a_wide_batch_is_given_the_time_it_takes() -> None:
    done = Upserted(accepted=1, rejected=(), version=1).model_dump_json()
    service = Service(say(200, done))
    reading = {"id": pa.array(["a"]), "observed_ms": pa.array([1], pa.int64())}
    service.client.put_rows("urban", Rows(pa.record_batch(reading)))
    service.client.upsert("urban", Upsert())
    waits = [one.extensions["timeout"]["read"] for one in service.requests]
    assert waits == [60.0, 10.0]
    assert service.requests[0].headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert service.requests[1].headers["content-type"] == "application/json"
