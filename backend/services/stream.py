"""One reader's stream: changes in order, a beat each second, layer pokes, resync after a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from backend.services.auth import Signed
from backend.services.frames import Frame, frame
from backend.services.hub import Bell, Hub
from backend.services.policy import Policy
from backend.services.verbs import Verbs
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.change import Beat, LayerMoved, Resync
from backend_client.contract.clock import Clock

BEAT_S = 1.0
POKE_S = 0.2
_FROM_LOG = 500

Standing = Callable[[str], Awaitable[Signed | None]]
"""Look a session up as it is now, None when it has ended."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What every stream reads from."""

    hub: Hub
    database: Database
    policy: Policy
    verbs: Verbs
    clock: Clock
    standing: Standing
    sees_layer: Callable[[Person, str], bool]


@dataclass(slots=True)
class _Reader:
    signed: Signed
    cursor: int
    pokes: dict[str, int]
    poked_at: float = 0.0
    beat_at: float = field(default=0.0)


async def follow(sources: Sources, signed: Signed, last_id: str | None) -> AsyncIterator[bytes]:
    """Yield SSE bytes until the session ends, the reader is too slow or the service stops.

    Args:
        sources: hub, log and rules.
        signed: who reads.
        last_id: `EPOCH:N` as the reader last saw it, None to start now.
    """
    hub = sources.hub
    bell = hub.join()
    try:
        reader = _Reader(signed, hub.n, hub.layers())
        if last_id is not None:
            cursor = _resumable(hub, last_id)
            if cursor is None or (from_log := await _from_log(sources, cursor)) is None:
                yield _resync(hub, reader)
            else:
                reader.cursor = cursor
                async for chunk in _catch_up(sources, reader, from_log):
                    yield chunk
        async for chunk in _live(sources, reader, bell):
            yield chunk
    finally:
        hub.leave(bell)


async def _live(sources: Sources, reader: _Reader, bell: Bell) -> AsyncIterator[bytes]:
    steady = asyncio.get_running_loop().time
    while not sources.hub.closed:
        bell.rung.clear()
        frames = sources.hub.after(reader.cursor)
        if frames is None:
            return  # too slow: the reader comes again with its last id and is fed from the log
        if chunk := _write(sources, reader, frames):
            yield chunk
        if steady() - reader.poked_at >= POKE_S and (chunk := _pokes(sources, reader)):
            reader.poked_at = steady()
            yield chunk
        if steady() - reader.beat_at >= BEAT_S:
            now = await sources.standing(reader.signed.family)
            if now is None:
                return
            reader.beat_at = steady()
            if now.person != reader.signed.person:  # another scope: what it holds is not to trust
                reader.signed = now
                yield _resync(sources.hub, reader)
            yield _event("beat", Beat(n=reader.cursor, at=sources.clock.now()))
        await _rest(bell, reader, sources, steady())


async def _rest(bell: Bell, reader: _Reader, sources: Sources, now_s: float) -> None:
    due_s = reader.beat_at + BEAT_S
    if sources.hub.layers() != reader.pokes:
        due_s = min(due_s, reader.poked_at + POKE_S)
    try:
        async with asyncio.timeout(max(0.0, due_s - now_s)):
            await bell.rung.wait()
    except TimeoutError:
        return


def _write(sources: Sources, reader: _Reader, frames: list[Frame]) -> bytes:
    person = reader.signed.person
    parts = [made.to(person, sources.policy, sources.verbs) for made in frames]
    if frames:
        reader.cursor = frames[-1].n
    return b"".join(part for part in parts if part is not None)


def _pokes(sources: Sources, reader: _Reader) -> bytes:
    newest = sources.hub.layers()
    moved = [
        (layer, version)
        for layer, version in newest.items()
        if reader.pokes.get(layer) != version and sources.sees_layer(reader.signed.person, layer)
    ]
    reader.pokes = newest
    return b"".join(
        _event("layer", LayerMoved(layer=layer, version=version)) for layer, version in moved
    )


async def _catch_up(sources: Sources, reader: _Reader, frames: list[Frame]) -> AsyncIterator[bytes]:
    """Send from the log until the ring reaches back to the reader's number."""
    while frames:
        if chunk := _write(sources, reader, frames):
            yield chunk
        if sources.hub.after(reader.cursor) is not None:
            return
        further = await _from_log(sources, reader.cursor)
        if further is None:
            return
        frames = further


async def _from_log(sources: Sources, cursor: int) -> list[Frame] | None:
    if sources.hub.after(cursor) is not None:
        return []
    return await asyncio.to_thread(_read_log, sources, cursor)


def _read_log(sources: Sources, cursor: int) -> list[Frame] | None:
    with sources.database.read() as view:
        logged = view.changes(after=cursor, limit=_FROM_LOG)
    if logged is None:
        return None
    return [frame(sources.hub.epoch, change, sources.verbs) for change in logged]


def _resumable(hub: Hub, last_id: str) -> int | None:
    epoch, _, number = last_id.partition(":")
    if epoch != hub.epoch or not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return int(number) if int(number) <= hub.n else None


def _resync(hub: Hub, reader: _Reader) -> bytes:
    reader.cursor = hub.n
    return _event("resync", Resync(n=reader.cursor, epoch=hub.epoch))


def _event(name: str, data: Beat | LayerMoved | Resync) -> bytes:
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n".encode()
