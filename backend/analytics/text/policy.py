"""What a city takes for one event: how far apart, how sure, and what follows a closing."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend.domain.tables import BadTableError

POLICY_FILE: Final = Path(__file__).parents[3] / "resources" / "text" / "merging.toml"

_MOST_DAYS: Final = 3650
_MOST_M: Final = 100_000


class BadPolicyError(BadTableError):
    """The file says something that cannot be meant; the text names the place in both languages."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold what a city takes for one event; the plain one sets no bounds of time and ground.

    A report that scores `auto` or more joins by itself, from `ask` a person is asked. With
    `new_after_closing` the same matter at the same place is a new event once the old is closed.
    Units: days_apart in days, metres_apart in metres.
    """

    days_apart: float = math.inf
    metres_apart: float = math.inf
    auto: float = 0.9
    ask: float = 0.5
    new_after_closing: bool = True


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """Read the editable file; what it leaves out is as in `Policy`.

    Raises:
        BadPolicyError: where, what and what to write instead.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadPolicyError(
            f"{path.name}：无法读取（{fault}）；请对照自带的文件 / {path.name}: cannot be read "
            f"({fault}); compare it with the file that came with it"
        ) from fault
    try:
        return _policy(table)
    except BadPolicyError as fault:
        raise BadPolicyError(f"{path.name}: {fault}") from None


def _policy(table: Mapping[str, Any]) -> Policy:
    known = Policy.__dataclass_fields__.keys()
    if odd := sorted(table.keys() - known):
        raise BadPolicyError(
            f"不认识 {'、'.join(odd)}，可用的有 {'、'.join(known)} / "
            f"{', '.join(odd)} is not known, write one of {', '.join(known)}"
        )
    made = Policy(
        days_apart=_number(table, "days_apart", 1 / 1440, _MOST_DAYS, math.inf),
        metres_apart=_number(table, "metres_apart", 1, _MOST_M, math.inf),
        auto=_number(table, "auto", 0, 1, Policy().auto),
        ask=_number(table, "ask", 0, 1, Policy().ask),
        new_after_closing=_flag(table, "new_after_closing"),
    )
    if made.ask > made.auto:
        raise BadPolicyError(
            f"ask = {made.ask} 不应大于 auto = {made.auto} / ask must not be above auto"
        )
    return made


def _number(table: Mapping[str, Any], name: str, least: float, most: float, usual: float) -> float:
    if name not in table:
        return usual
    found = table[name]
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if not is_number or not least <= found <= most:
        raise BadPolicyError(
            f"{name} = {found!r} 应为 {least:.4g} 至 {most:g} 的数 / must be a number from "
            f"{least:.4g} to {most:g}"
        )
    return float(found)


def _flag(table: Mapping[str, Any], name: str) -> bool:
    found = table.get(name, True)
    if not isinstance(found, bool):
        raise BadPolicyError(f"{name} = {found!r} 应为 true 或 false / must be true or false")
    return found
