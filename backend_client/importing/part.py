"""What a reader gives: pieces of a file as columns, each row with its line, bad rows named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from backend_client.contract.base import Text

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
compute: Any = pyarrow.compute  # its stubs know neither columns nor scalars of unknown type
Column: TypeAlias = Any  # a pyarrow.Array; the stubs cannot follow what is computed from one


MOST_RAW: Final = 20_000
"""Signs of a row that is left out, at most; what is longer is no row but a slip."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row is left out: where it stands in the file, what it says there.

    `raw` is the whole row under its header, empty where it is at hand in another way.
    """

    line: int
    column: str
    value: str
    why: Text
    raw: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some rows of a file, in its order.

    Args:
        columns: cells under the file's own names; text where the file has only text.
        line: where each row begins: line of a text file, row of a sheet, number of an object.
        geometry: one shapely geometry or None a row; None when the file has none.
        faults: rows the reader could not give.
        done: share of the file read so far, 0 to 1; negative when unknown.
    """

    columns: Mapping[str, Column]
    line: I64
    geometry: Geometries | None = None
    faults: tuple[Fault, ...] = ()
    done: float = -1.0

    @property
    def count(self) -> int:
        """Count the rows."""
        return int(self.line.size)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file that was opened and understood.

    Args:
        form: what kind of file it is, as people say it.
        columns: its columns, geometry apart.
        parts: reads it from the beginning.
        crs: its own coordinate system as pyproj takes it, empty when it names none.
        has_geometry: whether its rows carry geometries.
        note: what people should know of it, e.g. its encoding.
    """

    form: str
    columns: tuple[str, ...]
    parts: Callable[[], Iterator[Part]]
    crs: str = ""
    has_geometry: bool = False
    note: str = ""


def numbered(first: int, count: int) -> I64:
    """Give consecutive lines."""
    return np.arange(first, first + count, dtype=np.int64)


def text_column(cells: Sequence[object]) -> Column:
    """Make a column of text."""
    return pa.array(cells, pa.string())


def index(rows: I64 | npt.NDArray[np.intp]) -> Column:
    """Make a column that names rows."""
    return pa.array(np.asarray(rows, np.int64))


def whole_numbers(values: npt.NDArray[np.int32]) -> Column:
    """Make a column of 32-bit integers."""
    return pa.array(values, pa.int32())
