"""Feeds and search: registration, health, a wrong unit, a dead feed; words that are found."""

from __future__ import annotations

from typing import Final

from backend.conformance import things
from backend.conformance.site import LAYER, Check, Site, need
from backend_client.contract import paths
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from backend_client.contract.change import Page
from backend_client.contract.feeds import Feed, FeedFault, FeedIn, FeedList, FeedState, Registered
from backend_client.contract.search import Hits

_VALUES: Final = (2.5, 2.6, 2.7, 2.8, 2.9, 3.1)
_TOLD_S: Final = 5.0


def _registered(site: Site, name: str, period_s: float) -> str:
    feed_id = f"{site.tag}-{name}"
    body = FeedList(feeds={feed_id: _given(period_s)})
    made = site.ok(site.call("PUT", paths.FEEDS, site.feed(), body=body), Registered)
    site.undo(lambda: _strike(site, feed_id))
    need(made.added == 1, Text("数据源未登记。", "The feed was not registered."))
    return feed_id


def _given(period_s: float) -> FeedIn:
    return FeedIn(
        title=Text("符合性检查", "Conformance check"),
        layer=LAYER,
        region=things.REGION,
        department="D41",
        period_s=period_s,
        contact="检查 check",
        phone="0000",
    )


def _strike(site: Site, feed_id: str) -> None:
    body = FeedList(remove=(feed_id,))
    site.expect(site.call("PUT", paths.FEEDS, site.feed(), body=body), 200)


def _feed(site: Site, feed_id: str) -> Feed:
    path = paths.ITEM.format(kind="feed", item_id=feed_id)
    return site.ok(site.call("GET", path, site.desk()), Feed)


def registration(site: Site) -> None:
    """Register a feed twice, as nobody who may not, and strike it off."""
    feed_id = _registered(site, "reg", 600.0)
    body = FeedList(feeds={feed_id: _given(600.0)})
    again = site.ok(site.call("PUT", paths.FEEDS, site.feed(), body=body), Registered)
    need(
        (again.added, again.changed) == (0, 0),
        Text("重复登记有变更。", "The same registration again changed something."),
    )
    need(
        _feed(site, feed_id).state is FeedState.WAITING,
        Text("未到数据的数据源应为等待。", "A feed nothing came from is not waiting."),
    )
    site.refused(site.call("PUT", paths.FEEDS, site.desk(), body=body), 403)
    _strike(site, feed_id)
    path = paths.ITEM.format(kind="feed", item_id=feed_id)
    site.refused(site.call("GET", path, site.desk()), 404)


def counts(site: Site) -> None:
    """Bring a batch: the feed lives and counts it."""
    feed_id = _registered(site, "count", 600.0)
    things.put(site, [things.row(site, f"c{one}") for one in range(3)], feed=feed_id)
    heard = site.until(lambda: _alive(site, feed_id), _TOLD_S)
    need(
        heard is not None and heard.accepted == 3,
        Text("数据源未计数。", "The feed does not count what it brought."),
    )


def wrong_unit(site: Site) -> None:
    """Bring values a hundred times the last ones: refused with a reason, until right again."""
    feed_id = _registered(site, "unit", 600.0)

    def bring(factor: float) -> int:
        rows = [
            things.row(site, f"u{at}", value=value * factor) for at, value in enumerate(_VALUES)
        ]
        return things.put(site, rows, feed=feed_id).accepted

    need(bring(1.0) == len(_VALUES), Text("正常值被拒收。", "Normal values are refused."))
    need(bring(100.0) == 0, Text("单位改变的值被接收。", "Values in another unit are taken."))
    told = site.until(lambda: _feed(site, feed_id).fault is FeedFault.UNIT, _TOLD_S)
    need(told, Text("未报单位故障。", "The unit fault is not told."))
    need(bring(1.0) == len(_VALUES), Text("恢复后仍拒收。", "Right values are still refused."))


def dead(site: Site) -> None:
    """Let a feed of one second fall silent: dead with one alarm, which returns with its voice."""
    feed_id = _registered(site, "dead", 1.0)
    things.put(site, [things.row(site, "silent")], feed=feed_id)
    need(
        site.until(lambda: _alive(site, feed_id), _TOLD_S) is not None,
        Text("数据源未转为在线。", "The feed does not come alive."),
    )
    state = site.until(lambda: _feed(site, feed_id).state is FeedState.DEAD, 10.0)
    need(state, Text("沉默三个周期未报中断。", "Silent for three periods, it is not dead."))
    found = [one for one in _alarms(site) if one.source_id == feed_id]
    need(
        len(found) == 1 and found[0].state is AlarmState.NEW and "0000" in found[0].action.zh,
        Text("没有一条要求致电的告警。", "There is not one alarm that asks for a call."),
    )
    things.put(site, [things.row(site, "silent")], feed=feed_id)
    path = paths.ITEM.format(kind="alarm", item_id=found[0].item_id)

    def returned() -> bool:
        alarm = site.ok(site.call("GET", path, site.desk()), Alarm)
        return alarm.state is AlarmState.RETURNED

    need(site.until(returned, _TOLD_S), Text("恢复后告警未返回。", "The alarm does not return."))
    _strike(site, feed_id)
    seen = site.ok(site.call("GET", path, site.desk()), Alarm)
    done = paths.ALARM_VERB.format(item_id=seen.item_id, verb="acknowledge")
    site.expect(site.call("POST", done, site.desk(), body={"version": seen.version}), 200)
    site.left.append(Text(f"已关闭的告警 {seen.item_id}", f"closed alarm {seen.item_id}"))


def search(site: Site) -> None:
    """Look for what was just put in: name, plate in any spelling, number, one character on."""
    plate = f"苏F·{site.tag[-5:].upper()}挂"
    rows = [
        things.row(site, "q1", name="鲎试河闸", properties={"plate": plate}),
        things.row(site, "q2", name="鲎试河闸二号", region=things.OTHER),
    ]
    things.put(site, rows)
    head = things.take_in(site, "search")
    bare = plate.replace("·", "")
    for words, least in (
        ("鲎", 2),
        ("鲎试", 2),
        ("试河闸二", 1),
        (plate, 1),
        (bare.lower(), 1),
        (bare.replace("苏F", "苏Ｆ "), 1),
        (f"{site.tag}-q1", 1),
    ):
        found = site.until(lambda w=words: _ours(site, w), _TOLD_S)  # type: ignore[misc]
        need(
            len(found) >= least,
            Text(f"搜索“{words}”未找到。", f"{words!r} is not found."),
        )
    event = site.until(
        lambda: [h for h in _hits(site, f"{site.tag}-search").hits if h.item_id == head.item_id],
        5.0,
    )
    need(bool(event), Text("事件按编号未找到。", "An event is not found by its number."))
    first = _ours(site, "鲎试河闸")
    need(first[0] == "鲎试河闸", Text("全名不在最前。", "The whole name does not come first."))
    county = site.county()
    own = tuple(county.person.regions)
    reply = site.call("GET", paths.SEARCH, county, query={"q": "鲎试河闸"})
    regions = {hit.region for hit in site.ok(reply, Hits).hits if hit.layer == LAYER}
    need(
        all(region.startswith(own) for region in regions),
        Text("搜索到范围外的对象。", "Search finds objects outside the scope."),
    )
    site.refused(site.call("GET", paths.SEARCH, site.desk(), query={"q": "·"}), 422)
    site.refused(site.call("GET", paths.SEARCH, site.feed(), query={"q": "鲎"}), 403)


def _ours(site: Site, words: str) -> list[str]:
    return [hit.name for hit in _hits(site, words).hits if hit.layer == LAYER]


def _hits(site: Site, words: str) -> Hits:
    return site.ok(site.call("GET", paths.SEARCH, site.desk(), query={"q": words}), Hits)


def _alive(site: Site, feed_id: str) -> Feed | None:
    feed = _feed(site, feed_id)
    return feed if feed.state is FeedState.LIVE else None


def _alarms(site: Site) -> list[Alarm]:
    found: list[Alarm] = []
    after = ""
    while True:
        query: dict[str, str | int | float | list[str]] = {"limit": 1000, "after": after}
        reply = site.call("GET", paths.ITEMS.format(kind="alarm"), site.desk(), query=query)
        page = site.ok(reply, Page)
        found += [item for item in page.items if isinstance(item, Alarm)]
        if page.next is None:
            return found
        after = page.next


CHECKS: Final = (
    Check("feeds.register", Text("数据源登记", "feeds are registered"), registration),
    Check("feeds.count", Text("数据源计数", "a feed's batches are counted"), counts),
    Check("feeds.unit", Text("单位改变被拒收", "another unit is refused"), wrong_unit),
    Check("feeds.dead", Text("中断报一条告警", "a dead feed is one alarm"), dead),
    Check("search.find", Text("搜索名称、车牌、编号", "search by name, plate, number"), search),
)
