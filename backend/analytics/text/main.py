"""`python -m backend events pairs|merge|classify|route`: judge reports in files.

Exit status: 0 all rows taken, 1 some left out (each told by its line), 2 nothing done.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.analytics.text.message import Refusal, TableError

ALL, SOME, NOTHING = 0, 1, 2

Doer = Callable[..., Sequence[Refusal]]


def main(words: Sequence[str]) -> int:
    """Run the judgement the words name and give its exit status."""
    asked = parser().parse_args(words)
    try:
        refused = asked.run(asked)
    except TableError as fault:
        _say(str(fault))
        return NOTHING
    except OSError as fault:
        _say(
            f"{asked.out}：无法写入（{fault}）；请检查文件夹与权限 / "
            f"{asked.out}: cannot be written ({fault}); look at the folder and its rights"
        )
        return NOTHING
    for one in refused:
        _say(one.why)
    if refused:
        _say(
            f"略过 {len(refused)} 行，其余已写入 {asked.out} / "
            f"{len(refused)} rows left out, the others are in {asked.out}"
        )
    return SOME if refused else ALL


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="backend events", description=_MAIN)
    verbs = made.add_subparsers(dest="verb", required=True, metavar="pairs|merge|classify|route")
    pairs = verbs.add_parser("pairs", description=_PAIRS)
    _files(pairs, "messages", "pairs", "out")
    _lessons(pairs)
    pairs.set_defaults(run=_pairs)
    merge = verbs.add_parser("merge", description=_MERGE)
    _files(merge, "messages", "out")
    _lessons(merge)
    merge.set_defaults(run=_merge)
    for verb, run, what in (("classify", _classify, _CLASSIFY), ("route", _route, _ROUTE)):
        one = verbs.add_parser(verb, description=what)
        one.add_argument("--train", type=Path, required=True, help=_HELP["train"])
        _files(one, "source", "out")
        one.set_defaults(run=run)
    return made


_MAIN = "判断来件：是否同一事件、归谁办理 / judge reports: which are one event, whose they are"
_PAIRS = "逐对判断是否同一事件 / tell of each pair whether it is one event"
_MERGE = "按时间先后并入事件 / take reports in order of time into events"
_CLASSIFY = "按样例分类 / sort reports into the classes of the examples"
_ROUTE = "按样例排出承办单位 / rank the units that should take each report"
_HELP = {
    "messages": "id,user,time,title,text[,lon,lat,channel] (.csv, .csv.gz)",
    "pairs": "id_a,id_b",
    "source": "id,text | id,tokens | id,title,text",
    "out": "结果 / result (.csv, .csv.gz)",
    "train": "样例，另有列 label 或 depts / examples, with label or depts as well",
}


def _files(to: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        to.add_argument(name, type=Path, help=_HELP[name], metavar=name.upper())


def _lessons(to: argparse.ArgumentParser) -> None:
    to.add_argument("--train-messages", type=Path, help=_HELP["messages"])
    to.add_argument("--train-pairs", type=Path, help="id_a,id_b,label (1 = 同一事件 / one event)")


def _doer(module: str, name: str) -> Doer:
    """Give what does the work; loaded only when asked for, the learning is slow to load."""
    found: Doer = getattr(importlib.import_module(f"backend.analytics.text.{module}"), name)
    return found


def _pairs(asked: argparse.Namespace) -> Sequence[Refusal]:
    taught = _taught(asked)
    return _doer("merging", "pairs_file")(asked.messages, asked.pairs, asked.out, **taught)


def _merge(asked: argparse.Namespace) -> Sequence[Refusal]:
    taught = _taught(asked)
    return _doer("merging", "merge_file")(asked.messages, asked.out, **taught)


def _taught(asked: argparse.Namespace) -> dict[str, Path | None]:
    """Give the lessons.

    Raises:
        TableError: only one of the two files is named.
    """
    if (asked.train_messages is None) != (asked.train_pairs is None):
        raise TableError(
            "--train-messages 与 --train-pairs 须同时给出 / "
            "--train-messages and --train-pairs go together"
        )
    return {"train_messages": asked.train_messages, "train_pairs": asked.train_pairs}


def _classify(asked: argparse.Namespace) -> Sequence[Refusal]:
    return _doer("classify", "classify_file")(asked.train, asked.source, asked.out)


def _route(asked: argparse.Namespace) -> Sequence[Refusal]:
    return _doer("route", "route_file")(asked.train, asked.source, asked.out)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
