"""The departments' page in a real browser against a real service: every step, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from backend_client.client import Client
from backend_client.contract.events import (
    Channel,
    Dispatch,
    Event,
    Intake,
    Touch,
)
from backend_client.contract.orders import Order, OrderState
from tests.end2end.browser import DESKTOP, Browser, chromium, missing, window
from tests.end2end.stack import Service, wait_for

pytestmark = [
    pytest.mark.end2end,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
UNIT = "operator_water"


@dataclass(slots=True)
class Desk:
    """The centre's side: events come in and go out to the water bureau."""

    service: Service
    feed: Client
    dispatcher: Client

    def send(
        self, number: int, title: str, *, level: int = 3, due_at: datetime | None = None
    ) -> str:
        """Take an event in and send it out; give its order's id."""
        event_id = self.feed.intake(
            Intake(
                intake_id=f"web-{number}",
                channel=Channel.HOTLINE,
                title=title,
                text="来电人反映道路积水约 20 厘米，行人无法通过，要求尽快排水。",
                place="人民中路与濠东路路口",
                lon=120.86,
                lat=32.01,
                region="320613",
                level=level,
                reported_at=datetime.now(UTC),
            )
        ).item_id
        head = self.dispatcher.accept_event(event_id, Touch(version=1))
        note = "现场核实后抽排"
        sent = Dispatch(version=head.version, department="D27", due_at=due_at, note=note)
        self.dispatcher.dispatch_event(event_id, sent)
        event = self.dispatcher.item("event", event_id)
        assert isinstance(event, Event)
        assert event.order_id
        return event.order_id

    def order(self, order_id: str) -> Order:
        found = self.dispatcher.item("order", order_id)
        assert isinstance(found, Order)
        return found

    def reaches(self, order_id: str, state: OrderState) -> Order:
        wait_for(lambda: self.order(order_id).state is state, 15, state)
        return self.order(order_id)


@pytest.fixture
def desk(service: Service) -> Desk:
    return Desk(service, service.client("feed"), service.client("dispatcher"))


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[httpx.Client]:
    with chromium(tmp_path) as running:
        yield running


@contextmanager
def page(
    driver: httpx.Client, service: Service, account: str = UNIT, *, language: str = "zh-CN"
) -> Iterator[Browser]:
    """Open the page on a desktop and sign in; at the end the browser has had no complaint."""
    with window(driver, DESKTOP, language) as browser:
        sign_in(browser, service, account)
        yield browser
        assert_clean(browser)


def sign_in(browser: Browser, service: Service, account: str = UNIT) -> None:
    browser.open(f"{service.url.rstrip('/')}/web/")
    browser.one("#account").type(account)
    browser.one("#password").type(service.account(account)["password"])
    browser.click("button[type=submit]")
    browser.one("#age")


def assert_clean(browser: Browser) -> None:
    """Assert that nothing was refused by the page's policy and no script failed."""
    bad = [line for line in browser.log() if "Content Security" in line or "Error" in line]
    assert not bad, bad


def step(browser: Browser, order_id: str, verb: str) -> None:
    """Open an order from the list and a step's form on it."""
    browser.click(f"#row-{order_id}")
    browser.click(f"#do-{verb}")
    browser.one(f"#form-{verb}")


def test_a_unit_signs_asks_for_time_and_reports_in_chinese(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    due_at = datetime.now(UTC) + timedelta(hours=5)
    order_id = desk.send(1, "路面积水", due_at=due_at)
    with page(driver, service) as browser:
        browser.sees("路面积水")
        browser.sees("崇川区 · 人民中路与濠东路路口")
        step(browser, order_id, "sign")
        browser.sees("来电人反映道路积水")
        browser.sees("现场核实后抽排")
        browser.click("#send")
        assert desk.reaches(order_id, OrderState.SIGNED).signed_by
        browser.click("#do-extend")
        browser.click("#send")
        browser.sees("选一个晚于原期限的时间")
        until = (due_at + timedelta(days=2)).astimezone(UTC) + timedelta(hours=8)
        browser.set("#until_at", until.strftime("%Y-%m-%dT%H:%M"))
        browser.one("#reason").type("泵车在途")
        browser.click("#send")
        wait_for(lambda: desk.order(order_id).extension is not None)
        wish = desk.order(order_id).extension
        assert wish is not None
        assert wish.until_at == (due_at + timedelta(days=2)).replace(second=0, microsecond=0)
        browser.click("#do-report")
        browser.sees("此服务尚不能收照片")
        browser.one("#answer").type("已抽排完毕，路面恢复通行")
        browser.click("#send")
        assert desk.reaches(order_id, OrderState.REPORTED).report == "已抽排完毕，路面恢复通行"
        browser.sees("申请延期 水利操作员")
        browser.sees("反馈 水利操作员")
