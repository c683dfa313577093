"""What the checks put into a service, marked as theirs and taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.conformance.site import DEPARTMENT, LAYER, Seat, Site, WrongError
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.columns import (
    BadBlockError,
    FeatureBlock,
    FixBlock,
    decode_features,
    decode_fixes,
)
from backend_client.contract.events import Channel, Close, Event, Intake
from backend_client.contract.feature import Feature, FeatureIn, Upsert, Upserted
from backend_client.contract.item import Head

REGION = "320613"
OTHER = "320623"
TITLE = "符合性检查 conformance check"


def row(site: Site, name: str, /, **changed: object) -> FeatureIn:
    """Describe an object of the checks' own layer."""
    given: dict[str, object] = {
        "id": f"{site.tag}-{name}",
        "kind": "check",
        "name": f"符合性检查 {name}",
        "lon": 120.86,
        "lat": 32.01,
        "region": REGION,
        "department": DEPARTMENT,
        "observed_at": site.clock.now(),
        **changed,
    }
    return FeatureIn.model_validate(given)


def put(
    site: Site, rows: Sequence[FeatureIn], remove: Sequence[str] = (), feed: str = ""
) -> Upserted:
    """Put objects as the feed; they are taken out at the end."""
    body = Upsert(features=tuple(rows), remove=tuple(remove), feed=feed)
    reply = site.call("PUT", paths.FEATURES.format(layer=LAYER), site.feed(), body=body)
    made = site.ok(reply, Upserted)
    names = tuple(one.id for one in rows)
    if names:
        site.has_layer = True
        site.undo(lambda: take_out(site, names))
    return made


def take_out(site: Site, names: tuple[str, ...]) -> None:
    """Take objects out of the checks' layer."""
    body = Upsert(remove=names)
    site.expect(site.call("PUT", paths.FEATURES.format(layer=LAYER), site.feed(), body=body), 200)


def block(site: Site, seat: Seat, since: int = 0) -> FeatureBlock | None:
    """Read the checks' layer as a reader, None when they lack nothing."""
    reply = site.call("GET", paths.BLOCK.format(layer=LAYER), seat, query={"since": since})
    if site.expect(reply, 200, 204).status_code == 204:
        return None
    try:
        return decode_features(reply.content)
    except BadBlockError as error:
        raise WrongError(
            Text(f"图层块无法读取:{error}", f"The block cannot be read: {error}")
        ) from error


def whole(site: Site, seat: Seat) -> FeatureBlock:
    """Read the checks' layer whole."""
    made = block(site, seat)
    if made is None or made.base != 0:
        raise WrongError(Text("since=0 未给出整个图层。", "since=0 does not give the whole layer."))
    return made


def feature(site: Site, seat: Seat, oid: int) -> Feature:
    """Read one object."""
    return site.ok(site.call("GET", paths.FEATURE.format(layer=LAYER, oid=oid), seat), Feature)


def oid_of(site: Site, seat: Seat, name: str) -> int:
    """Find one of the run's objects by its own id, among the newest of the layer."""
    for oid in reversed(whole(site, seat).oid.tolist()[-200:]):
        if feature(site, seat, oid).id == f"{site.tag}-{name}":
            return int(oid)
    raise WrongError(
        Text(f"送入的对象 {name} 不在图层块中。", f"Object {name} is not in the block.")
    )


def fixes(site: Site, since: int, wait_s: float = 0.0) -> FixBlock:
    """Read what moved as the desk."""
    query: dict[str, str | int | float | list[str]] = {
        "since": since,
        "wait_s": wait_s,
        "layer": LAYER,
    }
    reply = site.expect(site.call("GET", paths.POSITIONS, site.desk(), query=query), 200)
    try:
        return decode_fixes(reply.content)
    except BadBlockError as error:
        raise WrongError(
            Text(f"位置块无法读取:{error}", f"The fixes cannot be read: {error}")
        ) from error


def intake(
    site: Site, name: str, region: str = REGION, reported_at: datetime | None = None
) -> Intake:
    """Describe an event; the same name again is the same event."""
    return Intake(
        intake_id=f"{site.tag}-{name}",
        channel=Channel.DEPARTMENT,
        title=f"{TITLE} {name}",
        text="由符合性检查登记,将由检查办结。Registered and closed by the conformance check.",
        place="检查",
        lon=120.86,
        lat=32.01,
        region=region,
        reported_at=reported_at or site.clock.now(),
    )


def take_in(site: Site, name: str, region: str = REGION) -> Head:
    """Register an event as the feed; it is closed at the end."""
    reply = site.call("POST", paths.EVENTS, site.feed(), body=intake(site, name, region))
    head = site.ok(reply, Head, 201)
    site.undo(lambda: close(site, head.item_id))
    return head


def event(site: Site, seat: Seat, item_id: str) -> Event:
    """Read one event."""
    path = paths.ITEM.format(kind="event", item_id=item_id)
    return site.ok(site.call("GET", path, seat), Event)


def verb(site: Site, item_id: str, word: str, body: object, seat: Seat | None = None) -> Head:
    """Take a step with an event as the desk."""
    path = paths.EVENT_VERB.format(item_id=item_id, verb=word)
    return site.ok(site.call("POST", path, seat or site.desk(), body=body), Head)


def close(site: Site, item_id: str) -> None:
    """Close an event that is still open."""
    present = event(site, site.desk(), item_id)
    if "accept" in present.allowed:
        verb(site, item_id, "accept", {"version": present.version})
        present = event(site, site.desk(), item_id)
    if "close" in present.allowed:
        answer = Close(version=present.version, answer="符合性检查结束 conformance check done")
        verb(site, item_id, "close", answer)
    if event(site, site.desk(), item_id).state != "closed":
        site.left.append(Text(f"事件 {item_id} 未办结", f"event {item_id} is not closed"))
    else:
        site.left.append(Text(f"已办结的事件 {item_id}", f"closed event {item_id}"))
