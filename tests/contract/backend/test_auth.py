"""Who gets in, for how long, and what a stolen or forged token is worth."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from backend.domain.refused import Refused
from backend.services.accounts import change_role, close_account, reset_password
from backend.services.passwords import Passwords
from backend_client.contract import paths
from backend_client.contract.auth import Role
from tests.service import Service, fast_hasher, serving, stream


def test_first_passwords_are_private_and_open_every_account(data: Path) -> None:
    assert (data / "first-passwords.json").stat().st_mode & 0o777 == 0o600
    assert (data / "token.key").stat().st_mode & 0o777 == 0o600

    async def body() -> None:
        async with serving(data) as service:
            assert len({line["password"] for line in service.accounts.values()}) == 21
            for account in service.accounts:
                given = await service.sign_in(account)
                person = given["person"]
                assert isinstance(person, dict)
                assert person["mfa"] is (person["role"] != "feed")

    asyncio.run(body())


def test_wrong_password_unknown_account_and_wrong_code_look_the_same(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            right = service.accounts["duty"]["password"]
            tries = [
                {"account": "duty", "password": "wrong"},
                {"account": "nobody", "password": right},
                {"account": "duty", "password": right, "totp": "000000"},
            ]
            replies = [await service.client.post(paths.SIGN_IN, json=given) for given in tries]
            assert [reply.status_code for reply in replies] == [401, 401, 401]
            assert len({reply.text for reply in replies}) == 1

    asyncio.run(body())


def test_a_code_works_once_at_sign_in_and_for_any_other_use(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            known = service.accounts["duty"]
            given = {"account": "duty", "password": known["password"], "totp": service.code("duty")}
            assert (await service.client.post(paths.SIGN_IN, json=given)).status_code == 200
            assert (await service.client.post(paths.SIGN_IN, json=given)).status_code == 401
            with pytest.raises(Refused) as caught, service.parts.database.write() as unit:
                service.parts.auth.verify_totp(unit, "duty", str(given["totp"]))
            assert caught.value.problem.code == "used_totp"
            earlier = pyotp.TOTP(known["totp_secret"]).at(
                service.clock.now() - timedelta(seconds=30)
            )
            with pytest.raises(Refused) as caught, service.parts.database.write() as unit:
                service.parts.auth.verify_totp(unit, "duty", earlier)
            assert caught.value.problem.code == "used_totp"
            with service.parts.database.write() as unit:
                service.parts.auth.verify_totp(unit, "duty", service.code("duty"))

    asyncio.run(body())


def test_a_code_of_a_unit_that_failed_can_be_used_again(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            code = service.code("duty")

            def fail() -> None:
                with service.parts.database.write() as unit:
                    service.parts.auth.verify_totp(unit, "duty", code)
                    raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                fail()
            with service.parts.database.write() as unit:
                service.parts.auth.verify_totp(unit, "duty", code)

    asyncio.run(body())


def test_refresh_rotates_and_reuse_ends_the_whole_sign_in(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            first = await service.sign_in("dispatcher")
            second = await renew(service, first)
            third = await renew(service, second)
            again = await service.client.post(paths.REFRESH, json={"refresh": first["refresh"]})
            assert (again.status_code, again.json()["code"]) == (401, "reused_refresh")
            after = await service.client.post(paths.REFRESH, json={"refresh": third["refresh"]})
            assert after.status_code == 401
            assert await me(service, str(third["access"])) == 401
            other = await service.sign_in("dispatcher")
            assert await me(service, str(other["access"])) == 200

    asyncio.run(body())


async def renew(service: Service, tokens: dict[str, object]) -> dict[str, object]:
    reply = await service.client.post(paths.REFRESH, json={"refresh": tokens["refresh"]})
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def me(service: Service, access: str) -> int:
    headers = {"Authorization": f"Bearer {access}"}
    return (await service.client.get(paths.ME, headers=headers)).status_code


def test_access_ends_after_ten_minutes_and_refresh_after_eight_hours(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            tokens = await service.sign_in("operator")
            service.clock.advance(599)
            assert await me(service, str(tokens["access"])) == 200
            service.clock.advance(1)
            headers = {"Authorization": f"Bearer {tokens['access']}"}
            reply = await service.client.get(paths.ME, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "expired_token")
            tokens = await renew(service, tokens)
            assert await me(service, str(tokens["access"])) == 200
            service.clock.advance(8 * 3600)
            late = await service.client.post(paths.REFRESH, json={"refresh": tokens["refresh"]})
            assert late.status_code == 401

    asyncio.run(body())


def test_sign_out_ends_token_and_refresh(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            tokens = await service.sign_in("operator")
            headers = {"Authorization": f"Bearer {tokens['access']}"}
            assert (await service.client.post(paths.SIGN_OUT, headers=headers)).status_code == 204
            assert await me(service, str(tokens["access"])) == 401
            reply = await service.client.post(paths.REFRESH, json={"refresh": tokens["refresh"]})
            assert reply.status_code == 401

    asyncio.run(body())


def test_forged_tokens_are_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            real = str((await service.sign_in("operator"))["access"])
            assert await me(service, real) == 200
            for name, token in forged(real, service).items():
                assert await me(service, token) == 401, name

    asyncio.run(body())


def forged(real: str, service: Service) -> dict[str, str]:
    head, claims, signature = real.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    public = json.loads((service.data / "token.key").read_text(encoding="utf-8"))["x"]
    secret = OctKey.import_key(base64.urlsafe_b64decode(public + "=="))
    stranger = OKPKey.generate_key("Ed25519")
    own = OKPKey.import_key(json.loads((service.data / "token.key").read_text(encoding="utf-8")))
    later = {**told, "iat": told["iat"] + 7200, "exp": told["exp"] + 7200}

    def signed(body: dict[str, object], key: OKPKey, name: str = "Ed25519") -> str:
        return jwt.encode({"alg": name}, body, key, algorithms=[name])

    def b64(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return {
        "no signature": f"{b64({'alg': 'none'})}.{claims}.",
        "none with signature": f"{b64({'alg': 'none'})}.{claims}.{signature}",
        "public key as secret": jwt.encode({"alg": "HS256"}, told, secret),
        "another key": signed(told, stranger),
        "other claims": f"{head}.{b64({**told, 'sub': 'leader'})}.{signature}",
        "someone else's session": signed({**told, "sub": "leader"}, own),
        "from the future": signed(later, own),
        "no end": signed({k: v for k, v in told.items() if k != "exp"}, own),
        "end as text": signed({**told, "exp": "9999999999"}, own),
        "end beyond all years": signed({**told, "exp": 10**18}, own),
        "another issuer": signed({**told, "iss": "x"}, own),
        "empty": "",
        "rubbish": "a.b.c",
        "long": "a" * 5_000,
    }


def test_a_role_changed_or_account_closed_counts_at_once(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            leader = await service.headers("leader")
            async with stream(service, headers) as wire, stream(service, leader) as other:
                await wire.event("beat")
                await asyncio.to_thread(
                    change_role, service.parts.database, "dispatcher", Role.AUDITOR
                )
                reply = await service.client.post(
                    f"{paths.EVENTS}/x/accept", json={"version": 1}, headers=headers
                )
                assert reply.status_code == 403
                assert (await service.client.get(paths.AUDIT, headers=headers)).status_code == 200
                await wire.event("resync")
                await asyncio.to_thread(close_account, service.parts.database, "dispatcher")
                reply = await service.client.get(paths.ME, headers=headers)
                assert reply.status_code == 401
                assert await wire.ended()
                await other.event("beat")

    asyncio.run(body())


def test_reset_password_ends_sessions_and_works(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            headers = await service.headers("operator")
            given = reset_password(service.parts.database, Passwords(fast_hasher()), "operator")
            assert (await service.client.get(paths.ME, headers=headers)).status_code == 401
            old = {"account": "operator", "password": service.accounts["operator"]["password"]}
            assert (await service.client.post(paths.SIGN_IN, json=old)).status_code == 401
            new = {"account": "operator", "password": given.password}
            assert (await service.client.post(paths.SIGN_IN, json=new)).status_code == 200

    asyncio.run(body())


def test_hundred_failures_lock_the_account_for_the_hour_and_no_other(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            wrong = {"account": "duty", "password": "wrong"}
            for _ in range(100):
                assert (await service.client.post(paths.SIGN_IN, json=wrong)).status_code == 401
            right = {"account": "duty", "password": service.accounts["duty"]["password"]}
            reply = await service.client.post(paths.SIGN_IN, json=right)
            assert reply.status_code == 429
            assert 3500 < int(reply.headers["Retry-After"]) <= 3601
            assert (await service.sign_in("leader"))["access"]
            service.clock.advance(3601)
            assert (await service.client.post(paths.SIGN_IN, json=right)).status_code == 200

    asyncio.run(body())


def test_restart_keeps_sign_ins(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            headers = await service.headers("operator")
        async with serving(data) as service:
            service.clock.advance(60)
            assert (await service.client.get(paths.ME, headers=headers)).status_code == 200

    asyncio.run(body())
