"""Read the centre's deadline table; a table with a fault is refused whole, with the row named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from backend.domain.deadlines import Deadlines, Rule, Shares, Stage
from backend.domain.tables import BadTableError
from backend.domain.worktime import Days, WorkClock, read_span

TABLE_FILE: Final = Path(__file__).parents[2] / "resources" / "deadlines.toml"
LEVELS: Final = frozenset(range(5))


def load_deadlines(path: Path = TABLE_FILE) -> Deadlines:
    """Read the editable table.

    Raises:
        BadTableError: where, what and what to write instead.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        clock = _clock(table["clock"])
        shares = Shares(**{name: float(share) for name, share in table["shares"].items()})
        rules = [_rule(at, row) for at, row in enumerate(table["rule"], 1)]
    except BadTableError as error:
        raise BadTableError(f"{path.name}: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadTableError(
            f"{path.name}: {error!r}。请对照自带的表 / compare it with the table that came with it"
        ) from error
    if not 0 < shares.yellow < 1 <= shares.supervised <= shares.led:
        raise BadTableError(
            f"{path.name}: shares: 应 0 < yellow < 1 ≤ supervised ≤ led / must rise, yellow under 1"
        )
    _complete(path.name, rules)
    return Deadlines(tuple(rules), shares, clock)


def _clock(row: Mapping[str, Any]) -> WorkClock:
    hours = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in row["hours"])
    edges = [edge for pair in hours for edge in pair]
    if not hours or edges != sorted(set(edges)):
        raise BadTableError(
            "clock.hours: 时段应先后排列、不重叠 / spans must follow each other and not overlap"
        )
    days = Days(frozenset(_dates(row, "off")), frozenset(_dates(row, "on")))
    return WorkClock(days, hours, timezone(timedelta(hours=float(row["utc_offset_h"]))))


def _dates(row: Mapping[str, Any], name: str) -> Sequence[date]:
    try:
        return [date.fromisoformat(str(one)) for one in row.get(name, ())]
    except ValueError as error:
        raise BadTableError(
            f"clock.{name}: {error}。日期写作 2027-01-01 / write days as 2027-01-01"
        ) from error


def _rule(at: int, row: Mapping[str, Any]) -> Rule:
    try:
        stage, levels = Stage(row["stage"]), frozenset(int(one) for one in row["levels"])
        span = read_span(str(row["span"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadTableError(
            f"rule {at}: {error!r}。span 写作 15 min、4 wh 或 5 wd,stage 为"
            f" {'、'.join(Stage)} / write span as 15 min, 4 wh or 5 wd"
        ) from error
    if not levels or not levels <= LEVELS:
        raise BadTableError(f"rule {at}: levels 应为 0 至 4 / must be of 0 to 4")
    return Rule(stage, span, levels, str(row.get("matter", "")))


def _complete(name: str, rules: Sequence[Rule]) -> None:
    for stage in Stage:
        told = {
            level
            for rule in rules
            if rule.stage is stage and not rule.matter
            for level in rule.levels
        }
        missing = sorted(LEVELS - told)
        if missing:
            raise BadTableError(
                f"{name}: {stage.value}: 缺少级别 {missing} 的时限 / no span for levels {missing}"
            )
