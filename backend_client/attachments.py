"""Files that belong to reports are brought; `Client.casework` fetches them again."""

from __future__ import annotations

from backend_client.casework import FILE_WAIT_S
from backend_client.client import Client
from backend_client.contract import paths
from backend_client.contract.attachments import Attachment, Media
from backend_client.wire import Call, parse


def attach(client: Client, file: bytes, media: Media, *, name: str, region: str) -> Attachment:
    """Bring a file; the same one again is the one it was.

    Args:
        client: signed in as who brings it.
        file: its bytes.
        media: its type, which its content must bear out.
        name: its name, for people.
        region: where it belongs.
    """
    call = Call(
        "POST",
        paths.ATTACHMENTS,
        body=file,
        query={"name": name, "region": region},
        headers={"Content-Type": media},
        again=True,
        wait_s=FILE_WAIT_S,
    )
    return parse(Attachment, client.wire.send(call))
