"""The report file: one line a rejected row, in both languages, readable in any spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from backend_client.importing.part import Fault

HEAD: Final = ("行 line", "列 column", "值 value", "原因", "reason")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


class Report:
    """Write faults as they come; no fault, no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        self.count = 0

    def add(self, faults: Iterable[Fault]) -> None:
        """Write down rejected rows."""
        for fault in faults:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="utf-8-sig", newline="")
                csv.writer(self._file).writerow(HEAD)
            cells = (fault.line, fault.column, fault.value, fault.why.zh, fault.why.en)
            csv.writer(self._file).writerow([_harmless(str(cell)) for cell in cells])
            self.count += 1

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running what a bad file says."""
    return f"'{cell}" if cell.startswith(_RISKY) else cell
