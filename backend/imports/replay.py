"""`python -m backend replay FILE`: play recorded tracks through the positions door, as of now.

Every mover is registered first; one that was carried elsewhere is marked displaced, with the
place it comes from. Exit status: 0 played or ended by a person, 2 nothing usable, 3 refused.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.status import Status

from backend.imports.command import ACCOUNT, NOTHING, REFUSED, say
from backend.imports.own import Aim, signed_in
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock, SystemClock
from backend_client.contract.rows import FIX_TYPES, TYPES, FixRows, Rows
from backend_client.errors import BadFileError, ClientError, Unreachable
from backend_client.importing.load import LAYER
from backend_client.importing.part import I64, Column
from backend_client.importing.regions import Regions
from backend_client.importing.tracks import Tracks, middle, move_to, read_tracks, retime

STEP_S = 0.2
MOST = 20_000
AGAIN_S = 1.0
_BAD_ID = re.compile(r"[\x00-\x1f/?#]")


@dataclass(frozen=True, slots=True)
class Play:
    """What to play.

    Args:
        layer: where the movers belong.
        tracks: where they were, moved already.
        due_ms: when each fix is due.
        ids: the id of each mover.
        feed: the feed they belong to.
    """

    layer: str
    tracks: Tracks
    due_ms: I64
    ids: Sequence[str]
    feed: str = ""


@dataclass(slots=True)
class Played:
    """How far a play is; the lag is how late the last batch was."""

    sent: int = 0
    accepted: int = 0
    doubled: int = 0
    rejected: int = 0
    lag_s: float = 0.0
    worst_lag_s: float = 0.0
    reasons: set[str] = field(default_factory=set)


def main(words: Sequence[str]) -> int:
    """Play a file of tracks from the command line."""
    asked = _parser().parse_args(words)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        return _main(asked, ended)
    except BadFileError as error:
        say(Text(error.say("zh"), error.say("en")))
        return NOTHING
    except ClientError as error:
        say(Text(error.say("zh"), error.say("en")))
        return REFUSED


def _main(asked: argparse.Namespace, ended: threading.Event) -> int:
    if not LAYER.match(asked.layer):
        raise BadFileError(
            Text(f"图层名 {asked.layer!r} 不对。", f"{asked.layer!r} is no name of a layer."),
            Text("小写字母开头，如 transport。", "Small letters, e.g. transport."),
        )
    clock, aim = SystemClock(), Aim(asked.backend, asked.data, asked.credentials, asked.account)
    recorded = read_tracks(asked.file)
    tracks = _moved(recorded, asked.move_to)
    with signed_in(aim, clock) as client:
        ids = [_BAD_ID.sub("_", f"{asked.file.stem}-{name}")[:64] for name in tracks.names]
        origin = middle(recorded.lonlat) if asked.move_to else None
        client.put_rows(asked.layer, register(tracks, ids, asked, clock, origin=origin))
        start_ms = _now_ms(clock)
        due = retime(tracks, speed=asked.speed, start_ms=start_ms, together=asked.together)
        last_ms = start_ms + int(asked.for_s * 1000) if asked.for_s else None
        play = Play(asked.layer, tracks, due, ids, asked.feed)
        made = _shown(client, play, clock, ended, last_ms=last_ms)
    for text in summary(recorded, made):
        say(text)
    return 0


def _moved(tracks: Tracks, target: tuple[float, float] | None) -> Tracks:
    return replace(tracks, lonlat=move_to(tracks.lonlat, target)) if target else tracks


def register(
    tracks: Tracks,
    ids: Sequence[str],
    asked: argparse.Namespace,
    clock: Clock,
    *,
    origin: tuple[float, float] | None,
) -> Rows:
    """Describe the movers: objects without a place of their own."""
    count = len(ids)
    about: dict[str, object] = {"source": asked.file.name}
    if origin is not None:
        about |= {"displaced": True, "origin": f"{origin[0]:.4f}, {origin[1]:.4f}"}
    region = asked.region or str(Regions().of(np.array([middle(tracks.lonlat)])).codes[0])
    columns: dict[str, list[Any]] = {
        "id": list(ids),
        "kind": [asked.kind] * count,
        "name": list(tracks.names),
        "lon": [None] * count,
        "lat": [None] * count,
        "region": [region] * count,
        "observed_ms": [_now_ms(clock)] * count,
        "properties": [json.dumps(about, ensure_ascii=False)] * count,
    }
    schema = pa.schema([(name, TYPES[name]) for name in columns])
    return Rows(pa.RecordBatch.from_pydict(columns, schema), asked.feed)


def play_all(
    client: Client,
    play: Play,
    clock: Clock,
    ended: threading.Event,
    *,
    last_ms: int | None = None,
    told: Callable[[Played], None],
) -> Played:
    """Send every fix when it is due, until all are sent, the time is over, or a person ends it."""
    order = np.argsort(play.due_ms, kind="stable")
    due, made, at = play.due_ms[order], Played(), 0
    while at < order.size and not ended.is_set():
        now_ms = _now_ms(clock)
        if last_ms is not None and now_ms > last_ms:
            break
        until = min(int(np.searchsorted(due, now_ms, side="right")), at + MOST)
        if until == at:
            wait_s = min(STEP_S, max(0.0, (int(due[at]) - now_ms) / 1000))
            ended.wait(max(0.005, wait_s))
            continue
        if _send(client, play, order[at:until], made, ended):
            made.lag_s = max(0.0, (_now_ms(clock) - int(due[at])) / 1000)
            made.worst_lag_s = max(made.worst_lag_s, made.lag_s)
            at = until
        told(made)
    return made


def _send(client: Client, play: Play, rows: I64, made: Played, ended: threading.Event) -> bool:
    """Send fixes; while the service is away, tell so and try the same ones again."""
    try:
        reply = client.send_fix_rows(_fixes(play, rows))
    except Unreachable as error:
        made.reasons.add(error.say("en"))
        ended.wait(AGAIN_S)
        return False
    made.sent += rows.size
    made.accepted += reply.accepted
    made.doubled += reply.duplicate
    made.rejected += len(reply.rejected)
    made.reasons |= {no.en for no in reply.rejected}
    return True


def _fixes(play: Play, rows: I64) -> FixRows:
    tracks = play.tracks
    columns: dict[str, Column] = {
        "id": [play.ids[who] for who in tracks.who[rows].tolist()],
        "lon": tracks.lonlat[rows, 0],
        "lat": tracks.lonlat[rows, 1],
        "speed_kmh": tracks.speed_kmh[rows].astype(np.float32),
        "heading_deg": tracks.heading_deg[rows].astype(np.float32) % 360,
        "observed_ms": play.due_ms[rows],
    }
    schema = pa.schema([(name, FIX_TYPES[name]) for name in columns])
    return FixRows(pa.RecordBatch.from_pydict(columns, schema), play.layer, play.feed)


def _shown(
    client: Client, play: Play, clock: Clock, ended: threading.Event, *, last_ms: int | None
) -> Played:
    with Console(stderr=True).status("") as status:
        return play_all(
            client, play, clock, ended, last_ms=last_ms, told=partial(_tell, status, play)
        )


def _tell(status: Status, play: Play, made: Played) -> None:
    whole = play.due_ms.size
    status.update(f"{made.sent:,} / {whole:,} 点 fixes · 滞后 lag {made.lag_s:.1f} s")


def summary(recorded: Tracks, made: Played) -> tuple[Text, ...]:
    """Say how a play ended."""
    lost = made.sent - made.accepted - made.doubled - made.rejected
    said = [
        Text(
            f"已送 {made.sent:,} 点：收 {made.accepted:,}，重复 {made.doubled:,}，"
            f"拒 {made.rejected:,}，丢 {lost:,}；滞后最多 {made.worst_lag_s:.1f} s",
            f"Sent {made.sent:,} fixes: accepted {made.accepted:,}, doubled {made.doubled:,}, "
            f"rejected {made.rejected:,}, lost {lost:,}; lag at most {made.worst_lag_s:.1f} s",
        )
    ]
    if recorded.doubled or recorded.bad:
        said.append(
            Text(
                f"文件中同一时刻重复 {recorded.doubled:,} 点，无效 {recorded.bad:,} 点，未送。",
                f"Not sent: {recorded.doubled:,} of an instant told before, {recorded.bad:,} bad.",
            )
        )
    said += [Text(f"原因：{why}", f"Reason: {why}") for why in sorted(made.reasons)]
    return tuple(said)


def _now_ms(clock: Clock) -> int:
    return int(clock.now().timestamp() * 1000)


def _lonlat(words: str) -> tuple[float, float]:
    lon, _, lat = words.partition(",")
    place = float(lon), float(lat)
    if not (abs(place[0]) <= 180 and abs(place[1]) <= 90):
        raise argparse.ArgumentTypeError("LON,LAT")
    return place


def _speed(words: str) -> float:
    speed = float(words)
    if not 0 < speed <= 1e6:
        raise argparse.ArgumentTypeError("> 0")
    return speed


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="backend replay", description="回放轨迹 / play tracks")
    add = made.add_argument
    add("file", type=Path, help="Parquet CSV GPX: uid, t, lon, lat (lat_e6, lon_e6)")
    add("--layer", required=True, help="图层，如 transport / layer")
    add("--speed", type=_speed, default=1.0, help="倍速 / how many times as fast")
    add("--move-to", type=_lonlat, metavar="LON,LAT", help="平移到此处 / carry them there")
    add("--together", action="store_true", help="同时出发 / every mover starts now")
    add("--for-s", type=float, default=0.0, help="只放这么多秒 / only so many seconds")
    add("--kind", default="replayed", help="类别 / kind of the movers")
    add("--region", default="", help="区划，默认按位置 / region, else by place")
    add("--feed", default="", help="所属数据源 / id of the feed")
    where = made.add_mutually_exclusive_group(required=True)
    where.add_argument("--backend", metavar="URL", help="运行中的服务 / a running service")
    where.add_argument("--data", type=Path, help="数据目录，临时启动服务 / start our own on it")
    add("--credentials", type=Path, help="账号文件 / file of accounts")
    add("--account", default=ACCOUNT, help="账号 / account")
    return made
