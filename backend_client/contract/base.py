"""Build blocks of every contract type: frozen models, bilingual text, strict numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from backend_client.contract import building

Language = Literal["zh", "en"]


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0)]
Flag = Annotated[bool, Field(strict=True)]
Lon = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f/?#]+$")]
Line = Annotated[str, Field(max_length=200)]
Prose = Annotated[str, Field(max_length=10_000)]
# City 4 digits, county 6, township 9; two zones without a public code carry our own letter codes.
Region = Annotated[str, Field(pattern=r"^[0-9A-Z]{4,12}$")]
Department = Annotated[str, Field(pattern=r"^D[0-9]{2}$")]
State = Annotated[int, Field(strict=True, ge=0, le=4, description="0 normal, 1..4 = level I..IV")]


class Frozen(BaseModel):
    """Refuse unknown fields, NaN and changes after construction."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, defer_build=building.late
    )


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Text:
    """Say one thing in both languages; a missing language is a type error."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """Give the words in one language."""
        return self.zh if language == "zh" else self.en


def covers(outer: str, inner: str) -> bool:
    """Tell whether a region code lies inside another (city > county > township)."""
    return inner.startswith(outer)


CITY: str = "3206"
EVERY_DEPARTMENT: str = "*"
