"""Results written as a table; a reader finds the whole old file or the whole new one."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows under their head; packed when the name ends in `.gz`.

    Raises:
        OSError: the file cannot be written.
    """
    text = io.StringIO(newline="")
    made = csv.writer(text, lineterminator="\n")
    made.writerow(head)
    made.writerows(rows)
    held = text.getvalue().encode("utf-8")
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(gzip.compress(held, mtime=0) if path.suffix == ".gz" else held)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
