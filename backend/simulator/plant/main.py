"""Run the simulated devices as a process of their own: `python -m backend plant --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import secrets
import signal
import socket
from pathlib import Path
from typing import IO

from granian.constants import Interfaces
from granian.server.embed import Server

from backend.simulator.plant import plant as core
from backend.simulator.plant import spec
from backend.simulator.plant.door import make_door
from backend.simulator.plant.host import Host
from backend.simulator.plant.log import load, save
from backend_client.contract.clock import SystemClock

FACTS = Path(__file__).resolve().parents[3] / "resources" / "facts"


def main(argv: list[str]) -> int:
    """Serve the devices until told to stop or left alone for ten minutes."""
    wish = _parser().parse_args(argv)
    folder = Path(wish.data) / "plant"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        if not _alone(lock):
            return 0  # somebody already plays these devices
        asyncio.run(_serve(folder, seed=wish.seed, speed=wish.speed))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend plant", description="模拟的闸门设备 · The simulated devices."
    )
    parser.add_argument(
        "--data", required=True, help="服务的数据文件夹 · the service's data folder"
    )
    parser.add_argument(
        "--seed", type=int, default=7, help="潮位残差与船只的种子 · seed of tide and traffic"
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="闸门快多少倍 · how much faster gates travel"
    )
    return parser


def _alone(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _serve(folder: Path, *, seed: int, speed: float) -> None:
    clock = SystemClock()
    kept = load(folder / "state.json")
    specs = spec.load(FACTS, seed=seed)
    plant = core.build(specs, at=clock.now(), seed=seed, speed=speed, kept=kept)
    if kept is None:
        core.live_in(plant)
    host = Host(plant, folder, clock)
    token, port = secrets.token_urlsafe(24), _free_port()
    server = Server(make_door(host, token), port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    ticking = asyncio.create_task(host.run())
    loop = asyncio.get_running_loop()
    for word in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(word, ticking.cancel)
    await _wait_open(port, serving)
    url = f"http://127.0.0.1:{port}"
    save(folder / "plant.json", {"url": url, "pid": os.getpid(), "token": token})
    await asyncio.wait({serving, ticking}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]  # granian ships it without annotations
    (folder / "plant.json").unlink(missing_ok=True)
    ended = await asyncio.gather(serving, ticking, return_exceptions=True)
    host.close()
    for fault in ended:
        if isinstance(fault, Exception):
            raise fault


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_open(port: int, serving: asyncio.Task[None]) -> None:
    """Wait until the door answers; a server that ended first is an error of its own."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
