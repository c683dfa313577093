"""The service as an operator's machine sees it: start, lock, end, audit, accounts."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pysqlite3
import pytest

from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = pytest.mark.end2end


def backend(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_accounts_can_be_reset_closed_and_changed_beside_a_running_service(
    service: Service,
) -> None:
    data = str(service.data)
    headers = bearer(service, "dispatcher")
    me = f"{service.url}/v1/auth/me"
    assert httpx.get(me, headers=headers).json()["role"] == "dispatcher"
    changed = backend("accounts", "role", "dispatcher", "auditor", "--data", data)
    assert changed.returncode == 0, changed.stderr
    assert httpx.get(me, headers=headers).json()["role"] == "auditor"
    given = backend("accounts", "reset", "dispatcher", "--data", data)
    assert httpx.get(me, headers=headers).status_code == 401
    password = json.loads(given.stdout)["password"]
    body = {"account": "dispatcher", "password": password}
    assert httpx.post(f"{service.url}/v1/auth/sign-in", json=body).status_code == 200
    assert backend("accounts", "close", "dispatcher", "--data", data).returncode == 0
    assert httpx.post(f"{service.url}/v1/auth/sign-in", json=body).status_code == 401
    unknown = backend("accounts", "close", "nobody", "--data", data)
    assert (unknown.returncode, "找不到" in unknown.stderr) == (3, True)


def test_service_starts_serves_ends_and_can_be_checked(service: Service) -> None:
    data = service.data
    assert service.process is not None
    for name in ("city.db", "first-passwords.json", "token.key"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    passwords = [row["password"] for row in json.loads((data / "first-passwords.json").read_text())]
    assert not [word for word in passwords if word in service.log()]

    second = backend("serve", "--data", str(data))
    assert second.returncode == 3
    assert "另一个服务" in second.stderr
    assert "Another service" in second.stderr

    client = service.client("operator")
    with httpx.stream(
        "GET",
        f"{service.url}/v1/stream",
        headers=bearer(service, "duty"),
        timeout=10,
    ) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: beat"
        started = time.monotonic()
        service.process.terminate()
        assert service.process.wait(10) == 0
        assert time.monotonic() - started < 5
    client.close()

    whole = backend("audit", "verify", "--data", str(data))
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["rows"] > 10
    hurt(data / "city.db")
    broken = backend("audit", "verify", "--data", str(data))
    assert broken.returncode == 4
    assert "审计第 5 行" in broken.stderr


def bearer(service: Service, account: str) -> dict[str, str]:
    given = {"account": account, "password": service.account(account)["password"]}
    reply = httpx.post(f"{service.url}/v1/auth/sign-in", json=given, timeout=10)
    return {"Authorization": f"Bearer {reply.json()['access']}"}


def hurt(path: Path) -> None:
    connection = pysqlite3.connect(str(path))
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("UPDATE audit SET person_id = 'someone' WHERE seq = 5")
    connection.commit()
    connection.close()


def test_service_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    data = tmp_path / "service"
    ready = tmp_path / "ready.json"
    starter = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', 'backend', 'serve', '--data', {str(data)!r},\n"
        f"  '--ready-file', {str(ready)!r}, '--with-parent', str(os.getpid())])\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT)
    service = Service(data)
    try:
        wait_for(ready.exists, 40, "service ready")
        pid = json.loads(ready.read_text(encoding="utf-8"))["pid"]
        parent.send_signal(signal.SIGKILL)
        parent.wait(5)
        wait_for(lambda: not alive(pid), 10, "service gone with its parent")
    finally:
        parent.kill()
        parent.wait(5)
        service.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
