"""Which year's public holidays nobody has told yet, from 1 November before it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

import structlog

from backend.domain.worktime import WorkClock
from backend_client.contract.clock import Clock

_FROM_MONTH: Final = 11
"""The State tells the next year's holidays in the first days of November as a rule."""
_LOG = structlog.get_logger("service")


@dataclass(slots=True)
class Almanac:
    """Look at the calendar of working days as it goes; the log hears of a gap once a day."""

    work: WorkClock
    clock: Clock
    _told: date | None = field(default=None)

    def unknown(self) -> int | None:
        """Give the year whose holidays are needed now and unknown; None when all is well.

        Without them a deadline counts every weekday as worked.
        """
        today = self.clock.now().astimezone(self.work.zone).date()
        needed = [today.year, *([today.year + 1] if today.month >= _FROM_MONTH else [])]
        return next((year for year in needed if not self.work.days.knows(year)), None)

    def tend(self) -> None:
        """Write a line a day into the log while a year is unknown."""
        year = self.unknown()
        today = self.clock.now().astimezone(self.work.zone).date()
        if year is None or self._told == today:
            return
        self._told = today
        _LOG.warning(
            "no public holidays known",
            year=year,
            zh=f"{year} 年的放假安排未知，时限按周一至周五计；写入 resources/deadlines.toml 的 "
            "[clock] off 与 on，重启服务",
            en=f"deadlines of {year} count Monday to Friday as worked; write the days into [clock] "
            "off and on of resources/deadlines.toml and start the service again",
        )
