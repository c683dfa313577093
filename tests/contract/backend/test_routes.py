"""Every route names a policy action the policy knows; every path of the contract is served."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from backend.api.access import Needs, Public
from backend.api.guard import OPENAPI, PUBLIC
from backend.asgi import ROUTERS
from backend.services.policy import POLICY_FILE
from backend_client.contract import paths
from tests.service import serving

DOCUMENT = {OPENAPI}


def routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


def actions(route: APIRoute) -> list[str]:
    return [call.action for call in calls(route.dependant) if isinstance(call, Needs | Public)]


def test_every_route_names_exactly_one_action() -> None:
    assert len(routes()) > 20
    for route in routes():
        assert len(actions(route)) == 1, f"{route.methods} {route.path}: {actions(route)}"


def test_a_route_without_an_action_would_be_found() -> None:
    async def bare() -> None: ...

    assert actions(APIRoute("/bare", bare)) == []


def test_public_routes_are_those_the_guard_lets_through() -> None:
    open_ = {route.path for route in routes() if actions(route) == ["public"]}
    assert open_ | DOCUMENT == PUBLIC


def test_every_action_is_granted_to_somebody_by_the_policy() -> None:
    known = set(re.findall(r'Action::"([a-z_.]+)"', POLICY_FILE.read_text(encoding="utf-8")))
    asked = {action for route in routes() for action in actions(route)} - {"public"}
    assert asked <= known


def test_every_path_of_the_contract_is_served_and_no_other() -> None:
    told = {value for name, value in vars(paths).items() if name.isupper()}
    served = {route.path for route in routes()}
    verbs = {path for path in told if path.endswith("{verb}")}
    plain = told - verbs
    assert plain <= served, plain - served
    for path in served - plain:
        assert f"{path.rsplit('/', 1)[0]}/{{verb}}" in verbs, path


def test_openapi_documents_refusals_as_problems_and_resolves_every_reference(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            page = (await service.client.get(OPENAPI)).json()
        assert page["openapi"].startswith("3.1")
        schemas = page["components"]["schemas"]
        assert "HTTPValidationError" not in schemas
        for reference in re.findall(r"#/components/schemas/([A-Za-z0-9_-]+)", str(page)):
            assert reference in schemas, reference
        for path, methods in page["paths"].items():
            for operation in methods.values():
                assert operation["security"] == ([] if path in PUBLIC else [{"bearer": []}])
                for status, reply in operation["responses"].items():
                    if status >= "400":
                        assert list(reply["content"]) == ["application/problem+json"], path

    asyncio.run(body())
