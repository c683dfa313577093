"""Columns on the wire: one Arrow IPC block per layer, one per batch of positions.

A block carries typed arrays, never one object per feature. Places are integers of
1e-7 degree (1 cm), so they are exact and half the size of doubles.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import RawIOBase
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from backend_client.contract.shapes import NO_SHAPES, Shapes, is_kept, join

Array: TypeAlias = "pa.Array[Any]"  # Arrow's own class takes no parameter at run time
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

E7 = 1e7
NO_VALUE = np.float32(np.nan)

_FEATURE_TYPES: dict[str, type[np.generic]] = {
    "oid": np.uint32,
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "kind": np.uint8,
    "state": np.uint8,
    "region": np.uint16,
    "value": np.float32,
    "observed_s": np.uint32,
}
_FIX_TYPES: dict[str, type[np.generic]] = {
    "oid": np.uint32,
    "layer": np.uint8,
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "kind": np.uint8,
    "state": np.uint8,
    "region": np.uint16,
    "speed_kmh": np.float32,
    "heading_deg": np.float32,
    "observed_ms": np.int64,
}


class BadBlockError(ValueError):
    """The bytes are not a block of this contract."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureBlock:
    """One layer's features as columns.

    `base` 0 means the whole layer; otherwise the rows replace or add to version `base`
    and `removed` lists the oids that are gone.

    An object with a shape has its anchor in lon, lat.

    Shape: every array (n,), row i of each is the same object; sorted by oid.
    Units: lon_e7, lat_e7 in 1e-7 degree WGS-84; observed_s seconds since 1970 UTC;
        value in the kind's own unit, NaN where there is none.
    """

    layer: str
    version: int
    base: int
    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    oid: U32
    lon_e7: I32
    lat_e7: I32
    kind: U8
    state: U8
    region: U16
    value: F32
    observed_s: U32
    removed: U32
    shapes: Shapes = NO_SHAPES


@dataclass(frozen=True, slots=True, eq=False)
class FixBlock:
    """The latest fix of every object that moved since the asked sequence.

    `removed` are objects that are gone or out of sight since then, `removed_layer` theirs.

    Shape: every array (n,), sorted by (layer, oid); `layers[layer[i]]` names the layer, and
        `kinds[kind[i]]` what the object is; removed, removed_layer (m,).
    Units: as in FeatureBlock; observed_ms milliseconds since 1970 UTC.
    """

    seq: int
    epoch: str
    layers: tuple[str, ...]
    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    oid: U32
    layer: U8
    lon_e7: I32
    lat_e7: I32
    kind: U8
    state: U8
    region: U16
    speed_kmh: F32
    heading_deg: F32
    observed_ms: I64
    removed: U32 = field(default_factory=lambda: np.empty(0, np.uint32))
    removed_layer: U8 = field(default_factory=lambda: np.empty(0, np.uint8))


class _Parts(RawIOBase):
    """A file that keeps each part written to it by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def writable(self) -> bool:
        """Say so to Arrow."""
        return True

    def write(self, part: Any) -> int:
        """Keep one more part; Arrow hands large ones over where they lie."""
        self.written.append(bytes(part))
        return len(self.written[-1])


def _write(
    columns: dict[str, npt.NDArray[Any]], meta: dict[str, str], shapes: Shapes = NO_SHAPES
) -> list[bytes]:
    arrays = [packed(column) for column in columns.values()]
    names = list(columns)
    if not shapes.is_none:
        at, data = packed(shapes.at.astype(np.int32)), packed(shapes.data.astype(np.int32))
        arrays.append(pa.ListArray.from_arrays(cast("pa.Int32Array", at), data))
        names.append("shape")
    batch = pa.record_batch(arrays, names=names).replace_schema_metadata(meta)
    parts = _Parts()
    with pa.ipc.new_stream(pa.PythonFile(parts, "w"), batch.schema) as writer:
        writer.write_batch(batch)
    return parts.written


def _read(
    data: bytes, types: dict[str, type[np.generic]], keys: tuple[str, ...]
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str], Shapes]:
    try:
        with pa.ipc.open_stream(data) as reader:
            table = reader.read_all()
        meta = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
        columns = {name: plain(_whole(table, name)).astype(kind) for name, kind in types.items()}
        shapes = _shapes(table)
    except (pa.ArrowException, KeyError, ValueError, UnicodeDecodeError, OSError) as error:
        raise BadBlockError(str(error)) from error
    missing = [key for key in keys if key not in meta]
    if missing:
        raise BadBlockError(f"missing metadata {missing}")
    return columns, meta, shapes


def packed(numbers: npt.NDArray[Any]) -> Array:
    """Give numbers as a column; not by `pa.array`, as below."""
    whole = np.ascontiguousarray(numbers)
    kind = pa.from_numpy_dtype(whole.dtype)
    return cast("Array", pa.Array.from_buffers(kind, whole.size, [None, pa.py_buffer(whole.data)]))


def plain(column: Array) -> npt.NDArray[Any]:
    """Give a column of numbers as an array; a null is NaN.

    Not by `to_numpy`: its first call reads pandas, half a second of every process's start.

    Raises:
        pa.ArrowException: it holds something else.
    """
    if column.null_count:
        column = column.cast(pa.float64(), safe=False).fill_null(float("nan"))
    made: npt.NDArray[Any] = np.from_dlpack(column)
    return made


def _whole(table: pa.Table, name: str) -> Array:
    """Give a column in one piece."""
    column = table.column(name)
    made = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return cast("Array", made)


def _shapes(table: pa.Table) -> Shapes:
    if "shape" not in table.schema.names:
        return NO_SHAPES
    if not table.num_rows:
        return NO_SHAPES
    rows = _whole(table, "shape")
    if not isinstance(rows, pa.ListArray) or rows.null_count or rows.values.null_count:
        raise BadBlockError("shape is a list of int32 without nulls")
    at = plain(rows.offsets).astype(np.int64)
    data = plain(rows.values).astype(np.int32)[at[0] : at[-1]]
    return Shapes((at - at[0]).astype(np.uint32), data)


def _words(words: tuple[str, ...]) -> str:
    return "\n".join(words)


def _unwords(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _numbers(numbers: npt.NDArray[Any]) -> str:
    return ",".join(map(str, numbers.tolist()))


def _unnumbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def encode_features(block: FeatureBlock) -> bytes:
    """Write a block as Arrow IPC bytes."""
    return b"".join(encode_parts(block))


def encode_parts(block: FeatureBlock) -> list[bytes]:
    """Write a block as Arrow IPC bytes in parts, a column each.

    One piece of over 32 MB is asked of the kernel page by page each time, which costs several
    times what writing it does.
    """
    meta = {
        "layer": block.layer,
        "version": str(block.version),
        "base": str(block.base),
        "kinds": _words(block.kinds),
        "regions": _words(block.regions),
        "removed": _numbers(block.removed),
    }
    columns = {name: getattr(block, name) for name in _FEATURE_TYPES}
    return _write(columns, meta, block.shapes)


def decode_features(data: bytes) -> FeatureBlock:
    """Read a block from Arrow IPC bytes.

    Raises:
        BadBlockError: the bytes are something else.
    """
    keys = ("layer", "version", "base", "kinds", "regions", "removed")
    columns, meta, shapes = _read(data, _FEATURE_TYPES, keys)
    return FeatureBlock(
        layer=meta["layer"],
        version=int(meta["version"]),
        base=int(meta["base"]),
        kinds=_unwords(meta["kinds"]),
        regions=_unwords(meta["regions"]),
        removed=np.array(_unnumbers(meta["removed"]), dtype=np.uint32),
        shapes=shapes,
        **columns,
    )


def encode_fixes(block: FixBlock) -> bytes:
    """Write a batch of fixes as Arrow IPC bytes."""
    meta = {
        "seq": str(block.seq),
        "epoch": block.epoch,
        "layers": _words(block.layers),
        "kinds": _words(block.kinds),
        "regions": _words(block.regions),
        "removed": _numbers(block.removed),
        "removed_layer": _numbers(block.removed_layer),
    }
    return b"".join(_write({name: getattr(block, name) for name in _FIX_TYPES}, meta))


def decode_fixes(data: bytes) -> FixBlock:
    """Read a batch of fixes from Arrow IPC bytes.

    Raises:
        BadBlockError: the bytes are something else.
    """
    keys = ("seq", "epoch", "layers", "kinds", "regions", "removed", "removed_layer")
    columns, meta, _none = _read(data, _FIX_TYPES, keys)
    return FixBlock(
        seq=int(meta["seq"]),
        epoch=meta["epoch"],
        layers=_unwords(meta["layers"]),
        kinds=_unwords(meta["kinds"]),
        regions=_unwords(meta["regions"]),
        removed=np.array(_unnumbers(meta["removed"]), dtype=np.uint32),
        removed_layer=np.array(_unnumbers(meta["removed_layer"]), dtype=np.uint8),
        **columns,
    )


def empty_features(layer: str) -> FeatureBlock:
    """Give a layer with nothing in it, version 0."""
    columns = {name: np.empty(0, dtype=kind) for name, kind in _FEATURE_TYPES.items()}
    return FeatureBlock(
        layer=layer,
        version=0,
        base=0,
        kinds=(),
        regions=(),
        removed=np.empty(0, dtype=np.uint32),
        shapes=NO_SHAPES,
        **columns,
    )


def merge_features(old: FeatureBlock, change: FeatureBlock) -> FeatureBlock:
    """Apply a block to the version it is based on.

    Raises:
        BadBlockError: the change is based on another version.
    """
    if change.base == 0:
        return change
    if change.base != old.version:
        raise BadBlockError(f"change is based on {change.base}, have {old.version}")
    place, known = places_among(old.oid, change.oid)
    gone = np.unique(change.removed)
    gone_place, is_gone = places_among(old.oid, gone)
    same_shapes = _keeps_shapes(old, change, place)
    if known.all() and not is_gone.any() and same_shapes:
        return _overwritten(old, change, place)
    keep = np.ones(old.oid.size, np.bool_)
    keep[place[known]] = False
    keep[gone_place[is_gone]] = False
    coded, kinds, regions = _coded(old, change)
    joined = {
        name: np.concatenate([getattr(old, name)[keep], coded[name]]) for name in _FEATURE_TYPES
    }
    order = np.argsort(joined["oid"], kind="stable")
    shapes = join(old.shapes.take(keep, keep.size), int(keep.sum()), *_fresh(old, change))
    return FeatureBlock(
        layer=old.layer,
        version=change.version,
        base=0,
        kinds=kinds,
        regions=regions,
        removed=np.empty(0, dtype=np.uint32),
        shapes=shapes.take(order, order.size),
        **{name: column[order] for name, column in joined.items()},
    )


def _written(
    column: npt.NDArray[Any], place: npt.NDArray[np.intp], fresh: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    then = column[place]
    if np.array_equal(then, fresh, equal_nan=then.dtype.kind == "f"):
        return column
    column = column.copy()
    column[place] = fresh
    return column


def _overwritten(
    old: FeatureBlock, change: FeatureBlock, place: npt.NDArray[np.intp]
) -> FeatureBlock:
    """Write a change over the rows it names: the usual case, and the cheap one.

    A column that says the same as before is the same array, so that whoever compares the two
    blocks need not look at it.
    """
    coded, kinds, regions = _coded(old, change)
    columns: dict[str, Any] = {
        name: _written(getattr(old, name), place, coded[name]) for name in _FEATURE_TYPES
    }
    named = replace(old, version=change.version, base=0, kinds=kinds, regions=regions)
    return replace(named, **columns)


def places_among(
    have: npt.NDArray[np.uint32], asked: npt.NDArray[np.integer[Any]]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Find numbers among ascending ones: where each is, and whether it is there."""
    place = np.searchsorted(have, asked)
    known = place < have.size
    known[known] = have[place[known]] == asked[known]
    return place, known


def _keeps_shapes(old: FeatureBlock, change: FeatureBlock, place: npt.NDArray[np.intp]) -> bool:
    """Tell whether no shape is other than before, if every object of the change is known."""
    if old.shapes.is_none:
        return change.shapes.is_none
    if place.size and place[-1] >= old.oid.size:
        return False
    count = change.oid.size
    had = old.shapes.lengths(old.oid.size)[place] > 0
    kept, told = is_kept(change.shapes, count), change.shapes.lengths(count) > 0
    return bool(((kept == had) & (told == kept)).all())


def _coded(
    old: FeatureBlock, change: FeatureBlock
) -> tuple[dict[str, npt.NDArray[Any]], tuple[str, ...], tuple[str, ...]]:
    """Give a change's columns with its codes pointing into the old words and what it adds."""
    columns = {name: getattr(change, name) for name in _FEATURE_TYPES}
    kind, kinds = _recode(old.kinds, change.kind, change.kinds)
    region, regions = _recode(old.regions, change.region, change.regions)
    columns |= {"kind": kind.astype(np.uint8), "region": region.astype(np.uint16)}
    return columns, kinds, regions


def _fresh(old: FeatureBlock, change: FeatureBlock) -> tuple[Shapes, int]:
    """Give a change's shapes, those said to be as before taken from the old block."""
    count = change.oid.size
    kept = is_kept(change.shapes, count)
    if not kept.any():
        return change.shapes, count
    place = np.searchsorted(old.oid, change.oid[kept])
    if (place >= old.oid.size).any() or (old.oid[place] != change.oid[kept]).any():
        raise BadBlockError("a shape is said to be as before, but there is none")
    both = join(change.shapes, count, old.shapes, old.oid.size)
    rows = np.arange(count)
    rows[kept] = count + place
    return both.take(rows, count + old.oid.size), count


def _recode(
    old_words: tuple[str, ...], new: npt.NDArray[Any], new_words: tuple[str, ...]
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    words = tuple(dict.fromkeys(old_words + new_words))
    place = {word: index for index, word in enumerate(words)}
    table = np.array([place[word] for word in new_words] or [0], dtype=np.int64)
    return table[new], words


FEATURE_COLUMNS: tuple[str, ...] = tuple(_FEATURE_TYPES)
FIX_COLUMNS: tuple[str, ...] = tuple(_FIX_TYPES)
