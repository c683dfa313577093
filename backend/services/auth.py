"""Sign in, renew, sign out; one-time codes that work once, wherever they are used."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from backend.domain.refused import Refused, refuse
from backend.services.passwords import Failures, Passwords
from backend.services.tokens import ACCESS_S, Claims, Tokens, bad_token
from backend.storage import persons
from backend.storage.database import Database
from backend.storage.persons import Account, Session
from backend.storage.unit import Unit
from backend_client.contract.auth import Person, SignIn
from backend_client.contract.auth import Tokens as TokenPair
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

REFRESH_S = 8 * 3600
STEP_S = 30
_TOO_MANY = 429
_SEEN = 4_096
_DRIFT = 1  # steps a person's clock may be off, either way


@dataclass(frozen=True, slots=True)
class Signed:
    """A person as signed in now, and the sign-in their token belongs to."""

    person: Person
    family: str


class Auth:
    """Know who is asking. Sync: call it from worker threads."""

    def __init__(
        self, database: Database, clock: Clock, *, passwords: Passwords, tokens: Tokens
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._tokens = tokens
        self._sign_ins = Failures(clock)
        self._codes = Failures(clock)
        self._seen: dict[str, tuple[Signed, datetime]] = {}

    def sign_in(self, given: SignIn) -> TokenPair:
        """Check name, password and, where given, the one-time code; open a session.

        Raises:
            Refused: 401 `bad_sign_in`, 429 after too many failures, 503 when crowded.
        """
        account = self._known(given)
        try:
            return self._open(account, given.totp)
        except Refused as no:
            if no.problem.status == _TOO_MANY:
                raise
            raise self._failed(given.account, account) from no

    def vouch(self, given: SignIn) -> Person:
        """Check a person's name and password without opening a session; the code comes after.

        Raises:
            Refused: 401 `bad_sign_in`, 429 after too many failures, 503 when crowded.
        """
        return self._known(given).person

    def _known(self, given: SignIn) -> Account:
        self._sign_ins.check(given.account)
        with self._database.read() as view:
            account = persons.account(view.connection, given.account)
        fits = self._passwords.matches(account.password_hash if account else None, given.password)
        if account is None or not account.active or not fits:
            raise self._failed(given.account, account)
        return account

    def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token; one that was used before ends its whole session.

        Raises:
            Refused: 401 `bad_refresh` or `reused_refresh`.
        """
        family, _, secret = token.partition(".")
        with self._database.write() as unit:
            session = persons.session(unit.connection, family)
            account = persons.account(unit.connection, session.person_id) if session else None
            if session is None or account is None or not self._stands(session, account):
                raise _bad_refresh("bad_refresh")
            if hmac.compare_digest(session.refresh_hash, _digest(secret)):
                return self._renew(unit, session)
            persons.revoke(unit.connection, family)
            unit.audit("auth.reuse", f"session/{family}", by=account.person)
        raise _bad_refresh("reused_refresh")

    def sign_out(self, signed: Signed) -> None:
        """End the session the token belongs to."""
        with self._database.write() as unit:
            persons.revoke(unit.connection, signed.family)
            unit.audit("auth.sign_out", f"session/{signed.family}", by=signed.person)

    def authenticate(self, bearer: str) -> Signed:
        """Read an `Authorization` header and look the person up as they are now.

        Raises:
            Refused: 401 `bad_token` or `expired_token`.
        """
        claims = self._tokens.read(_token(bearer))
        signed = self.standing(claims.family)
        if signed is None or signed.person.person_id != claims.person_id:
            raise bad_token()
        return signed

    def stopping(self, bearer: str) -> Signed:
        """Authenticate for STOP: ask the database first, so that its absence shows in any case.

        Raises:
            Refused: 401 `bad_token` or `expired_token`.
            SQLAlchemyError: the database cannot be asked; `remembered` knows more.
        """
        self.standing(self._tokens.read(_token(bearer), lapsed=True).family)
        return self.authenticate(bearer)

    def remembered(self, bearer: str) -> Signed:
        """Know who is asking while the database cannot be asked: as they stood when last seen.

        For STOP alone, which nothing of ours may hold up. A token past its minutes counts as
        long as its sign-in lasts, since nobody can renew one meanwhile.

        Raises:
            Refused: 401 `bad_token`.
        """
        claims = self._tokens.read(_token(bearer), lapsed=True)
        seen = self._seen.get(claims.family)
        if seen is None or seen[1] <= self._clock.now():
            raise bad_token()
        return seen[0]

    def standing(self, family: str) -> Signed | None:
        """Give the person of a session as they are now, None when it has ended."""
        found = self.session(family)
        return found[0] if found else None

    def session(self, family: str) -> tuple[Signed, datetime] | None:
        """Give the person of a session as they are now and when it ends by itself."""
        with self._database.read() as view:
            session = persons.session(view.connection, family)
            found = persons.account(view.connection, session.person_id) if session else None
        if session is None or found is None or not self._stands(session, found):
            self._seen.pop(family, None)
            return None
        person = found.person.model_copy(update={"mfa": session.mfa})
        seen = Signed(person, family), session.expires_at
        self._remember(family, seen)
        return seen

    def verify_totp(self, unit: Unit, person_id: str, code: str) -> None:
        """Accept a one-time code once; its step is stored in the caller's unit.

        Raises:
            Refused: 403 `bad_totp` or `used_totp`, 429 after too many failures.
        """
        self._codes.check(person_id)
        account = persons.account(unit.connection, person_id)
        step = self._step(account.totp_secret, code) if account and account.totp_secret else None
        if account is None or step is None:
            self._codes.add(person_id)
            raise _bad_code("bad_totp", Text("动态口令不正确。", "The one-time code is wrong."))
        if step <= account.totp_step:
            self._codes.add(person_id)
            raise _bad_code("used_totp", Text("动态口令已用过。", "This code was used already."))
        persons.set_step(unit.connection, person_id, step)

    def _remember(self, family: str, seen: tuple[Signed, datetime]) -> None:
        """Keep who was seen, the longest unseen go first."""
        self._seen.pop(family, None)
        self._seen[family] = seen
        while len(self._seen) > _SEEN:
            self._seen.pop(next(iter(self._seen)), None)

    def _open(self, account: Account, code: str | None) -> TokenPair:
        family, secret = secrets.token_hex(12), secrets.token_urlsafe(32)
        person_id = account.person.person_id
        with self._database.write() as unit:
            if code is not None:
                self.verify_totp(unit, person_id, code)
            session = Session(
                family=family,
                person_id=person_id,
                mfa=code is not None,
                refresh_hash=_digest(secret),
                expires_at=self._clock.now() + timedelta(seconds=REFRESH_S),
                revoked=False,
            )
            persons.open_session(unit.connection, session)
            person = account.person.model_copy(update={"mfa": session.mfa})
            unit.audit("auth.sign_in", f"session/{family}", by=person, detail={"mfa": session.mfa})
        return self._pair(person, family, secret)

    def _renew(self, unit: Unit, session: Session) -> TokenPair:
        secret = secrets.token_urlsafe(32)
        ends_at = self._clock.now() + timedelta(seconds=REFRESH_S)
        persons.rotate(unit.connection, session.family, _digest(secret), ends_at)
        account = persons.account(unit.connection, session.person_id, mfa=session.mfa)
        assert account is not None  # noqa: S101  read above in the same transaction
        return self._pair(account.person, session.family, secret)

    def _pair(self, person: Person, family: str, secret: str) -> TokenPair:
        return TokenPair(
            access=self._tokens.sign(Claims(person.person_id, family)),
            refresh=f"{family}.{secret}",
            expires_in_s=ACCESS_S,
            person=person,
        )

    def _stands(self, session: Session, account: Account) -> bool:
        return account.active and not session.revoked and session.expires_at > self._clock.now()

    def _failed(self, name: str, account: Account | None) -> Refused:
        """Count a failure; audit it for real accounts only: made-up names write nothing."""
        self._sign_ins.add(name)
        if account is not None:
            with self._database.write() as unit:
                unit.audit("auth.refused", f"account/{account.person.person_id}", by=None)
        return refuse(
            401,
            "bad_sign_in",
            Text("账号、密码或动态口令不正确。", "Account, password or one-time code is wrong."),
            Text(
                "核对后再试;每个动态口令只能用一次。",
                "Check them and try again; each one-time code works once.",
            ),
        )

    def _step(self, secret: str, code: str) -> int | None:
        """Find the step a code belongs to; the newest that fits, so it cannot be used twice."""
        now_step = int(self._clock.now().timestamp()) // STEP_S
        totp = pyotp.TOTP(secret)
        for step in range(now_step + _DRIFT, now_step - _DRIFT - 1, -1):
            if hmac.compare_digest(totp.generate_otp(step), code):
                return step
        return None


def _token(bearer: str) -> str:
    scheme, _, token = bearer.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise bad_token()
    return token.strip()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _bad_refresh(code: str) -> Refused:
    return refuse(
        401,
        code,
        Text("登录已结束。", "This sign-in has ended."),
        Text("请重新登录。", "Sign in again."),
        where="refresh",
    )


def _bad_code(code: str, what: Text) -> Refused:
    return refuse(
        403,
        code,
        what,
        Text("等下一个动态口令再试。", "Wait for the next code and try again."),
        where="totp",
    )
