"""Tell the desk when the coming year's public holidays are unknown to the service."""

from __future__ import annotations

from typing import Final

from app.notices import Notices
from backend_client.contract.base import Text
from backend_client.contract.service import Health

ASK_MS: Final = 3_600_000
KEY: Final = "calendar"
_KNOWN: Final = Text("节假日安排已齐。", "The public holidays are known now.")
_MEANING: Final = Text(
    "工单时限按周一至周五计，节假日会算成工作日。",
    "Deadlines count Monday to Friday; holidays count as worked.",
)
_TODO: Final = Text(
    "请运维将国务院放假安排写入服务的 deadlines.toml（off、on）并重启服务。",
    "Have a maintainer write the State's list into the service's deadlines.toml (off, on).",
)


def tell_calendar(notices: Notices, health: Health) -> None:
    """Say once that a year is unknown, and once that it is known."""
    year = health.calendar_unknown
    if year is None:
        notices.recover(KEY, _KNOWN)
        return
    text = Text(f"{year} 年的节假日安排未知。", f"The public holidays of {year} are unknown.")
    notices.lose(KEY, text, meaning=_MEANING, todo=_TODO)
