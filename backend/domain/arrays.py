"""Arrow columns as plain arrays and back: the few steps that bulk rows go through."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from backend_client.contract.columns import plain

Array: TypeAlias = "pa.Array[Any]"  # Arrow's own class takes no parameter at run time
Bools = npt.NDArray[np.bool_]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


def numbers(column: Array) -> F64:
    """Give a column as doubles, NaN for a null."""
    made: F64 = plain(column).astype(np.float64)
    return made


def integers(column: Array) -> I64:
    """Give a column without nulls as integers."""
    made: I64 = plain(column).astype(np.int64)
    return made


def flags(column: Array) -> Bools:
    """Give a column of truths, a null is false."""
    whole = column.fill_null(False) if column.null_count else column
    bits = np.frombuffer(memoryview(whole.buffers()[1] or b""), np.uint8)
    end = whole.offset + len(whole)
    return np.unpackbits(bits, count=end, bitorder="little")[whole.offset :].view(np.bool_)


def missing(column: Array) -> Bools:
    """Tell which rows are null."""
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    return flags(cast("Array", column.is_null()))


def texts(column: Array) -> list[str]:
    """Give a column of texts without nulls."""
    return cast("list[str]", column.to_pylist())


def is_like(column: Array, pattern: str) -> Bools:
    """Tell which texts fit a pattern (RE2); a null does not."""
    options = pc.MatchSubstringOptions(pattern)
    return flags(cast("Array", pc.call_function("match_substring_regex", [column], options)))


def lengths(column: Array, *, in_bytes: bool = False) -> F64:
    """Count the letters or bytes of each text, NaN for a null."""
    name = "binary_length" if in_bytes else "utf8_length"
    return numbers(cast("Array", pc.call_function(name, [column])))


def pairs(first: Array, second: Array) -> tuple[list[tuple[str, str]], I64]:
    """Give the different pairs of two columns of one-line texts, and for each row which one."""
    joined = pc.call_function("binary_join_element_wise", [first, second, pa.scalar("\n")])
    found, which = words(cast("Array", joined))
    return [cast("tuple[str, str]", tuple(word.split("\n"))) for word in found], which


def words(column: Array) -> tuple[list[str], I64]:
    """Give the different texts of a column, and for each row which one."""
    coded = column.dictionary_encode()
    return texts(coded.dictionary), integers(coded.indices)


def unlike(first: Array, second: Array) -> Bools:
    """Tell which rows differ; two nulls are alike."""
    nulls = first.null_count, second.null_count
    if nulls == (0, 0):
        return flags(cast("Array", pc.call_function("not_equal", [first, second])))
    if nulls == (len(first), len(second)):
        return np.zeros(len(first), np.bool_)
    differs = flags(cast("Array", pc.call_function("not_equal", [first, second])))
    return np.asarray(differs | (missing(first) != missing(second)), np.bool_)


def either(first: Array, second: Array) -> Array:
    """Give each row of the first column, where it is null that of the second."""
    return cast("Array", pc.call_function("coalesce", [first, second]))


def ragged(column: Array) -> tuple[I64, I32]:
    """Give a column of integer lists as ends and integers; a null is an empty list.

    Shape: (n + 1,) places in the integers; (m,).
    """
    lists = cast("pa.ListArray[Any]", column.fill_null([]) if column.null_count else column)
    values = lists.values.fill_null(0)
    return integers(lists.offsets), plain(values).astype(np.int32)


def inner_nulls(column: Array) -> Bools:
    """Tell which lists hold a null."""
    lists = cast("pa.ListArray[Any]", column)
    if not lists.values.null_count:
        return np.zeros(len(column), np.bool_)
    at = integers(lists.offsets)
    counted = np.concatenate([[0], np.cumsum(missing(lists.values))])
    found: Bools = counted[at[1:]] > counted[at[:-1]]
    return found


def as_bytes(at: I64, data: I32) -> Array:
    """Give ragged integers as one little-endian text each, null where there are none."""
    ends = pa.py_buffer((at * 4).astype("<i4").tobytes())
    body = pa.py_buffer(np.ascontiguousarray(data, "<i4").tobytes())
    column = pa.Array.from_buffers(pa.binary(), len(at) - 1, [None, ends, body])
    empty = pa.array(np.diff(at) == 0)
    none = pa.scalar(None, pa.binary())
    return cast("Array", pc.call_function("if_else", [empty, none, column]))
