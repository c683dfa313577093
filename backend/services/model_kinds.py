"""Which learned models there are: how a file of each is read, what answers before any is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from backend.analytics.text import judge
from backend.analytics.text.judge import Judge
from backend.domain.models import FEWEST
from backend_client.contract.base import Text

if TYPE_CHECKING:
    from backend.analytics.text.sorter import Sorter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One learned model.

    Args:
        name: in the contract, in files and tables.
        title: for people.
        metric: which number of its exam a new version must not be worse in; more is better.
        read: reads a model file or raises `ModelFileError`.
        rules: gives what answers in a city that has decided nothing yet; None names nothing.
        fewest: decisions kept apart from which on the service promotes by itself.
    """

    name: str
    title: Text
    metric: str
    read: Callable[[Path], T]
    rules: Callable[[], T]
    fewest: int = FEWEST


def _sorter(path: Path) -> Sorter | None:
    """Read a sorter.

    Raises:
        ModelFileError: it is none.
    """
    from backend.analytics.text.sorter import load  # noqa: PLC0415  # 0.5 s, a new city has none

    return load(path)


MERGE: Final[Kind[Judge]] = Kind(
    "merge", Text("同一事件判断", "One event or two"), "right", judge.load, judge.by_hand
)

MATTER: Final[Kind[Sorter | None]] = Kind(
    "matter", Text("事项类别", "What it is about"), "right", _sorter, lambda: None
)

UNIT: Final[Kind[Sorter | None]] = Kind(
    "unit", Text("承办单位", "Which unit it goes to"), "right", _sorter, lambda: None
)

KINDS: Final[tuple[Kind[Any], ...]] = (MERGE, MATTER, UNIT)
