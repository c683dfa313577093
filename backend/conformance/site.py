"""The service under check: its accounts, raw calls to it, and what was left in it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import httpx
import pyotp
from pydantic import BaseModel, ValidationError

from backend_client.contract import paths
from backend_client.contract.auth import Person, Role, Tokens
from backend_client.contract.base import CITY, EVERY_DEPARTMENT, Text
from backend_client.contract.clock import Clock
from backend_client.contract.problem import Problem

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

LAYER: Final = "conformance"
DEPARTMENT: Final = "D41"
PROBLEM: Final = "application/problem+json"
_TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
_LOOK_S: Final = 0.1


class WrongError(Exception):
    """The service does not do what the contract says; `text` says what it does."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class SkippedError(Exception):
    """The check cannot be made here; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the contract promises."""

    name: str
    text: Text
    run: Callable[[Site], None]


@dataclass(frozen=True, slots=True)
class Seat:
    """A signed-in account."""

    account: str
    person: Person
    headers: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Site:
    """One service, and what the checks share.

    Args:
        url: its root.
        clock: gives instants and measures spans.
        accounts: lines of the credentials file.
        with_gates: whether commands may be asked of devices marked simulated.
        dispatch_no: what a dispatch number looks like there.
        tag: names what this run puts in.
        left: what could not be taken out again.
    """

    url: str
    clock: Clock
    accounts: list[dict[str, str]]
    with_gates: bool = False
    dispatch_no: str = "检查〔2026〕1号"
    tag: str = field(default_factory=lambda: f"cf{secrets.token_hex(4)}")
    left: list[Text] = field(default_factory=list)
    has_layer: bool = False
    http: httpx.Client = field(init=False)
    _seats: dict[str, Seat] = field(default_factory=dict)
    _undo: list[Callable[[], object]] = field(default_factory=list)
    _used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the connections."""
        self.http = httpx.Client(base_url=self.url.rstrip("/"), timeout=_TIMEOUT, trust_env=False)

    # Accounts

    def desk(self) -> Seat:
        """Give a dispatcher or operator of the whole city."""
        return self._seat("desk", (Role.DISPATCHER, Role.OPERATOR), _is_city)

    def county(self) -> Seat:
        """Give a dispatcher or operator of one county."""
        return self._seat("county", (Role.OPERATOR, Role.DISPATCHER), _is_county)

    def feed(self) -> Seat:
        """Give a feed's account for the whole city."""
        return self._seat("feed", (Role.FEED,), _is_city)

    def of(self, role: Role) -> Seat:
        """Give any account of a role."""
        return self._seat(role.value, (role,), lambda _person: True)

    def sign_in(self, account: str, *, code: str | None = None) -> Seat:
        """Sign an account in anew."""
        known = next(one for one in self.accounts if one["account"] == account)
        body = {"account": account, "password": known["password"]}
        reply = self.call("POST", paths.SIGN_IN, body=body | ({"totp": code} if code else {}))
        tokens = self.parse(Tokens, self.expect(reply, 200))
        return Seat(account, tokens.person, {"Authorization": f"Bearer {tokens.access}"})

    def code(self, account: str) -> str:
        """Give a one-time code that was not used yet; waits for the next when it was."""
        known = next(one for one in self.accounts if one["account"] == account)
        if not known.get("totp_secret"):
            raise SkippedError(Text("账号没有第二因子。", "The account has no second factor."))
        totp = pyotp.TOTP(known["totp_secret"])
        step = self._step()
        if self._used.get(account) == step:
            self.until(lambda: self._step() > step, 31.0)
        self._used[account] = self._step()
        return totp.at(self.clock.now())

    def kept(self, name: str, make: Callable[[], Seat]) -> Seat:
        """Give a seat made once in this run."""
        if name not in self._seats:
            self._seats[name] = make()
        return self._seats[name]

    def _step(self) -> int:
        return int(self.clock.now().timestamp()) // 30

    def _seat(self, name: str, roles: Iterable[Role], fits: Callable[[Person], bool]) -> Seat:
        if name in self._seats:
            return self._seats[name]
        for role in roles:
            for line in self.accounts:
                if line.get("role") == role.value:
                    seat = self._signed(line["account"])
                    if fits(seat.person):
                        self._seats[name] = seat
                        return seat
        raise SkippedError(
            Text(f"凭据文件中没有合适的账号({name})。", f"No fitting account given ({name}).")
        )

    def _signed(self, account: str) -> Seat:
        return self.kept(f"account {account}", lambda: self.sign_in(account))

    # Calls

    def call(
        self,
        method: str,
        path: str,
        seat: Seat | None = None,
        *,
        body: object = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | float | list[str]] | None = None,
    ) -> httpx.Response:
        """Send one request as it is, and give the answer whatever it is."""
        content = raw if body is None else _json(body)
        sent = dict(seat.headers) if seat else {}
        if content is not None:
            sent["Content-Type"] = "application/json"
        return self.http.request(
            method, path, content=content, headers=sent | dict(headers or {}), params=query
        )

    def ok(self, reply: httpx.Response, kind: type[M], status: int = 200) -> M:
        """Give the answer as a type of the contract."""
        return self.parse(kind, self.expect(reply, status))

    def expect(self, reply: httpx.Response, *statuses: int) -> httpx.Response:
        """Demand one of some statuses."""
        if reply.status_code not in statuses:
            where = f"{reply.request.method} {reply.request.url.path}"
            wanted = "/".join(map(str, statuses))
            said = reply.text[:120]
            raise WrongError(
                Text(
                    f"{where} 应答 {reply.status_code},应为 {wanted}:{said}",
                    f"{where} answers {reply.status_code}, want {wanted}: {said}",
                )
            )
        return reply

    def parse(self, kind: type[M], reply: httpx.Response) -> M:
        """Read an answer's JSON as a type of the contract."""
        try:
            return kind.model_validate_json(reply.content)
        except ValidationError as error:
            where = reply.request.url.path
            first = error.errors()[0]
            said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise WrongError(
                Text(
                    f"{where} 的应答不是 {kind.__name__}({said})。",
                    f"{where} does not answer a {kind.__name__} ({said}).",
                )
            ) from error

    def refused(self, reply: httpx.Response, *statuses: int, code: str = "") -> Problem:
        """Demand a refusal: status, problem body, both languages, a code."""
        self.expect(reply, *statuses)
        kind = reply.headers.get("content-type", "").split(";")[0]
        need(
            kind == PROBLEM,
            Text(f"拒绝的类型是 {kind},应为 {PROBLEM}。", f"A refusal is {kind}, want {PROBLEM}."),
        )
        problem = self.parse(Problem, reply)
        said = (problem.what, problem.todo)
        need(
            problem.status == reply.status_code and bool(problem.code),
            Text("拒绝没有状态或代码。", "A refusal lacks its status or code."),
        )
        need(
            all(_is_chinese(text.zh) and text.en.strip() for text in said),
            Text(f"拒绝缺少一种语言:{problem.what}", f"A refusal lacks a language: {problem.what}"),
        )
        need(
            not code or problem.code == code,
            Text(f"拒绝代码 {problem.code},应为 {code}。", f"Code {problem.code}, want {code}."),
        )
        return problem

    def until(self, look: Callable[[], T], limit_s: float) -> T:
        """Give the first true answer within a time, or the last one."""
        end_s = self.clock.steady_s() + limit_s
        while not (found := look()) and self.clock.steady_s() < end_s:
            time.sleep(_LOOK_S)
        return found

    # What is put in

    def undo(self, step: Callable[[], object]) -> None:
        """Note how to take something out again."""
        self._undo.append(step)

    def clean(self) -> None:
        """Take out what can be, the newest first; what fails is told as left."""
        while self._undo:
            step = self._undo.pop()
            try:
                step()
            except (WrongError, SkippedError, httpx.HTTPError) as error:
                said = str(error)[:150]
                self.left.append(Text(f"清理未成:{said}", f"Not taken out: {said}"))
        if self.has_layer:
            self.left.append(Text(f"空图层 {LAYER}", f"the empty layer {LAYER}"))
        self.http.close()


def need(is_so: bool, otherwise: Text) -> None:  # noqa: FBT001  the thing that is demanded
    """Demand something of the service."""
    if not is_so:
        raise WrongError(otherwise)


def read_accounts(path: Path | None) -> list[dict[str, str]]:
    """Read the credentials: a JSON list of account, password, role and `totp_secret`.

    Raises:
        ValueError: the file is something else.
        OSError: it cannot be read.
    """
    if path is None:
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and {"account", "password", "role"} <= set(one) for one in found
    ):
        raise ValueError("want a list of account, password, role")
    return found


def _json(body: object) -> bytes:
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return json.dumps(body, ensure_ascii=False).encode()


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _is_city(person: Person) -> bool:
    return CITY in person.regions and EVERY_DEPARTMENT in person.departments


def _is_county(person: Person) -> bool:
    return (
        all(len(region) > len(CITY) for region in person.regions)
        and EVERY_DEPARTMENT in person.departments
    )
