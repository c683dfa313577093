"""The simulated units take the side paths through the real doors, and the rates move by them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from backend.simulator.complaints import COMPLAINTS
from backend.simulator.desk import Desk
from backend.simulator.manners import Manner, manner_of
from backend_client.contract.events import Channel, Event, Intake, Satisfaction
from backend_client.contract.orders import Order
from tests.contract.backend.test_city import Bridge, line
from tests.contract.backend.test_rates import City
from tests.service import run, serving

SEED = 7
COMPLAINT = next(one for one in COMPLAINTS if one.title == "暴露垃圾")
SATISFIED, UNSATISFIED = Satisfaction.SATISFIED, Satisfaction.UNSATISFIED


def reported(start: datetime, likes: Callable[[Manner], bool]) -> Intake:
    """Find a second in which a matter of the wanted manner is reported."""
    title = f"狼山镇街道{COMPLAINT.title}"
    for number in range(20_000):
        at = start + timedelta(milliseconds=number * 37)
        if likes(manner_of(SEED, title, at, COMPLAINT.department)):
            return Intake(
                intake_id=f"manner-{number}",
                channel=Channel.HOTLINE,
                title=title,
                text="垃圾桶满了没人清。",
                region="320613001",
                level=4,
                reported_at=at,
            )
    raise AssertionError("no such manner in 20,000 draws")


def test_units_send_back_ask_for_time_and_do_it_again(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            bridge = Bridge(service, asyncio.get_running_loop())
            feed, work = (line(service, bridge, name) for name in ("feed", "dispatcher"))
            desk, clock = Desk(work, service.clock, seed=SEED), service.clock
            plain = (SATISFIED,) * 3
            wanted = {
                "back": reported(clock.now(), lambda one: one.returns and one.granted),
                "kept": reported(clock.now(), lambda one: one.returns and not one.granted),
                "time": reported(
                    clock.now(),
                    lambda one: one.extends and one.allowed and not one.returns,
                ),
                "again": reported(
                    clock.now(),
                    lambda one: (
                        one.says[:2] == (UNSATISFIED, SATISFIED) and one.redoes and not one.returns
                    ),
                ),
                "plain": reported(
                    clock.now(),
                    lambda one: one.says == plain and not one.returns and not one.extends,
                ),
            }
            ids = {}

            def play() -> None:
                for name, intake in wanted.items():
                    head = feed.send(lambda intake=intake: feed.client.intake(intake))  # type: ignore[misc]
                    assert head is not None
                    ids[name] = head.item_id
                    desk.take(intake, head)
                for _ in range(110):
                    desk.step()
                    clock.advance(300)

            await asyncio.to_thread(play)
            with service.parts.database.read() as view:
                events = {name: view.load(Event, one) for name, one in ids.items()}
                orders = {name: view.find(Order, event_id=one) for name, one in ids.items()}
            assert [one.department for one in orders["back"] if one.returned] == ["D25"]
            assert {one.department for one in orders["back"]} == {"D25", "D24"}
            assert [one.is_final for one in orders["kept"]] == [True]
            assert [one.extension and one.extension.granted for one in orders["time"]] == [True]
            assert (events["again"].redone, events["again"].satisfaction) == (1, SATISFIED)
            assert (events["plain"].redone, events["plain"].satisfaction) == (0, SATISFIED)
            city = City(service)
            service.forget_tokens()
            assert await city.ratio("redone_share") == (1, 5)
            assert (await city.ratio("returned_share"))[0] == 2
            for link in (feed, work):
                await asyncio.to_thread(link.close)

    run(body)
