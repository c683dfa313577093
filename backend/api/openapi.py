"""The OpenAPI page: bearer sign-in, every refusal a Problem, no shapes we do not send."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from backend.api.guard import PUBLIC
from backend_client.contract.problem import Problem

_UNUSED = ("HTTPValidationError", "ValidationError")

Page = dict[str, dict[str, dict[str, dict[str, object]]]]


def describe(app: FastAPI) -> None:
    """Write the page once, on first demand, from the routes as mounted."""
    app.openapi = _writer(app)  # type: ignore[method-assign]  # the framework's documented way


def _writer(app: FastAPI) -> Callable[[], Page]:
    kept: list[Page] = []

    def write() -> Page:
        if not kept:
            kept.append(_write(app))
        return kept[0]

    return write


def _write(app: FastAPI) -> Page:
    page: Page = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes
    )
    schemas = page.setdefault("components", {}).setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    page["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for path, methods in page["paths"].items():
        for operation in methods.values():
            operation["security"] = [] if path in PUBLIC else [{"bearer": []}]
    return page
