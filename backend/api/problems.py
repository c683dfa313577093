"""Every refusal as `application/problem+json` in both languages, also the framework's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.domain.refused import Refused, refuse
from backend_client.contract.base import Text
from backend_client.contract.problem import Problem

MEDIA = "application/problem+json"
_LOG = structlog.get_logger("service")

_MEANING: Mapping[int, str] = {
    400: "The request is not well-formed.",
    401: "Not signed in, or the token is not valid.",
    403: "Role, scope or second factor does not grant this.",
    404: "No such thing, or not in the reader's sight.",
    405: "The path has no such method.",
    408: "The body came too slowly.",
    409: "The item has moved on, or its state does not allow this.",
    412: "The device has moved since it was read.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A field is missing, unknown, of the wrong type or makes no sense.",
    428: "A required header is missing.",
    429: "Too many tries.",
    431: "The headers are too large.",
    500: "A fault of the service.",
    503: "Not possible just now.",
    507: "No room on the disk.",
}
EVERYWHERE = (400, 401, 403, 404, 408, 413, 415, 422, 431, 503)
"""Statuses any signed-in path may answer with."""

_TYPES_ZH: Mapping[str, str] = {
    "missing": "缺少必填项",
    "extra_forbidden": "未知字段",
    "string_too_long": "内容过长",
    "string_too_short": "内容过短",
    "too_long": "条目过多",
    "too_short": "条目过少",
    "enum": "不是允许的取值",
    "literal_error": "不是允许的取值",
    "string_pattern_mismatch": "格式不对",
    "timezone_aware": "时间缺少时区",
    "finite_number": "不是有限的数",
    "greater_than_equal": "数值过小",
    "greater_than": "数值过小",
    "less_than_equal": "数值过大",
    "less_than": "数值过大",
}

_STATUS_TEXT: Mapping[int, tuple[str, Text]] = {
    404: ("no_such_path", Text("没有这个地址。", "There is no such path.")),
    405: ("no_such_method", Text("此地址不支持该方法。", "This path has no such method.")),
}


def refusals(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Document refusals of a route: the given statuses besides those every route may give."""
    return {
        status: {
            "description": _MEANING[status],
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*EVERYWHERE, *statuses})
    }


def render(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Give the response of a refusal."""
    return Response(
        problem.model_dump_json(),
        status_code=problem.status,
        media_type=MEDIA,
        headers=dict(headers or {}),
    )


def install(app: FastAPI) -> None:
    """Answer every exception of the application with a Problem."""
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def fault(error: BaseException, path: str) -> Problem:
    """Log an unexpected exception and give the Problem the client gets instead of it."""
    _LOG.error("fault", path=path, exc_info=error)
    if isinstance(error, _NO_STORAGE):
        return _STORAGE
    return refuse(
        500,
        "fault",
        Text("服务内部出错,操作未完成。", "The service failed; nothing was changed."),
        Text(
            "请稍后再试;若重复出现,告知运维。", "Try again; if it happens again, tell a maintainer."
        ),
    ).problem


_NO_STORAGE = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""Full, locked, cut off, ended, read-only: the next try may work, nothing was half-written."""
_STORAGE = refuse(
    503,
    "storage",
    Text("数据库暂时无法读写,操作未完成。", "The database cannot be used; nothing was changed."),
    Text(
        "请稍后再试;仍不行时请运维检查数据库服务器和磁盘空间。",
        "Try again soon; if it stays, have a maintainer check the database server and disk space.",
    ),
).problem


def _on_refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return render(error.problem, error.headers)


def _on_invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return render(invalid(error.errors()))


def _on_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code, what = _STATUS_TEXT.get(
        error.status_code, ("refused", Text("请求无法处理。", "The request cannot be handled."))
    )
    todo = Text("核对地址和方法。", "Check path and method.")
    return render(refuse(error.status_code, code, what, todo).problem, error.headers)


def invalid(errors: Sequence[Mapping[str, object]]) -> Problem:
    """Give the Problem of fields that do not fit, naming the first by its path."""
    first = errors[0]
    loc = first.get("loc", ())
    parts = [str(part) for part in loc] if isinstance(loc, tuple | list) else []
    where = ".".join(parts[1:] if parts[:1] == ["body"] and len(parts) > 1 else parts)
    kind = str(first.get("type", ""))
    zh = _TYPES_ZH.get(kind, "类型或取值不对")
    more_zh = f"(共 {len(errors)} 处)" if len(errors) > 1 else ""
    more_en = f" ({len(errors)} places)" if len(errors) > 1 else ""
    return refuse(
        422,
        "unknown_field" if kind == "extra_forbidden" else "invalid",
        Text(f"“{where}”{zh}。{more_zh}", f"{where}: {first.get('msg', 'invalid')}.{more_en}"),
        Text("改正该字段后再发送。", "Correct this field and send it again."),
        where=where,
    ).problem
