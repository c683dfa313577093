"""The language in force, and how numbers, dates and ages are written in it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Literal

from PySide6.QtCore import QObject, Signal

from backend_client.contract.base import Language, Text

# The city's civil time; China has one zone and no summer time.
CITY_ZONE = timezone(timedelta(hours=8), "CST")

MINUS = "\N{MINUS SIGN}"
RANGE = "\N{EN DASH}"
SEPARATOR = " · "
_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}
_ROMAN_ZH = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Seconds per unit, largest first.
_SPANS: tuple[tuple[int, Text], ...] = (
    (86_400, Text("天", "d")),
    (3_600, Text("时", "h")),
    (60, Text("分", "min")),
    (1, Text("秒", "s")),
)

NOT_SET = Text("未配置", "not set")


class Words(QObject):
    """Say things in the language in force.

    Signals:
        changed: another language is in force; say everything again.
    """

    changed = Signal()

    def __init__(self, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language: Language = language

    @property
    def language(self) -> Language:
        """Give the language in force."""
        return self._language

    def use(self, language: Language) -> None:
        """Put a language in force."""
        if language != self._language:
            self._language = language
            self.changed.emit()

    def say(self, text: Text) -> str:
        """Give the words in the language in force."""
        return text.say(self._language)

    def sentence(self, text: Text) -> str:
        """Give the words as they begin a line: English with its first letter large."""
        said = self.say(text)
        return said[:1].upper() + said[1:]

    def pick(self, zh: str, en: str) -> str:
        """Give one of two ready sentences."""
        return zh if self._language == "zh" else en

    @staticmethod
    def number(value: float | None, decimals: int = 0) -> str:
        """Write a number with thousands and a true minus; a missing one as a dash."""
        if value is None or value != value:  # noqa: PLR0124  # NaN is the wire's "no value"
            return "–"
        text = f"{value:,.{decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        return text.replace("-", MINUS)

    def measured(self, value: float | None, unit: Text, decimals: int = 0) -> str:
        """Write a number with its unit as a small row shows it: 96.1% in Chinese, 96.1 % else."""
        gap = " " if self._language == "en" else ""
        number = self.number(value, decimals)
        return number if number == "–" else f"{number}{gap}{self.say(unit)}".strip()

    def change(self, value: float | None, decimals: int = 0) -> str:
        """Write a change with its sign."""
        number = self.number(value, decimals)
        return f"+{number}" if value is not None and value > 0 else number

    def compact(self, value: float | None) -> str:
        """Write a count beside another one: from a thousand on as 1.4k."""
        return self.number(value) if value is None or value < 1_000 else f"{value / 1000:.1f}k"

    def short(self, value: int) -> str:
        """Write a count for a small place: from ten thousand on as 1.4k."""
        return self.number(value) if value <= 9_999 else f"{value / 1000:.1f}k"

    def age(self, seconds: float) -> str:
        """Write an age in its largest whole unit; what was never heard of has none."""
        if math.isinf(seconds):
            return self.pick("未知", "unknown")
        whole = max(0, int(seconds))
        for size, unit in _SPANS:
            if whole >= size or size == 1:
                return f"{whole // size} {self.say(unit)}"
        return ""

    @staticmethod
    def local(at: datetime) -> datetime:
        """Turn an instant into the city's civil time."""
        return at.astimezone(CITY_ZONE)

    def clock(self, at: datetime) -> str:
        """Write the time of day with seconds."""
        return f"{self.local(at):%H:%M:%S}"

    def minute(self, at: datetime) -> str:
        """Write the time of day."""
        return f"{self.local(at):%H:%M}"

    def day(self, at: datetime) -> str:
        """Write day and month."""
        local = self.local(at)
        zh = f"{local.month}月{local.day}日"
        return self.pick(zh, f"{local.day} {_MONTHS_EN[local.month - 1]}")

    def moment(self, at: datetime, now: datetime) -> str:
        """Write today's by the clock, what is older with its day."""
        day = self.day(at)
        return self.clock(at) if day == self.day(now) else f"{day} {self.minute(at)}"

    def date(self, at: datetime) -> str:
        """Write the weekday and the day."""
        weekday = self.local(at).weekday()
        if self._language == "zh":
            return f"{self.day(at)} 周{_DAYS_ZH[weekday]}"
        return f"{_DAYS_EN[weekday]} {self.day(at)}"

    def as_of(self, at: datetime) -> str:
        """Write until when a value is known."""
        return self.pick(f"截至 {self.minute(at)}", f"as of {self.minute(at)}")

    def since(self, at: datetime) -> str:
        """Write since when something is so."""
        return self.pick(f"{self.minute(at)} 起", f"since {self.minute(at)}")

    def left(self, due_at: datetime, now: datetime) -> str:
        """Write the time left as hh:mm, or how far it is over."""
        seconds = (due_at - now).total_seconds()
        minutes = int(abs(seconds) // 60)
        if minutes >= 48 * 60:
            days = minutes // (24 * 60)
            text = self.pick(f"{days} 天", f"{days} d")
        else:
            text = f"{minutes // 60:02d}:{minutes % 60:02d}"
        return text if seconds >= 0 else self.pick(f"超 {text}", f"over {text}")

    def range(self, first: str, last: str) -> str:
        """Write a span between two ready words."""
        return f"{first}{RANGE}{last}"

    def level(self, level: int, style: Literal["word", "numeral"] = "word") -> str:
        """Write a state's level: Ⅲ级, level III, or the numeral alone."""
        if style == "numeral":
            return _ROMAN[level]
        return self.pick(f"{_ROMAN_ZH[level]}级", f"level {_ROMAN[level]}")

    def join(self, *parts: str) -> str:
        """Join what is not empty with the separator."""
        return SEPARATOR.join(part for part in parts if part)
