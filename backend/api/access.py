"""What a route asks for: its policy action, the signed-in person, the service's parts.

All of it is answered on the event loop: a worker thread per dependency would cost more than the
answer, and STOP must not queue behind other people's reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, params

from backend.api.parts import Parts
from backend.domain.refused import forbidden
from backend.services.auth import Signed
from backend.services.tokens import bad_token
from backend_client.contract.auth import Person

PUBLIC_ACTION = "public"


async def parts(request: Request) -> Parts:
    """Give the services this application was built with."""
    found = request.app.state.parts
    if not isinstance(found, Parts):
        raise TypeError("the application was built without parts")
    return found


async def signed(request: Request) -> Signed:
    """Give who the guard found behind the token.

    Raises:
        Refused: 401 when nobody is.
    """
    found = request.scope.get("signed")
    if not isinstance(found, Signed):
        raise bad_token()
    return found


PartsDep = Annotated[Parts, Depends(parts)]
SignedDep = Annotated[Signed, Depends(signed)]


@dataclass(frozen=True, slots=True)
class Needs:
    """Let through who has the policy action somewhere; the service checks the thing itself."""

    action: str

    async def __call__(self, who: SignedDep, served: PartsDep) -> Person:
        """Give the person.

        Raises:
            Refused: 403 when neither role nor second factor grants the action anywhere.
        """
        if not served.policy.grants(who.person, self.action):
            raise forbidden(self.action)
        return who.person


@dataclass(frozen=True, slots=True)
class Public:
    """Mark a route that needs nobody signed in."""

    action: str = PUBLIC_ACTION

    async def __call__(self) -> None:
        """Let everyone through."""


def needs(action: str) -> params.Depends:
    """Declare the policy action a route asks for, beside its `person` parameter.

    A route without it fails `tests/contract/backend/test_routes.py`.
    """
    return params.Depends(Needs(action))


PUBLIC = params.Depends(Public())
"""For `dependencies=[PUBLIC]` of a route that needs nobody signed in."""
