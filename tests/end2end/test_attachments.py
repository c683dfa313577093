"""Files over a real connection: large ones, refused half-way, cut off, and a service that dies."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from backend_client.attachments import attach
from backend_client.errors import Refused
from tests import media
from tests.end2end.stack import Service, wait_for

pytestmark = pytest.mark.end2end


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.problem.status, caught.value.problem.code


def in_pieces(head: bytes, pieces: int) -> Iterator[bytes]:
    yield head
    for _ in range(pieces):
        yield bytes(1_000_000)


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "attachments").rglob("*") if path.is_file())


def begun(service: Service, access: str) -> socket.socket:
    """Send the first half of a file and stay."""
    url = httpx.URL(service.url)
    line = socket.create_connection((url.host, url.port or 0))
    head = (
        "POST /v1/attachments?name=a&region=320613 HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {access}\r\nContent-Type: image/jpeg\r\n"
        "Content-Length: 1000000\r\n\r\n"
    )
    line.sendall(head.encode() + media.jpeg() + bytes(500_000))
    return line


def test_a_large_file_goes_and_comes_a_bad_one_is_told_while_it_comes(service: Service) -> None:
    client = service.client("operator")
    large = media.mp4() + os.urandom(50_000_000)
    made = attach(client, large, "video/mp4", name="现场.mp4", region="320613")
    assert client.casework.attachment(made.attachment_id) == large
    for body, kind, code in (
        (media.EXE + bytes(40_000_000), "video/mp4", "false_type"),
        (media.jpeg() + bytes(30_000_000), "image/jpeg", "too_large"),
        (media.jpeg() + bytes(30_000_000), "text/html", "unknown_media"),
    ):
        got = refusal(lambda b=body, k=kind: attach(client, b, k, name="a", region="3206"))  # type: ignore[misc]
        assert got[1] == code
    tokens = client.wire.tokens
    assert tokens is not None
    headers = {"Authorization": f"Bearer {tokens.access}", "Content-Type": "image/jpeg"}
    query = {"name": "a", "region": "320613"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=60, params=query) as raw:
        for head, code in ((media.EXE + bytes(5_000), "false_type"), (media.jpeg(), "too_large")):
            reply = raw.post("/v1/attachments", content=in_pieces(head, 60))
            assert reply.json()["code"] == code
    client.close()
    assert on_disk(service.data) == [made.sha256]


def test_what_is_cut_off_leaves_nothing_nor_does_a_killed_service(service: Service) -> None:
    client = service.client("operator")
    tokens = client.wire.tokens
    assert tokens is not None
    folder = service.data
    before = on_disk(folder)
    line = begun(service, tokens.access)
    wait_for(lambda: len(on_disk(folder)) == len(before) + 1)
    line.close()
    wait_for(lambda: on_disk(folder) == before)
    kept = attach(client, media.png(), "image/png", name="a", region="320613")
    line = begun(service, tokens.access)
    wait_for(lambda: len(on_disk(folder)) == len(before) + 2)
    client.close()
    service.kill()
    line.close()
    assert len(on_disk(folder)) == len(before) + 2
    service.start()
    client = service.client("operator")
    assert client.casework.attachment(kept.attachment_id) == media.png()
    client.close()
    assert on_disk(folder) == sorted([*before, kept.sha256])
