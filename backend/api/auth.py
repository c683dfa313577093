"""Sign in, renew, sign out, and who am I."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter

from backend.api.access import PUBLIC, PartsDep, SignedDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person, Refresh, SignIn, Tokens

router = APIRouter(tags=["auth"])


@router.post(paths.SIGN_IN, responses=refusals(429, 503), dependencies=[PUBLIC])
async def sign_in(body: SignIn, parts: PartsDep) -> Tokens:
    """Exchange account, password and one-time code for tokens."""
    return await to_thread.run_sync(parts.auth.sign_in, body, limiter=parts.sign_ins)


@router.post(paths.REFRESH, responses=refusals(429), dependencies=[PUBLIC])
def refresh(body: Refresh, parts: PartsDep) -> Tokens:
    """Exchange a refresh token for a new pair; each works once."""
    return parts.auth.refresh(body.refresh)


@router.post(paths.SIGN_OUT, status_code=204, responses=refusals())
def sign_out(
    _person: Annotated[Person, needs("account.self")], who: SignedDep, parts: PartsDep
) -> None:
    """End this sign-in; its tokens and streams stop working."""
    parts.auth.sign_out(who)


@router.get(paths.ME, responses=refusals())
def me(person: Annotated[Person, needs("account.self")]) -> Person:
    """Tell who is signed in, with the scope that counts now."""
    return person
