"""The HTTP driver against the real device process: refusal, silence and doubt are told apart."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from backend.domain.devices import Order
from backend.gateways.scada.driver import DeviceRefusedError, DoubtError, UnreachableError
from backend.gateways.scada.http_driver import DEADLINE_S, HttpDriver
from backend.gateways.scada.keeper import PlantKeeper
from backend_client.contract.clock import SystemClock
from tests.end2end.stack import wait_for
from tests.end2end.test_gate_line import GATE, SECOND, Site, site

pytestmark = pytest.mark.end2end


def test_refusal_silence_and_doubt_are_told_apart_and_stop_passes_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with site(data, speed=60) as plant:
        plant.calm(GATE, SECOND)
        clock = SystemClock()
        driver = HttpDriver(PlantKeeper(data, clock).find, clock)
        asyncio.run(_calls(driver, plant))


async def _calls(driver: HttpDriver, plant: Site) -> None:
    assert len(await driver.facts()) == 36
    assert len(await driver.read_all()) == 36
    assert len((await driver.curves())[GATE]) == 157
    await driver.claim(GATE, 3)
    await driver.heartbeat({GATE: 3})
    reading = await driver.read(GATE)
    order = Order("c1", 3, reading.seq, (1,), 0.4)
    with pytest.raises(DeviceRefusedError, match="not_selected"):
        await driver.operate(GATE, order)
    with pytest.raises(DeviceRefusedError, match="fence_old"):
        await driver.claim(GATE, 3)

    plant.hand(GATE, link="down")
    with pytest.raises(UnreachableError):
        await driver.select(GATE, order)
    assert len(await driver.read_all()) == 35

    plant.hand(GATE, link="mute")  # does as told, says nothing
    began = time.monotonic()
    doubt = asyncio.create_task(_doubt(driver, order))
    await asyncio.sleep(0.3)
    await driver.stop(SECOND)  # one silent device holds up no other
    assert time.monotonic() - began < 2
    await doubt
    assert DEADLINE_S - 0.5 < time.monotonic() - began < DEADLINE_S + 2
    plant.hand(GATE, link="up")
    assert (await driver.read(GATE)).echoes == {"c1": "selected"}
    assert [what for what, _ in plant.wire(GATE)] == ["select"]

    os.kill(plant.process.pid, signal.SIGKILL)
    plant.process.wait(10)
    with pytest.raises(UnreachableError):
        await driver.select(SECOND, order)
    await driver.close()


async def _doubt(driver: HttpDriver, order: Order) -> None:
    with pytest.raises(DoubtError):
        await driver.select(GATE, order)


def test_a_killed_plant_is_started_anew_and_stands_where_it_stood(tmp_path: Path) -> None:
    clock = SystemClock()
    keeper = PlantKeeper(tmp_path, clock, ("--speed", "60"))

    def alive() -> bool:
        keeper.ensure()
        return keeper.find() is not None

    wait_for(alive, 30, "plant")
    first = keeper.find()
    assert first is not None
    asyncio.run(_claim(keeper, 7))
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: alive() and keeper.find() != first, 30, "plant again")
    again = keeper.find()
    assert again is not None
    try:
        assert asyncio.run(_fence(keeper)) == 7
    finally:
        os.kill(again.pid, signal.SIGTERM)
        child = keeper._child
        assert child is not None
        wait_for(lambda: child.poll() is not None, 20, "plant ended")


async def _claim(keeper: PlantKeeper, fence: int) -> None:
    driver = HttpDriver(keeper.find, SystemClock())
    await driver.claim(GATE, fence)
    await driver.close()


async def _fence(keeper: PlantKeeper) -> int:
    driver = HttpDriver(keeper.find, SystemClock())
    reading = await driver.read(GATE)
    await driver.close()
    return reading.fence
