"""Answers in one file of lines: each once, over a kill in the middle of one."""

from __future__ import annotations

import json
from pathlib import Path

from backend.channels.answers import LINES, to_lines
from backend.channels.folder import ANSWERS, Folder


def test_an_answer_cut_by_a_kill_is_written_whole_again(tmp_path: Path) -> None:
    folder, path = Folder(tmp_path), tmp_path / ANSWERS / LINES
    folder.make()
    carry = to_lines(folder)
    carry(1, {"答复": "已修好"})
    carry(2, {"答复": "明日上门"})
    whole = path.read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole)):  # at every byte of the second line
        path.write_bytes(whole[:cut])
        again = to_lines(folder)
        again(1, {"答复": "已修好"})  # told once more, since nobody said it was delivered
        again(2, {"答复": "明日上门"})
        assert path.read_bytes() == whole, cut


def test_lines_of_another_hand_neither_stop_the_channel_nor_are_lost(tmp_path: Path) -> None:
    folder, path = Folder(tmp_path), tmp_path / ANSWERS / LINES
    folder.make()
    to_lines(folder)(1, {"答复": "已修好"})
    foreign = b'seen by Li\n[1]\n"x"\n{"_n": null}\n\n\xff\n'
    with path.open("ab") as file:
        file.write(foreign)
    before = path.read_bytes()
    again = to_lines(folder)
    again(1, {"答复": "已修好"})
    again(2, {"答复": "明日上门"})
    after = path.read_bytes()
    assert after.startswith(before)
    assert json.loads(after[len(before) :])["_n"] == 2
