"""The departments' page in a real browser against a real service: every step, both languages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image

from backend_client.client import Client
from backend_client.contract.events import (
    Channel,
    Dispatch,
    Event,
    Intake,
    Reasoned,
    Touch,
)
from backend_client.contract.orders import Extend, Order, OrderState
from tests.end2end.browser import DESKTOP, ENTER, PHONE, Browser, chromium, missing, window
from tests.end2end.stack import Service, wait_for

pytestmark = [
    pytest.mark.end2end,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
UNIT = "operator_water"
_NUMBERS = itertools.count(1)


@dataclass(slots=True)
class Desk:
    """The centre's side: events come in and go out to the water bureau."""

    service: Service
    feed: Client
    dispatcher: Client
    sent: list[str] = field(default_factory=list)

    def send(self, title: str, *, level: int = 3, due_at: datetime | None = None) -> str:
        """Take an event in and send it out; give its order's id."""
        event_id = self.feed.intake(
            Intake(
                intake_id=f"web-{next(_NUMBERS)}",
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
        self.sent.append(event_id)
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
def desk(service: Service) -> Iterator[Desk]:
    """Give the centre's side; the unit's page is empty again for the next test."""
    made = Desk(service, service.client("feed"), service.client("dispatcher"))
    yield made
    clerk = service.client("dispatcher")  # the service may have been killed meanwhile
    for event_id in made.sent:
        version = clerk.item("event", event_id).version
        clerk.casework.withdraw(event_id, Reasoned(version=version, reason="演练结束"))


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Give one driver; each window it opens is a browser of its own."""
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
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


def cut_stream(browser: Browser) -> None:
    """Keep the page from hearing of changes, as a bad connection does."""
    for command, told in (("enable", {}), ("setBlockedURLs", {"urls": ["*/v1/stream"]})):
        browser.post("/goog/cdp/execute", {"cmd": f"Network.{command}", "params": told})


def step(browser: Browser, order_id: str, verb: str) -> None:
    """Open an order from the list and a step's form on it."""
    browser.click(f"#row-{order_id}")
    browser.click(f"#do-{verb}")
    browser.one(f"#form-{verb}")


def test_a_unit_signs_asks_for_time_and_reports_in_chinese(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    due_at = datetime.now(UTC) + timedelta(hours=5)
    order_id = desk.send("路面积水", due_at=due_at)
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
        browser.one("#answer").type("已抽排完毕，路面恢复通行")
        browser.click("#send")
        assert desk.reaches(order_id, OrderState.REPORTED).report == "已抽排完毕，路面恢复通行"
        browser.sees("申请延期 水利操作员")
        browser.sees("反馈 水利操作员")


def test_a_return_is_decided_in_english_and_the_units_window_follows(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("路面积水")
    with (
        page(driver, service, language="en-US") as unit,
        page(driver, service, "dispatcher", language="en-US") as centre,
    ):
        unit.sees("Nantong command centre")
        step(unit, order_id, "return")
        unit.click("#send")
        unit.sees("Give a reason of 2 to 200 characters")
        unit.one("#reason").type("The drains are municipal works")
        assert len(unit.all("#department option")) == 64  # 63 others and "cannot tell"
        unit.set("#department", "D24")
        unit.click("#send")
        returned = desk.reaches(order_id, OrderState.RETURNED).returned
        assert returned is not None
        assert returned.department == "D24"
        unit.sees("says it is for Municipal Works & Parks")
        centre.click("#tab-decide")
        step(centre, order_id, "decide")
        centre.sees("The drains are municipal works")
        centre.click("#granted-no")
        centre.one("#reason").type("The pumps are yours")
        centre.click("#send")
        assert desk.reaches(order_id, OrderState.SENT).is_final
        unit.sees("Decided finally; it cannot be sent back.")
        unit.one("#do-sign")
        assert not unit.all("#do-return")
        unit.sees("Return decided 市调度员 · No")
        told = unit.words()
        assert told.count("Sent back 水利操作员") == told.count("Return decided") == 1


def test_more_time_is_granted_from_the_decide_list(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("排水口堵塞")
    unit = service.client(UNIT)
    unit.sign_order(order_id, Touch(version=1))
    until_at = (desk.order(order_id).due_at + timedelta(days=3)).replace(microsecond=0)
    unit.casework.extend(order_id, Extend(version=2, reason="等待设备", until_at=until_at))
    with page(driver, service, "dispatcher") as browser:
        browser.click("#tab-decide")
        step(browser, order_id, "grant")
        browser.click("#send")
        browser.sees("选择同意或不同意")
        browser.click("#granted-yes")
        browser.one("#reason").type("设备确需调运")
        browser.click("#send")
        wait_for(lambda: desk.order(order_id).due_at == until_at, what="the deadline moved")
        browser.sees("已同意")
        browser.click("#tab-decide")
        browser.sees("没有待审的退单或延期")


def test_what_changed_is_shown_before_and_after_a_refusal(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("堤岸塌陷")
    urge = desk.dispatcher.casework.urge
    with page(driver, service) as browser:
        step(browser, order_id, "return")
        browser.one("#reason").type("属市政管网")
        urge(order_id, Reasoned(version=1, reason="居民再次来电"))
        browser.sees("打开之后工单有变")
        browser.sees("催办: 居民再次来电")
        assert not browser.one("#send").enabled
        browser.click("#looked")
        assert browser.one("#send").enabled
    with window(driver, DESKTOP, "zh-CN") as browser:
        browser.open("about:blank")
        cut_stream(browser)
        sign_in(browser, service)
        step(browser, order_id, "return")
        browser.one("#reason").type("属市政管网")
        urge(order_id, Reasoned(version=2, reason="已有人受困"))
        browser.click("#send")
        browser.sees("此项已被他人更新。")  # the service's own words
        browser.sees("催办: 已有人受困")
        assert desk.order(order_id).state is OrderState.SENT
        browser.click("#looked")
        assert browser.value("#reason") == "属市政管网"
        browser.click("#send")
        desk.reaches(order_id, OrderState.RETURNED)


def test_a_refused_value_is_told_in_the_services_words(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("泵站围栏破损")
    service.client(UNIT).sign_order(order_id, Touch(version=1))
    with page(driver, service) as browser:
        browser.click("#tab-hand")
        step(browser, order_id, "extend")
        browser.set("#until_at", f"{datetime.now(UTC).year + 2}-01-01T09:00")
        browser.one("#reason").type("长期工程")
        browser.click("#send")
        browser.sees("新期限应晚于原期限，且在半年之内。")
        assert browser.value("#reason") == "长期工程"
        assert desk.order(order_id).extension is None
        browser.log()  # the refusal itself is told there


def test_a_step_that_did_not_arrive_says_so_and_is_kept(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("河道漂浮物")
    with page(driver, service) as browser:
        step(browser, order_id, "return")
        browser.one("#reason").type("属市政管网")
        service.kill()
        browser.click("#send")
        browser.sees("没有收到回应")
        browser.sees("连接中断，内容截至")
        assert browser.value("#reason") == "属市政管网"
        browser.log()  # refused connections
        service.start()
        browser.log()
        wait_for(lambda: "连接中断" not in browser.words(), 30, "the link is back")
        browser.log()
        again = Desk(service, service.client("feed"), service.client("dispatcher"))
        assert again.order(order_id).state is OrderState.SENT  # nothing went out by itself
        browser.click("#send")
        again.reaches(order_id, OrderState.RETURNED)


def test_signing_in_says_what_is_wrong_and_a_reload_stays_signed_in(
    driver: httpx.Client, service: Service
) -> None:
    with window(driver, DESKTOP, "en-US") as browser:
        browser.open(f"{service.url.rstrip('/')}/web/")
        browser.click("button[type=submit]")
        browser.sees("Fill in the account")
        browser.one("#account").type("dispatcher")
        browser.one("#password").type("wrong")
        browser.click("button[type=submit]")
        browser.sees("Account, password or one-time code is wrong.")
        browser.click("#language")
        browser.sees("动态口令")
        browser.one("#account").type("dispatcher")
        browser.one("#password").type(service.account("dispatcher")["password"])
        browser.one("#totp").type("12")
        browser.click("button[type=submit]")
        browser.sees("动态口令是 6 位数字")
        browser.one("#totp").type(service.totp("dispatcher").now())
        browser.click("button[type=submit]")
        browser.one("#tab-decide")
        held = "return JSON.parse(sessionStorage.getItem('signed'))"
        before = browser.run(held)
        assert before["person"]["mfa"] is True
        late = "const s = JSON.parse(sessionStorage.signed); s.until = 0;"
        browser.run(f"{late} sessionStorage.signed = JSON.stringify(s)")
        browser.post("/refresh", {})
        browser.sees("截至")
        assert browser.run(held)["refresh"] != before["refresh"]
        assert browser.run("return Object.keys(localStorage).join()") == "language"
        browser.click("#sign-out")
        browser.one("#account")
        assert browser.run(held) is None
        browser.post("/refresh", {})
        browser.one("#account")


SMALL = """return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility()
    && !e.closest(".unseen, .skip")
    && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
    && parseFloat(getComputedStyle(e).fontSize) < 16).map(e => e.outerHTML)"""
NARROW = """return [...document.querySelectorAll("button, .tabs a, .row, input, select")]
    .filter(e => e.checkVisibility() && e.type !== "radio"
    && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
UNNAMED = """return [...document.querySelectorAll("input, select, textarea, button, a")]
    .filter(e => e.checkVisibility() && !(e.labels && e.labels.length)
    && !e.textContent.trim() && !e.ariaLabel).map(e => e.outerHTML)"""


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_phone_shows_every_page_within_its_width(
    driver: httpx.Client, service: Service, desk: Desk, language: str
) -> None:
    order_id = desk.send("闸门启闭异响" + "，周边居民夜间无法休息" * 5 + "no-break" * 8)
    late = datetime.now(UTC) + timedelta(seconds=2)
    desk.send("超时的工单", due_at=late)
    signed = desk.send("在办的工单")
    service.client(UNIT).sign_order(signed, Touch(version=1))
    desk.dispatcher.casework.urge(order_id, Reasoned(version=1, reason="居民再次来电"))
    with window(driver, PHONE, language, phone=True) as browser:

        def fits(what: str) -> None:
            assert browser.run("return window.innerWidth") == PHONE[0], what
            assert browser.overflow_px() <= 0, what
            for script in (SMALL, NARROW, UNNAMED):
                assert browser.run(script) == [], what

        browser.open(f"{service.url.rstrip('/')}/web/")
        browser.one("#account")
        fits("sign-in")
        sign_in(browser, service)
        browser.one(".left.lit .shape.octagon")
        assert not browser.run("return document.querySelector('#page').checkVisibility()")
        fits("list")
        for verb in ("sign", "return"):
            step(browser, order_id, verb)
            fits(verb)
            browser.click("#cancel")
            browser.click("#back")
        browser.click("#tab-hand")
        for verb in ("extend", "report"):
            step(browser, signed, verb)
            browser.one("#until_at, #answer")
            fits(verb)
            browser.click("#cancel")
            browser.click("#back")
        assert_clean(browser)


def test_the_keyboard_alone_signs_an_order(
    driver: httpx.Client, service: Service, desk: Desk
) -> None:
    order_id = desk.send("路面积水")
    with page(driver, service) as browser:
        browser.one(f"#row-{order_id}")
        for wanted in (f"row-{order_id}", "do-sign", "send"):
            browser.tab_to(wanted)
            browser.press(ENTER)
            if wanted != "send":
                browser.one("#do-sign, #send")
        desk.reaches(order_id, OrderState.SIGNED)
        wait_for(lambda: "已送达：签收" in browser.said() or "已签收" in browser.said(), 10, "said")


def test_photos_go_with_a_report_or_the_page_says_they_cannot(
    driver: httpx.Client, service: Service, desk: Desk, tmp_path: Path
) -> None:
    order_id = desk.send("井盖缺失")
    service.client(UNIT).sign_order(order_id, Touch(version=1))
    doors = httpx.get(f"{service.url.rstrip('/')}/v1/openapi.json").json()["paths"]
    photo = tmp_path / "现场 1.png"
    Image.new("RGB", (320, 240), "#808080").save(photo)
    with page(driver, service) as browser:
        browser.click("#tab-hand")
        step(browser, order_id, "report")
        browser.one("#answer").type("已更换井盖")
        if "/v1/attachments" not in doors:
            browser.sees("此服务尚不能收照片")
            assert not browser.all("#photos")
        else:
            browser.one("#photos").choose(photo)
            browser.sees(photo.name)
        browser.click("#send")
        reported = desk.reaches(order_id, OrderState.REPORTED)
        assert len(reported.proof) == int("/v1/attachments" in doors)
        if reported.proof:
            browser.sees("附件 1")
