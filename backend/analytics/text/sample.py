"""Reports to be sorted, and those already sorted, read from tables; a bad row is left out alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.analytics.text import words
from backend.analytics.text.message import Refusal, TableError, table

HEAD: Final = 28
"""Characters in which people say what it is about, where there is no title."""

LONGEST: Final = 900
"""Characters read of a text: from 500 to 1,500 all were alike, and cutting words is what costs."""

_LEFT: Final = (
    "这一行已跳过，其余照常处理；请改正后重做 / the row was left out, the others were taken; "
    "correct it and run again"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold one report as the sorter reads it: how it begins, all of it, its words, its labels."""

    id: str
    head: str
    plain: str
    words: tuple[str, ...]
    labels: tuple[str, ...] = ()


def samples(path: Path, answer: str | None = None) -> tuple[list[Sample], list[Refusal]]:
    """Read a table of reports.

    Args:
        path: columns `id` and `text`, `tokens` or `title`, whichever there are.
        answer: the column of the labels, `a|b` where there are several; None for none.

    Raises:
        TableError: the file cannot be read, or a needed column is missing.
    """
    taken: dict[str, Sample] = {}
    refused = []
    for line, row in _rows(path, answer):
        try:
            one = sample(row, answer)
            if one.id in taken:
                raise ValueError(f"编号 {one.id} 重复 / id {one.id} comes twice")  # noqa: TRY301
            taken[one.id] = one
        except ValueError as fault:
            refused.append(Refusal(line, f"{path} 第 {line} 行 / line {line}：{fault}；{_LEFT}"))
    return list(taken.values()), refused


def _rows(path: Path, answer: str | None) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a table that has words in any of the columns they may stand in.

    Raises:
        TableError: there is none.
    """
    needed = ("id",) if answer is None else ("id", answer)
    for line, row in table(path, needed):
        if not {"text", "tokens", "title"} & row.keys():
            raise TableError(
                f"{path}：缺少列 text（或 tokens、title）；请在首行补上 / "
                f"{path}: column text (or tokens, title) is missing; add it to the first line"
            )
        yield line, row


def sample(row: dict[str, str], answer: str | None = None) -> Sample:
    """Make a report of a row's words.

    Raises:
        ValueError: it has no id, no words or no label.
    """
    if not row["id"].strip():
        raise ValueError("没有编号 / it has no id")
    if not _is_text("".join(row.values())):
        raise ValueError("不是 UTF-8 编码 / it is not in UTF-8")
    labels = tuple(part.strip() for part in row[answer].split("|")) if answer else ()
    if answer and not all(labels):
        raise ValueError(f"{answer} 为空 / {answer} is empty")
    head, plain, cut = _words(row)
    if not cut:
        raise ValueError("没有文字 / it has no words")
    return Sample(row["id"], head, plain, cut, labels)


def _is_text(written: str) -> bool:
    """Tell whether every sign was read; a row in another encoding leaves halves of signs."""
    try:
        written.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _words(row: dict[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """Give how a report begins, all of it and its words."""
    if row.get("tokens", "").strip():
        given = row["tokens"].replace(" ", "\n")[: 2 * LONGEST]
        cut = [word for word in words.normal(given).split("\n") if word.strip()]
        plain = "".join(cut)
        return plain[:HEAD], plain, tuple(cut)
    title = words.normal(row.get("title", "")[:LONGEST])
    plain = title + words.normal(row.get("text", "")[:LONGEST])
    cut = words.cutter().cut(plain, HMM=False)  # guessing new words cost a third, gave nothing
    return title or plain[:HEAD], plain, tuple(word for word in cut if word[0].isalnum())
