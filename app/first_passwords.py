"""Read the first passwords of a service this program started (a 0600 file beside its data)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyotp
from pydantic import TypeAdapter, ValidationError

from backend_client.contract.clock import Clock


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """One account as it was made at the first start."""

    account: str
    password: str
    totp_secret: str | None = None
    role: str = ""
    note: str = ""

    def code(self, clock: Clock) -> str | None:
        """Give the one-time code of this moment, None for an account without a secret."""
        return pyotp.TOTP(self.totp_secret).at(clock.now()) if self.totp_secret else None


_LIST: TypeAdapter[tuple[FirstPassword, ...]] = TypeAdapter(tuple[FirstPassword, ...])


def read(path: Path) -> tuple[FirstPassword, ...]:
    """Read the file; empty when it is gone, as it should be once they are changed."""
    try:
        return _LIST.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return ()
