"""Access tokens: signed with one key and one algorithm, ten minutes long."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from backend.domain.refused import Refused, refuse
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

ACCESS_S = 600
_ALGORITHM = "Ed25519"
_ISSUER = "nantong-service"
_SKEW_S = 30
_LONGEST = 2_048


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose token it is and of which sign-in."""

    person_id: str
    family: str


class Tokens:
    """Sign and check access tokens."""

    def __init__(self, key: OKPKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def sign(self, claims: Claims) -> str:
        """Give an access token for the next ten minutes."""
        now = self._clock.now()
        return jwt.encode(
            {"alg": _ALGORITHM},
            {
                "iss": _ISSUER,
                "sub": claims.person_id,
                "fam": claims.family,
                "iat": int(now.timestamp()),
                "exp": int((now + timedelta(seconds=ACCESS_S)).timestamp()),
            },
            self._key,
            algorithms=[_ALGORITHM],
        )

    def read(self, token: str, *, lapsed: bool = False) -> Claims:
        """Check signature, algorithm, issuer and times.

        Args:
            token: as it came.
            lapsed: whether one past its end is good enough.

        Raises:
            Refused: 401 `bad_token` or `expired_token`.
        """
        if len(token) > _LONGEST:
            raise bad_token()
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            made_at, ends_at = _instant(claims["iat"]), _instant(claims["exp"])
            known = Claims(str(claims["sub"]), str(claims["fam"]))
        except (JoseError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise bad_token() from error
        now = self._clock.now()
        if claims.get("iss") != _ISSUER or made_at > now + timedelta(seconds=_SKEW_S):
            raise bad_token()
        if ends_at <= now and not lapsed:
            raise _expired()
        return known


def load_key(path: Path) -> OKPKey:
    """Read the signing key, or make one into a file only its owner can read."""
    if not path.exists():
        fresh = OKPKey.generate_key("Ed25519", private=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(fresh.as_dict(private=True), file)
        part.replace(path)
    return OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def bad_token() -> Refused:
    """Build the 401 of a token that is missing or not ours."""
    return refuse(
        401,
        "bad_token",
        Text("未登录或登录凭证无效。", "Not signed in, or the token is not valid."),
        Text("请登录。", "Sign in."),
        where="Authorization",
    )


def _expired() -> Refused:
    return refuse(
        401,
        "expired_token",
        Text("登录凭证已过期。", "The token has expired."),
        Text("请刷新凭证或重新登录。", "Renew it or sign in again."),
        where="Authorization",
    )


def _instant(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a time claim is an integer")
    return datetime.fromtimestamp(value, tz=UTC)
