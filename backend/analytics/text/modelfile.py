"""A learned model in one file that holds numbers and words only: reading it runs nothing.

A model file is numpy's archive of plain arrays; the entry `about` is JSON in UTF-8. Pickle is
never read, so that a file from elsewhere can at worst be refused.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

FORMAT: Final = 1
_ABOUT: Final = "about"
_PLAIN: Final = "biuf"  # numpy kinds: truth values, whole numbers, floats
_MOST_BYTES: Final = 1 << 30  # unpacked; ours take some tens of MB, a bomb far more


class ModelFileError(ValueError):
    """A file is no model of the kind asked for; the text says why and what to do."""


def save(path: Path, kind: str, about: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write a model; a reader finds the whole old file or the whole new one.

    Args:
        path: where; its folder must be there.
        kind: what the model is for, asked for again when it is read.
        about: what JSON can say: classes, settings, thresholds.
        arrays: plain numbers by name.

    Raises:
        ValueError: an array holds objects or texts, or takes the name of the JSON part.
    """
    packed = {name: np.asarray(array) for name, array in arrays.items()}
    odd = [name for name, one in packed.items() if one.dtype.kind not in _PLAIN or name == _ABOUT]
    if odd:
        raise ValueError(f"not plain numbers: {', '.join(odd)}")
    said = json.dumps({"format": FORMAT, "kind": kind, "about": dict(about)}, ensure_ascii=False)
    packed[_ABOUT] = np.frombuffer(said.encode("utf-8"), dtype=np.uint8)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **packed)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: Path, kind: str) -> tuple[dict[str, Any], Arrays]:
    """Read a model; give what is said about it and its arrays.

    Raises:
        ModelFileError: it is no model file, is damaged, or is of another kind.
    """
    try:
        _bear(path)
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        said = json.loads(arrays.pop(_ABOUT).tobytes().decode("utf-8"))
        found = (said["format"], said["kind"])
        about: dict[str, Any] = dict(said["about"])
    except (OSError, EOFError, KeyError, TypeError, ValueError) as fault:
        raise _refused(path, str(fault)) from fault
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as fault:
        raise _refused(path, str(fault)) from fault
    if found != (FORMAT, kind):
        raise _refused(path, f"{found[1]} {found[0]} ≠ {kind} {FORMAT}")
    return about, arrays


def _bear(path: Path) -> None:
    """Refuse what would unpack to more than any model takes.

    Raises:
        ValueError: it would.
    """
    with zipfile.ZipFile(path) as packed:
        size = sum(one.file_size for one in packed.infolist())
    if size > _MOST_BYTES:
        raise ValueError(f"{size} B > {_MOST_BYTES} B")


def _refused(path: Path, why: str) -> ModelFileError:
    return ModelFileError(
        f"{path} 不是可用的模型文件（{why}）；请重新训练生成 / "
        f"{path} is no usable model file ({why}); train it again"
    )
