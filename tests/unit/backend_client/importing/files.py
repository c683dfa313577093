"""Bring a file in without a service: what would go through the door, what is rejected."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend_client.contract.feature import Upserted
from backend_client.contract.rows import Rows, decode_rows, encode_rows
from backend_client.importing.load import load, open_wish
from backend_client.importing.wish import Progress, Wish


@dataclass
class Brought:
    """What an import came to."""

    rows: list[dict[str, Any]]
    rejected: list[dict[str, str]]
    last: Progress

    @property
    def reasons(self) -> dict[int, str]:
        """Give the English reason by line."""
        return {int(one["行 line"]): one["reason"] for one in self.rejected}


def bring(path: Path, layer: str = "housing", **wish: Any) -> Brought:
    """Import a file through the contract's own bytes."""
    rows: list[dict[str, Any]] = []

    def put(_layer: str, batch: Rows) -> Upserted:
        read = decode_rows(encode_rows(batch)).batch
        read.validate(full=True)
        rows.extend(read.to_pylist())
        return Upserted(accepted=read.num_rows, rejected=(), version=len(rows))

    report = path.with_name("report.csv")
    report.unlink(missing_ok=True)
    *_, last = load(open_wish(Wish(layer, path, **wish)), put, report=report)
    for row in rows:
        row["properties"] = json.loads(row["properties"])
    rejected: list[dict[str, str]] = []
    if report.exists():
        with report.open(encoding="utf-8-sig", newline="") as file:
            rejected = list(csv.DictReader(file))
    assert last.ended
    assert (last.accepted, last.rejected) == (len(rows), len(rejected))
    return Brought(rows, rejected, last)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file."""
    path.write_bytes(text.encode(encoding))
    return path
