"""What a file is, read off its first bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import get_args

import pytest
from PIL import Image

from backend.domain.media import HEAD, check_head, clean_name, media_of, read_media
from backend.domain.refused import Refused
from backend_client.contract.attachments import ENDINGS, MOST_BYTES, Media
from tests import media

KINDS: dict[str, Media] = {kind: kind for kind in get_args(Media)}


def refusal(call: Callable[[], object]) -> tuple[int, str, str]:
    with pytest.raises(Refused) as caught:
        call()
    problem = caught.value.problem
    assert all((problem.what.zh, problem.what.en.isascii(), problem.todo.zh, problem.todo.en))
    return problem.status, problem.code, problem.where


def test_tables_name_every_type() -> None:
    assert set(ENDINGS) == set(MOST_BYTES) == set(media.GOOD) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_what_it_is_and_nothing_else(kind: Media) -> None:
    head = media.GOOD[kind]()[:HEAD]
    assert media_of(head) == kind
    for other in KINDS.values():
        if other == kind:
            check_head(head, other)
        else:
            assert refusal(partial(check_head, head, other))[:2] == (422, "false_type")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "PDF"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_what_a_real_writer_writes_is_known(form: str, mode: str) -> None:
    file = io.BytesIO()
    Image.effect_noise((640, 480), 90).convert(mode).save(file, form)
    found = media_of(file.getvalue()[:HEAD])
    assert found is not None
    assert found.endswith(form.lower())


@pytest.mark.parametrize("name", media.BAD)
def test_what_lies_is_nothing(name: str) -> None:
    assert media_of(media.BAD[name][:HEAD]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_cut_anywhere_never_fails(kind: Media) -> None:
    whole = media.GOOD[kind]()
    for size in range(len(whole)):
        assert media_of(whole[:size]) in (None, kind)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("积水.jpg", "积水.jpg"),
        ("积水.JPEG", "积水.JPEG"),
        ("IMG_0001", "IMG_0001.jpg"),
        ("报告v1.2", "报告v1.2.jpg"),
        ("C:\\照片\\a.jpg", "a.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("a\u202egpj.jpg", "agpj.jpg"),
        ("a\r\nX: y.jpg", "aX: y.jpg"),
        ("...", "file.jpg"),
        ("/", "file.jpg"),
        ("长" * 199, "长" * 196 + ".jpg"),
    ],
)
def test_a_name_loses_what_is_dangerous(told: str, known: str) -> None:
    assert clean_name(told, "image/jpeg") == known


@pytest.mark.parametrize("told", ["a.exe", "a.jpg.exe", "a.png", "a.html", "a.svg "])
def test_a_name_of_another_type_is_refused(told: str) -> None:
    assert refusal(lambda: clean_name(told, "image/jpeg")) == (422, "false_type", "name")


def test_a_header_names_what_is_taken() -> None:
    assert read_media("image/JPG; q=1") == "image/jpeg"
    assert read_media("image/heif") == "image/heic"
    for told in ("", "text/html", "application/octet-stream", "image/svg+xml", "image/"):
        assert refusal(partial(read_media, told))[:2] == (415, "unknown_media")
