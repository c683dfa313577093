"""Run the checks against a service and say in both languages what holds and what does not.

Exit status: 0 everything checked holds, 1 something does not, 2 the check could not be made.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import httpx

from backend.conformance import doors, feeds, flow, gates, layers, moving, replay, work
from backend.conformance.site import (
    Check,
    Site,
    SkippedError,
    WrongError,
    need,
    read_accounts,
)
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.clock import SystemClock
from backend_client.contract.service import Health

CHECKS: Final[tuple[Check, ...]] = (
    *doors.CHECKS,
    *work.CHECKS,
    *flow.CHECKS,
    *layers.CHECKS,
    *moving.CHECKS,
    *replay.CHECKS,
    *feeds.CHECKS,
    *gates.CHECKS,
)
HOLDS, BROKEN, IMPOSSIBLE = 0, 1, 2
_MARKS: Final = {"pass": "通过 pass", "fail": "不符 FAIL", "skip": "跳过 skip"}


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended, and why when it did not pass."""

    name: str
    text: Text
    outcome: Literal["pass", "fail", "skip"]
    why: Text | None = None


def main(words: Sequence[str]) -> int:
    """Check the service the words name."""
    asked = _parser().parse_args(words)
    try:
        accounts = read_accounts(asked.credentials)
    except (OSError, ValueError) as error:
        return _impossible(
            f"无法读取凭据文件({error})", f"The credentials cannot be read ({error})"
        )
    site = Site(asked.url, SystemClock(), accounts, asked.with_gates, asked.dispatch_no)
    try:
        site.ok(site.call("GET", paths.HEALTH), Health)
    except (httpx.HTTPError, httpx.InvalidURL, WrongError) as error:
        site.http.close()
        return _impossible(
            f"{asked.url} 没有应答或不是本契约的服务({error})",
            f"{asked.url} does not answer, or is no service of this contract ({error})",
        )
    chosen = [check for check in CHECKS if check.name.startswith(tuple(asked.only) or "")]
    results = [_told(run(site, check)) for check in chosen]
    site.clean()
    _sum_up(results, site.left)
    if asked.report:
        _report(asked.report, asked.url, results, site.left)
    return BROKEN if any(one.outcome == "fail" for one in results) else HOLDS


def run(site: Site, check: Check) -> Result:
    """Make one check."""
    try:
        need(bool(site.accounts) or check.name in _OPEN, _NO_ACCOUNTS)
        check.run(site)
    except SkippedError as no:
        return Result(check.name, check.text, "skip", no.text)
    except WrongError as wrong:
        kind: Literal["skip", "fail"] = "skip" if wrong.text == _NO_ACCOUNTS else "fail"
        return Result(check.name, check.text, kind, wrong.text)
    except httpx.HTTPError as error:
        said = f"{type(error).__name__}: {error}"
        return Result(
            check.name, check.text, "fail", Text(f"连接失败:{said}", f"Connection failed: {said}")
        )
    except (ValueError, KeyError, IndexError, TypeError) as error:  # an answer nobody can read
        said = f"{type(error).__name__}: {error}"[:200]
        return Result(
            check.name,
            check.text,
            "fail",
            Text(f"应答无法读取:{said}", f"Unreadable answer: {said}"),
        )
    return Result(check.name, check.text, "pass")


_OPEN: Final = ("doors.health", "doors.closed", "doors.password")
_NO_ACCOUNTS: Final = Text("未给出凭据文件。", "No credentials were given.")


def _told(result: Result) -> Result:
    """Say a result as soon as it is known."""
    why = f"\n    {result.why.zh}\n    {result.why.en}" if result.why else ""
    text = result.text
    _say(f"{_MARKS[result.outcome]}  {result.name:<16}  {text.zh} · {text.en}{why}")
    return result


def _sum_up(results: Sequence[Result], left: Sequence[Text]) -> None:
    counts = {kind: sum(one.outcome == kind for one in results) for kind in _MARKS}
    _say(
        f"共 {len(results)} 项:通过 {counts['pass']},不符 {counts['fail']},跳过 {counts['skip']}\n"
        f"{len(results)} checks: {counts['pass']} pass, {counts['fail']} fail, "
        f"{counts['skip']} skipped"
    )
    if left:
        _say("留在服务中的 / left in the service:")
    for one in left:
        _say(f"  {one.zh} · {one.en}")


def _report(path: Path, url: str, results: Sequence[Result], left: Sequence[Text]) -> None:
    said = {
        "url": url,
        "at": SystemClock().now().isoformat(),
        "checks": [asdict(one) for one in results],
        "left": [asdict(one) for one in left],
    }
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")


def _impossible(zh: str, en: str) -> int:
    sys.stderr.write(f"{zh}\n{en}\n")
    return IMPOSSIBLE


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backend conformance",
        description="检查服务是否符合契约 / check a service against the contract",
    )
    parser.add_argument("url", help="服务地址 / the service's address")
    parser.add_argument("--credentials", type=Path, help="账号文件 / accounts, as JSON")
    parser.add_argument("--report", type=Path, help="写出 JSON 报告 / write a JSON report")
    parser.add_argument(
        "--with-gates",
        action="store_true",
        help="在标为模拟的设备上请求并撤销指令 / ask and call off on devices marked simulated",
    )
    parser.add_argument(
        "--dispatch-no", default="检查〔2026〕1号", help="调度令号样例 / a dispatch number's form"
    )
    parser.add_argument(
        "--only", action="append", default=[], help="只做名称以此开头的检查 / checks so beginning"
    )
    return parser
