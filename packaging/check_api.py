"""Fuzz the published API of a real service: no 5xx, no status or shape the page does not name.

One run per role, so that every door is also tried by someone who may open it. Left out are the
endless stream and sign-out, which would end the run's own session; both have tests of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pyotp

ROOT = Path(__file__).resolve().parents[1]
ROLES = ("dispatcher", "duty", "feed", "auditor")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
LEFT_OUT = ("/v1/stream", "/v1/auth/sign-out")
EXAMPLES = os.environ.get("API_EXAMPLES", "25")
START_S = 60.0
ROLE_S = 240.0


def main() -> int:
    """Start a service on a throw-away folder, fuzz it as each role, and sum up."""
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="api-") as folder, serving(Path(folder)) as url:
        accounts = _accounts(Path(folder))
        for role in ROLES:
            token = _sign_in(url, accounts[role])
            print(f"== as {role}", flush=True)
            if _fuzz(url, token):
                failed.append(role)
        health = httpx.get(f"{url}/v1/health", timeout=10)
        if health.status_code != 200:
            failed.append("health afterwards")
        faults = _faults(Path(folder))
    if faults:
        print(f"the service logged {len(faults)} faults, the first:\n{faults[0]}")
        failed.append("log")
    print(f"check-api: {'failed: ' + ', '.join(failed) if failed else 'ok'}")
    return 1 if failed else 0


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run a service on a folder and give its address."""
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "backend", "serve", "--data", str(folder / "data")]
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready)], cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield _wait(ready, process)
        finally:
            process.terminate()
            process.wait(timeout=15)
            _end_plant(folder / "data")


def _wait(ready: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if ready.exists():
            return str(json.loads(ready.read_text(encoding="utf-8"))["url"])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"the service did not start (exit status {process.poll()})")


def _end_plant(data: Path) -> None:
    """End the device process, which outlives its service on purpose."""
    try:
        known = json.loads((data / "plant" / "plant.json").read_text(encoding="utf-8"))
        devices = psutil.Process(int(known["pid"]))
        devices.terminate()
        devices.wait(10)
    except (OSError, ValueError, KeyError, psutil.Error):
        return


def _accounts(folder: Path) -> dict[str, dict[str, str]]:
    lines = json.loads((folder / "data" / "first-passwords.json").read_text(encoding="utf-8"))
    return {line["account"]: line for line in lines}


def _sign_in(url: str, account: dict[str, str]) -> str:
    body = {"account": account["account"], "password": account["password"]}
    if account["totp_secret"]:
        body["totp"] = pyotp.TOTP(account["totp_secret"]).now()
    reply = httpx.post(f"{url}/v1/auth/sign-in", json=body, timeout=30)
    reply.raise_for_status()
    return str(reply.json()["access"])


def _fuzz(url: str, token: str) -> bool:
    """Tell whether one role's run found anything."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{url}/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {token}",
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        EXAMPLES,
        "--seed",
        "7",
        "--request-timeout",
        "40",
        "--warnings",
        "off",
        "--suppress-health-check",
        "all",
        "--continue-on-failure",
    ]
    command += [word for path in LEFT_OUT for word in ("--exclude-path", path)]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    try:
        return subprocess.run(command, env=environment, timeout=ROLE_S).returncode != 0
    except subprocess.TimeoutExpired:
        print(f"not done within {ROLE_S:.0f} s")
        return True


def _faults(folder: Path) -> list[str]:
    text = (folder / "service.log").read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if '"level": "error"' in line]


if __name__ == "__main__":
    sys.exit(main())
