"""Work items: one intake one event, versions, pages, scope; and the drawings of the map."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from backend.conformance import things
from backend.conformance.site import Check, Site, need
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.change import KINDS, Page
from backend_client.contract.drawings import DrawingIn, Drawn
from backend_client.contract.events import Decide, Dispatch, EventState, Touch
from backend_client.contract.item import Head
from backend_client.contract.orders import Order
from backend_client.contract.timeline import Timeline


def intake_once(site: Site) -> None:
    """Hand the same intake in twice: one event, 201 and then 200."""
    head = things.take_in(site, "once")
    again = site.call("POST", paths.EVENTS, site.feed(), body=things.intake(site, "once"))
    second = site.ok(again, Head, 200)
    need(
        second.item_id == head.item_id,
        Text("同一 intake_id 产生了两个事件。", "One intake_id made two events."),
    )


def line(site: Site) -> None:
    """Take an event from intake to answer; a version seen too early is refused with the holder."""
    desk = site.desk()
    head = things.take_in(site, "line")
    accepted = things.verb(site, head.item_id, "accept", Touch(version=head.version))
    need(
        accepted.version == head.version + 1 and accepted.n > head.n,
        Text("版本或变更号未前进。", "Version or change number did not move on."),
    )
    stale = site.call(
        "POST",
        paths.EVENT_VERB.format(item_id=head.item_id, verb="locate"),
        desk,
        body={"version": head.version, "lon": 120.9, "lat": 32.0},
    )
    problem = site.refused(stale, 409, code="stale_version")
    need(bool(problem.holder), Text("冲突未说明是谁。", "A conflict does not say who."))
    due_at = site.clock.now() + timedelta(hours=4)
    order_to = Dispatch(version=accepted.version, department="D41", due_at=due_at, note="检查")
    things.verb(site, head.item_id, "dispatch", order_to)
    sent = things.event(site, desk, head.item_id)
    need(
        sent.state is EventState.DISPATCHED and sent.order_id is not None,
        Text("派单后没有工单。", "There is no order after dispatch."),
    )
    path = paths.ITEM.format(kind="order", item_id=sent.order_id)
    order = site.ok(site.call("GET", path, desk), Order)
    for verb, extra in (("sign", {}), ("report", {"answer": "已检查 checked"})):
        body = {"version": order.version, **extra}
        step = paths.ORDER_VERB.format(item_id=order.item_id, verb=verb)
        site.ok(site.call("POST", step, desk, body=body), Head)
        order = site.ok(site.call("GET", path, desk), Order)
    site.left.append(Text(f"已办的工单 {order.item_id}", f"finished order {order.item_id}"))


def side_paths(site: Site) -> None:
    """Send an order back and decide it: the deadline stays, and every step tells who and why."""
    desk = site.desk()
    head = things.take_in(site, "paths")
    head = things.verb(site, head.item_id, "accept", Touch(version=head.version))
    due_at = site.clock.now() + timedelta(hours=4)
    sent = Dispatch(version=head.version, department="D41", due_at=due_at)
    things.verb(site, head.item_id, "dispatch", sent)
    event = things.event(site, desk, head.item_id)
    why = {"version": 1, "reason": "不归我们管 not ours"}
    step = paths.ORDER_VERB.format(item_id=event.order_id, verb="return")
    site.ok(site.call("POST", step, desk, body=why), Head)
    event = things.event(site, desk, head.item_id)
    need(
        event.state is EventState.RETURNED,
        Text("退单后事件未待审定。", "After a return the event does not wait for a decision."),
    )
    decide = Decide(version=event.version, granted=True, reason="属实 true")
    things.verb(site, head.item_id, "decide", decide)
    event = things.event(site, desk, head.item_id)
    need(
        event.state is EventState.ACCEPTED and event.due_at is not None,
        Text("审定后状态或期限不对。", "State or deadline is wrong after the decision."),
    )
    reply = site.call("GET", paths.EVENT_STEPS.format(item_id=head.item_id), desk)
    told = {step.action: step for step in site.ok(reply, Timeline).steps}
    need(
        "order.return" in told and told["order.return"].reason == why["reason"],
        Text("步骤中没有退单或其理由。", "The steps lack the return or its reason."),
    )


def unknown_items(site: Site) -> None:
    """Ask for items there are not."""
    desk, none = site.desk(), f"{site.tag}-none"
    for kind in KINDS:
        site.refused(site.call("GET", paths.ITEM.format(kind=kind, item_id=none), desk), 404)
    path = paths.EVENT_VERB.format(item_id=none, verb="accept")
    site.refused(site.call("POST", path, desk, body={"version": 1}), 404)


def pages(site: Site) -> None:
    """Read items in pages of one: each once, in order, of one epoch, and every kind has pages."""
    for name in ("page-1", "page-2"):
        things.take_in(site, name)
    seen: list[str] = []
    after, epochs = "", set()
    for _ in range(5):
        query: dict[str, str | int | float | list[str]] = {"limit": 1, "after": after}
        path = paths.ITEMS.format(kind="event")
        page = site.ok(site.call("GET", path, site.desk(), query=query), Page)
        seen += [item.item_id for item in page.items]
        epochs.add(page.epoch)
        if page.next is None:
            break
        after = page.next
    need(
        len(seen) >= 2 and seen == sorted(set(seen)) and len(epochs) == 1,
        Text("分页重复、乱序或换了纪元。", "Pages repeat, are out of order or change epoch."),
    )
    for kind in KINDS:
        site.ok(site.call("GET", paths.ITEMS.format(kind=kind), site.desk()), Page)


def scope(site: Site) -> None:
    """Let a county look at another's event: it is not there, in no list and at no door."""
    county = site.county()
    own = next(iter(county.person.regions))
    foreign = things.OTHER if own != things.OTHER else things.REGION
    hidden = things.take_in(site, "scope-foreign", foreign)
    shown = things.take_in(site, "scope-own", own)
    path = paths.ITEM.format(kind="event", item_id=hidden.item_id)
    site.refused(site.call("GET", path, county), 404)
    step = paths.EVENT_VERB.format(item_id=hidden.item_id, verb="accept")
    site.refused(site.call("POST", step, county, body={"version": 1}), 404)
    things.event(site, county, shown.item_id)
    query: dict[str, str | int | float | list[str]] = {"limit": 1000}
    reply = site.call("GET", paths.ITEMS.format(kind="event"), county, query=query)
    regions = {item.region for item in site.ok(reply, Page).items}
    need(
        all(region.startswith(tuple(county.person.regions)) for region in regions),
        Text("列表中有范围以外的事件。", "A list holds events outside the reader's scope."),
    )


def drawings(site: Site) -> None:
    """Put a drawing twice and take it off."""
    made = DrawingIn(
        drawing_id=f"{site.tag}-mark",
        title=things.TITLE,
        kind="mark",
        region=things.REGION,
        lon=120.86,
        lat=32.01,
        until_at=site.clock.now() + timedelta(minutes=10),
    )
    path = paths.DRAWING.format(drawing_id=made.drawing_id)
    first = site.ok(site.call("PUT", paths.DRAWINGS, site.desk(), body=made), Drawn)
    site.undo(lambda: site.expect(site.call("DELETE", path, site.desk()), 204, 404))
    second = site.ok(site.call("PUT", paths.DRAWINGS, site.desk(), body=made), Drawn)
    need(first == second, Text("同一标绘有两个编号。", "One drawing has two numbers."))
    site.expect(site.call("DELETE", path, site.desk()), 204)


CHECKS: Final = (
    Check("work.once", Text("同一事件只登记一次", "an intake makes one event"), intake_once),
    Check(
        "work.line",
        Text("登记到办结,旧版本冲突", "from intake to answer, stale versions refused"),
        line,
    ),
    Check(
        "work.paths",
        Text("退单、审定与步骤", "an order sent back, decided, and the steps"),
        side_paths,
    ),
    Check("work.unknown", Text("没有的事项为 404", "unknown items are 404"), unknown_items),
    Check("work.pages", Text("分页完整有序", "pages are whole and in order"), pages),
    Check(
        "work.scope", Text("范围外的事件看不见", "events outside one's scope are not there"), scope
    ),
    Check("work.drawings", Text("标绘可重复、可撤下", "drawings repeat and come off"), drawings),
)
