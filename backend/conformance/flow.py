"""The stream: beats, numbers without a gap, resume, resync, scope, pokes of layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import httpx
from httpx_sse import EventSource, ServerSentEvent

from backend.conformance import things
from backend.conformance.site import LAYER, Check, Seat, Site, need
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.change import Beat, Change, LayerMoved, Page, Resync

BEAT_S: Final = 2.0
_SILENT_S: Final = 5.0
_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One open stream."""

    events: Iterator[ServerSentEvent]
    clock_s: Callable[[], float]

    def until(
        self, fits: Callable[[ServerSentEvent], bool], limit_s: float
    ) -> list[ServerSentEvent]:
        """Give everything up to the first event that fits, or up to the time's end."""
        seen: list[ServerSentEvent] = []
        end_s = self.clock_s() + limit_s
        for one in self.events:
            seen.append(one)
            if fits(one) or self.clock_s() > end_s or len(seen) >= _MOST:
                break
        return seen


@contextmanager
def opened(site: Site, seat: Seat, last_id: str = "") -> Iterator[Line]:
    """Open the stream as a reader; a service silent for five seconds ends it."""
    headers = {**seat.headers, "Accept": "text/event-stream"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    timeout = httpx.Timeout(_SILENT_S)
    with site.http.stream("GET", paths.STREAM, headers=headers, timeout=timeout) as reply:
        need(
            reply.status_code == 200,
            Text(f"变更流应答 {reply.status_code}。", f"The stream answers {reply.status_code}."),
        )
        yield Line(_quiet(EventSource(reply).iter_sse()), site.clock.steady_s)


def _quiet(events: Iterator[ServerSentEvent]) -> Iterator[ServerSentEvent]:
    """End where the service falls silent or hangs up: what came is judged."""
    try:
        yield from events
    except httpx.HTTPError:
        return


def beats(site: Site) -> None:
    """Listen for three beats: none more than two seconds after the one before."""
    with opened(site, site.desk()) as line:
        told: list[float] = [site.clock.steady_s()]
        for _ in range(3):
            seen = line.until(lambda one: one.event == "beat", BEAT_S + 1)
            need(
                bool(seen) and seen[-1].event == "beat",
                Text("没有心跳。", "There is no beat."),
            )
            Beat.model_validate_json(seen[-1].data)
            told.append(site.clock.steady_s())
    longest = max(b - a for a, b in pairwise(told))
    need(
        longest <= BEAT_S,
        Text(f"心跳间隔 {longest:.1f} 秒。", f"A beat came after {longest:.1f} s."),
    )


def numbers(site: Site) -> None:
    """Change three events while listening: each change comes once, numbered without a gap."""
    changes, ids = _three(site)
    need(
        set(ids) <= {change.item_id for change in changes},
        Text("有变更未到达。", "A change did not come."),
    )
    found = [change.n for change in changes]
    wanted = list(range(found[0], found[0] + len(found)))
    need(
        found == wanted,
        Text(f"变更号不连续:{found[:12]}", f"Numbers have a gap or repeat: {found[:12]}"),
    )


def resume(site: Site) -> None:
    """Come again with the number of the first change: the rest comes as it was, nothing twice."""
    changes, _ = _three(site)
    page = _page(site)
    first, last = changes[0], changes[-1]
    with opened(site, site.desk(), f"{page.epoch}:{first.n}") as line:
        seen = line.until(lambda one: _n(one) >= last.n, BEAT_S * 2)
    again = [change for change in _changes(seen) if change.n <= last.n]
    need(
        [change.n for change in again] == [change.n for change in changes[1:]],
        Text("续传缺失、重复或乱序。", "A resume lacks, repeats or disorders numbers."),
    )
    need(
        [change.item_id for change in again] == [change.item_id for change in changes[1:]],
        Text("续传的内容与首次不同。", "A resume brings other changes than the first time."),
    )


def unknown_epoch(site: Site) -> None:
    """Come with a number of another history, or of the future: a resync with ours."""
    page = _page(site)
    for last_id in ("another-epoch:1", f"{page.epoch}:{page.n + 1_000_000}"):
        with opened(site, site.desk(), last_id) as line:
            seen = line.until(lambda one: one.event in ("resync", "change"), BEAT_S)
        need(
            bool(seen) and seen[-1].event == "resync",
            Text(f"对 {last_id} 没有要求重取快照。", f"There is no resync for {last_id}."),
        )
        told = Resync.model_validate_json(seen[-1].data)
        need(told.epoch == page.epoch, Text("纪元与分页不同。", "Its epoch is not the pages'."))


def scope(site: Site) -> None:
    """Listen as a county while another's event and one's own are registered."""
    county = site.county()
    own = next(iter(county.person.regions))
    foreign = things.OTHER if own != things.OTHER else things.REGION
    with opened(site, county) as line:
        line.until(lambda one: one.event == "beat", BEAT_S)
        hidden = things.take_in(site, "flow-foreign", foreign)
        shown = things.take_in(site, "flow-own", own)
        seen = line.until(lambda one: _item_id(one) == shown.item_id, BEAT_S * 2)
    ids = {change.item_id for change in _changes(seen)}
    need(shown.item_id in ids, Text("本县事件未到达。", "One's own event did not come."))
    need(
        hidden.item_id not in ids and hidden.item_id not in "".join(one.data for one in seen),
        Text("外县事件到达了。", "Another county's event came."),
    )


def pokes(site: Site) -> None:
    """Change a layer while listening: its new version is told."""
    with opened(site, site.desk()) as line:
        line.until(lambda one: one.event == "beat", BEAT_S)
        made = things.put(site, [things.row(site, "poke", value=1.0)])
        seen = line.until(lambda one: _moved(one, made.version), BEAT_S * 2)
    need(
        bool(seen) and _moved(seen[-1], made.version),
        Text("图层变动未通知。", "A layer's change was not told."),
    )


def _three(site: Site) -> tuple[Sequence[Change], list[str]]:
    """Register three events while listening; give the changes heard and the events' ids."""
    with opened(site, site.desk()) as line:
        line.until(lambda one: one.event == "beat", BEAT_S)
        run = site.clock.steady_s()
        heads = [things.take_in(site, f"flow-{run:.3f}-{one}") for one in range(3)]
        seen = line.until(lambda one: _n(one) >= heads[-1].n, BEAT_S * 2)
    changes = _changes(seen)
    need(bool(changes), Text("没有变更到达。", "No change came."))
    return changes, [head.item_id for head in heads]


def _changes(seen: Sequence[ServerSentEvent]) -> list[Change]:
    found = [one for one in seen if one.event == "change"]
    changes = [Change.model_validate_json(one.data) for one in found]
    for one, change in zip(found, changes, strict=True):
        need(
            one.id.rpartition(":")[2] == str(change.n),
            Text("事件标识与变更号不符。", "An event's id is not its number."),
        )
    return changes


def _page(site: Site) -> Page:
    return site.ok(site.call("GET", paths.ITEMS.format(kind="event"), site.desk()), Page)


def _n(one: ServerSentEvent) -> int:
    return int(json.loads(one.data)["n"]) if one.event == "change" else -1


def _item_id(one: ServerSentEvent) -> str:
    return str(json.loads(one.data)["item_id"]) if one.event == "change" else ""


def _moved(one: ServerSentEvent, version: int) -> bool:
    if one.event != "layer":
        return False
    told = LayerMoved.model_validate_json(one.data)
    return told.layer == LAYER and told.version >= version


CHECKS: Final = (
    Check("flow.beat", Text("心跳不超过 2 秒", "beats at most 2 s apart"), beats),
    Check("flow.numbers", Text("变更号连续", "numbers without a gap"), numbers),
    Check("flow.resume", Text("断点续传", "goes on from a number"), resume),
    Check("flow.resync", Text("未知纪元要求重取", "an unknown epoch is resynced"), unknown_epoch),
    Check("flow.scope", Text("流中只有范围内的变更", "the stream keeps to the scope"), scope),
    Check("flow.layer", Text("图层变动有通知", "a layer's change is told"), pokes),
)
