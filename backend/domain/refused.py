"""The one way the service says no: an exception that carries a bilingual Problem."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend_client.contract.base import Text
from backend_client.contract.problem import Problem

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):  # noqa: N818  the word of the house for "the service said no"
    """Refuse a request; `asgi` turns it into `application/problem+json`.

    Args:
        problem: what, where and what to do, in both languages.
        headers: further response headers, e.g. `Retry-After`.
    """

    def __init__(self, problem: Problem, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(f"{problem.status} {problem.code} {problem.where}".strip())
        self.problem = problem
        self.headers = headers


def refuse(status: int, code: str, what: Text, todo: Text, *, where: str = "") -> Refused:
    """Build a refusal; raise the result."""
    return Refused(Problem(status=status, code=code, what=what, todo=todo, where=where))


def not_found(where: str) -> Refused:
    """Refuse because there is no such thing, or the reader may not know of it."""
    return refuse(
        404,
        "not_found",
        Text("找不到该对象。", "There is no such thing here."),
        Text(
            "刷新列表后再试;它可能已被移出你的范围。",
            "Refresh the list; it may have left your scope.",
        ),
        where=where,
    )


def forbidden(action: str) -> Refused:
    """Refuse because role, scope or second factor does not grant the action."""
    return refuse(
        403,
        "forbidden",
        Text("你的角色或范围不允许此操作。", "Your role or scope does not allow this."),
        Text(
            "请有权限的人员操作,或向运维申请。", "Ask someone who may, or ask a maintainer for it."
        ),
        where=action,
    )


def stale_version(where: str, holder: str) -> Refused:
    """Refuse because the item has moved on since the caller saw it."""
    return Refused(
        Problem(
            status=409,
            code="stale_version",
            what=Text("此项已被他人更新。", "Someone has changed this item since you saw it."),
            todo=Text("看过新内容后再操作。", "Look at the new state, then try again."),
            where=where,
            holder=holder,
        )
    )


def wrong_state(where: str, state: Text) -> Refused:
    """Refuse a step that the item's present state does not allow.

    Args:
        where: the item concerned.
        state: the state it is in, in words.
    """
    return refuse(
        409,
        "wrong_state",
        Text(
            f"当前状态为“{state.zh}”,不能执行此步骤。",
            f"The item is {state.en}; this step is not possible now.",
        ),
        Text("看过当前状态后再选择步骤。", "Look at its present state and choose another step."),
        where=where,
    )


def unfit(where: str, what: Text, todo: Text) -> Refused:
    """Refuse a value that is well-formed but makes no sense here."""
    return refuse(422, "unfit", what, todo, where=where)
