from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from backend_client.errors import BadFileError
from tests.unit.backend_client.importing.files import bring


def book(path: Path) -> Path:
    """Write a sheet with all that people do in sheets."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["南通市水闸清单"])
    sheet.merge_cells("A1:F1")
    sheet.append(["编号", "名称", "经度", "纬度", "所属区县", "观测时间", "孔数"])
    sheet.append([1, "甲闸", 120.86, 32.01, "如东县", datetime(2026, 7, 20, 9, 40), 3])  # noqa: DTZ001  # as Excel has it
    sheet.append([2, "乙闸", 120.87, 32.02, None, datetime(2026, 7, 20, 9, 40), "=1+2"])  # noqa: DTZ001
    sheet.append([3, "丙闸", "=C3+0.01", 32.03, None, None, None])
    sheet.append([None] * 7)
    sheet.append([4, "丁闸", "120°51′36″", "#N/A", "启东市", None, 5.5])
    sheet.append([5, "戊闸", 120.9, 32.0, "启东市", "2026/7/20 9:40", 5.5])
    sheet.merge_cells("E3:E5")
    made.save(path)
    return path


def test_dates_merged_cells_and_formulas_of_a_sheet(tmp_path: Path) -> None:
    brought = bring(book(tmp_path / "a.xlsx"))
    assert [(row["id"], row["region"], row["observed_ms"]) for row in brought.rows] == [
        ("1", "320623", 1_784_511_600_000),
        ("5", "320681", 1_784_511_600_000),
    ]
    assert brought.rows[0]["properties"] == {"孔数": 3}
    assert sorted(brought.reasons) == [4, 5, 7]
    assert "A formula without a stored result" in brought.reasons[4]
    assert "A formula without a stored result" in brought.reasons[5]
    assert brought.reasons[7] == "It has no place."


def test_a_book_far_larger_than_it_looks_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"<sheetData>" + b" " * (300 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(BadFileError, match="unpacks to 300 MB"):
        bring(path)


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(BadFileError, match="no readable book"):
        bring(path)
    openpyxl.Workbook().save(path)
    with pytest.raises(BadFileError, match="empty"):
        bring(path)
