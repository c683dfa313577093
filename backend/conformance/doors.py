"""Doors: who may come in, what is refused and how, what a body must be."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Final

from backend.conformance import things
from backend.conformance.site import Check, Site, SkippedError, need
from backend_client.contract import paths
from backend_client.contract.auth import Person, Role, Tokens
from backend_client.contract.base import Text
from backend_client.contract.service import AuditPage, Health

VERSION: Final = "v1"
CLOCK_S: Final = 300.0
DOORS: Final[tuple[tuple[str, str], ...]] = (
    ("POST", paths.SIGN_OUT),
    ("GET", paths.ME),
    ("GET", paths.STREAM),
    ("GET", paths.ITEMS),
    ("GET", paths.ITEM),
    ("POST", paths.EVENTS),
    ("POST", "/v1/events/{item_id}/accept"),
    ("POST", "/v1/events/{item_id}/locate"),
    ("POST", "/v1/events/{item_id}/dispatch"),
    ("POST", "/v1/events/{item_id}/close"),
    *(
        ("POST", paths.EVENT_VERB.replace("{verb}", verb))
        for verb in (
            *("refuse", "withdraw", "supervise", "assist", "transfer", "decide", "call_back"),
            *("redo", "merge", "split", "classify"),
        )
    ),
    ("GET", paths.EVENT_STEPS),
    ("GET", paths.EVENT_READING),
    ("GET", paths.EVENT_SIMILAR),
    ("GET", paths.MATTERS),
    *(
        ("POST", paths.ORDER_VERB.replace("{verb}", verb))
        for verb in (*("sign", "report", "return", "extend", "grant", "suspend", "resume", "urge"),)
    ),
    ("POST", "/v1/matches/{item_id}/apart"),
    ("GET", paths.ANSWERS),
    ("POST", paths.ANSWERS_TOLD),
    ("GET", paths.MODELS),
    ("POST", "/v1/models/{name}/promote"),
    ("POST", "/v1/models/{name}/roll_back"),
    ("POST", paths.ATTACHMENTS),
    ("GET", paths.ATTACHMENT),
    ("GET", paths.REPAIRS),
    ("POST", paths.REPAIR_DONE),
    ("POST", paths.INSTRUCTIONS),
    ("POST", "/v1/instructions/{item_id}/sign"),
    ("POST", "/v1/alarms/{item_id}/acknowledge"),
    ("POST", "/v1/alarms/{item_id}/shelve"),
    ("POST", "/v1/alarms/{item_id}/withdraw"),
    ("POST", "/v1/alarms/{item_id}/restore"),
    ("POST", paths.ALARM_TOGETHER),
    ("PUT", paths.ALARM_CAUSES),
    ("PUT", paths.ALARM_SUPPRESSION),
    ("PUT", paths.ALARM_SOUND),
    ("GET", paths.ALARM_LOADS),
    ("GET", paths.SHIFT_LINES),
    ("POST", paths.SHIFT_LINES),
    ("GET", paths.SHIFT_OPEN),
    ("POST", paths.SHIFT_HANDOVER),
    ("GET", paths.SHIFT_PROOF),
    ("GET", paths.SHIFT_EXPORT),
    ("GET", paths.SHIFT_SEARCH),
    ("GET", paths.REQUESTS),
    ("GET", paths.INDICATORS),
    ("GET", paths.INDICATOR_SERIES),
    ("GET", paths.INDICATOR_REGIONS),
    ("GET", paths.INDICATOR_ROWS),
    ("GET", paths.UNITS),
    ("GET", paths.UNIT_ROWS),
    ("GET", paths.LAYERS),
    ("GET", paths.BLOCK),
    ("PUT", paths.FEATURES),
    ("PUT", paths.ROWS),
    ("GET", paths.FEATURE),
    ("GET", paths.SERIES),
    ("GET", paths.TRACK),
    ("POST", paths.POSITIONS),
    ("GET", paths.POSITIONS),
    ("POST", paths.POSITION_ROWS),
    ("GET", paths.REPLAY_POSITIONS),
    ("GET", paths.REPLAY_LAYER),
    ("PUT", paths.FEEDS),
    ("PUT", paths.DRAWINGS),
    ("DELETE", paths.DRAWING),
    ("GET", paths.SEARCH),
    ("POST", paths.WITHIN),
    ("POST", paths.WITHIN_EXPORT),
    ("GET", paths.DEVICES),
    ("GET", paths.DEVICE),
    ("POST", paths.DEVICE_COMMANDS),
    ("POST", paths.DEVICE_STOP),
    ("GET", paths.COMMAND),
    ("POST", paths.COMMAND_AUTHORISE),
    ("POST", paths.COMMAND_ABORT),
    ("GET", paths.AUDIT),
)
"""Every door that needs somebody signed in: a test compares it with the contract's paths."""
_NOWHERE: Final = {
    "kind": "event",
    "item_id": "conformance-none",
    "layer": "conformance_none",
    "oid": "4000000000",
    "device_id": "conformance-none",
    "command_id": "conformance-none",
    "drawing_id": "conformance-none",
    "page_id": "conformance-none",
    "attachment_id": "conformance-none",
    "repair_id": "conformance-none",
    "name": "conformance_none",
    "indicator": "conformance_none",
    "unit": "D99",
}
_FIELD: Final = ("bad_json", "too_deep", "duplicate_key", "not_finite", "bad_encoding")


def health(site: Site) -> None:
    """Ask who the service is."""
    said = site.ok(site.call("GET", paths.HEALTH), Health)
    need(
        said.version == VERSION,
        Text(f"版本 {said.version},应为 {VERSION}。", f"Version {said.version}, want {VERSION}."),
    )
    off_s = abs((said.at - site.clock.now()).total_seconds())
    need(
        off_s <= CLOCK_S,
        Text(f"时钟相差 {off_s:.0f} 秒。", f"Its clock is {off_s:.0f} s off ours."),
    )


def closed_without_token(site: Site) -> None:
    """Try every door without a token, with a wrong one, and an unknown path."""
    for method, path in (*DOORS, ("GET", "/v1/conformance-none")):
        url = path.format(**_NOWHERE)
        site.refused(site.call(method, url, body={} if method != "GET" else None), 401)
    wrong = {"Authorization": "Bearer not.a.token"}
    site.refused(site.call("GET", paths.ME, headers=wrong), 401)


def every_door_is_there(site: Site) -> None:
    """Try every door signed in: it refuses a body or a thing of nowhere, and never breaks."""
    desk = site.desk()
    for method, path in DOORS:
        if path in (paths.STREAM, paths.SIGN_OUT) or (method == "GET" and "{" not in path):
            continue
        url = path.format(**_NOWHERE)
        if method in ("POST", "PUT"):
            reply = site.call(method, url, desk, body=[])
            site.refused(reply, 400, 403, 404, 409, 412, 415, 422, 428)
            need(
                "not_allowed" not in reply.text and reply.status_code != 405,
                Text(f"没有入口 {method} {path}。", f"There is no door {method} {path}."),
            )
        elif path != paths.ITEMS:
            past = {"at": (site.clock.now() - timedelta(minutes=1)).isoformat()}
            query = past if path == paths.REPLAY_LAYER else {}
            site.refused(site.call(method, url, desk, query=query), 403, 404)
    for path in (paths.LAYERS, paths.DEVICES, paths.ITEMS.format(kind="event")):
        site.expect(site.call("GET", path, desk), 200)


def unknown_paths(site: Site) -> None:
    """Ask for a path and a method there is not."""
    site.refused(site.call("GET", "/v1/conformance-none", site.desk()), 404)
    site.refused(site.call("DELETE", paths.EVENTS, site.desk()), 405)
    site.refused(site.call("GET", paths.ITEMS.format(kind="nonsense"), site.desk()), 404, 422)


def wrong_password(site: Site) -> None:
    """Sign in as nobody."""
    body = {"account": f"{site.tag}-nobody", "password": "not the password"}
    site.refused(site.call("POST", paths.SIGN_IN, body=body), 401, 429)


def tokens(site: Site) -> None:
    """Sign in anew, renew once and not twice, sign out."""
    own = site.desk().account
    known = next(one for one in site.accounts if one["account"] == own)
    body = {"account": own, "password": known["password"]}
    first = site.ok(site.call("POST", paths.SIGN_IN, body=body), Tokens)
    renewed = site.ok(site.call("POST", paths.REFRESH, body={"refresh": first.refresh}), Tokens)
    again = site.call("POST", paths.REFRESH, body={"refresh": first.refresh})
    site.refused(again, 401)
    fresh = site.sign_in(own)
    me = site.ok(site.call("GET", paths.ME, fresh), Person)
    need(
        me.person_id == renewed.person.person_id,
        Text("/me 是另一个人。", "/me is somebody else."),
    )
    site.expect(site.call("POST", paths.SIGN_OUT, fresh), 204)
    site.refused(site.call("GET", paths.ME, fresh), 401)


def strict_json(site: Site) -> None:
    """Send bodies that two parsers could read differently: each is 400 and changes nothing."""
    good = things.intake(site, "strict").model_dump_json()
    bad: dict[str, bytes] = {
        "doubled key": f'{{"intake_id":"a",{good[1:]}'.encode(),
        "NaN": good.replace("120.86", "NaN").encode(),
        "Infinity": good.replace("120.86", "-Infinity").encode(),
        "overflow": good.replace("120.86", "1e999").encode(),
        "deep": f'{{"x":{"[" * 60}{"]" * 60},{good[1:]}'.encode(),
        "two values": (good + good).encode(),
        "half a character": good.replace("检查", "\\ud800", 1).encode(),
        "broken UTF-8": good.encode()[:-1] + b',"a":"\xff"}',
        "not JSON": b"{",
    }
    for name, raw in bad.items():
        problem = site.refused(site.call("POST", paths.EVENTS, site.feed(), raw=raw), 400)
        need(
            bool(problem.code),
            Text(f"“{name}”的拒绝没有代码。", f"The refusal of {name!r} has no code."),
        )
    for name, value in (("unknown_field", 1), ("lon", "120.86"), ("level", 9), ("title", "")):
        body = {**json.loads(good), name: value}
        problem = site.refused(site.call("POST", paths.EVENTS, site.feed(), body=body), 422)
        need(
            name in problem.where,
            Text(
                f"拒绝未指出字段 {name}(where={problem.where})。",
                f"A refusal does not name field {name} (where={problem.where}).",
            ),
        )
    typed = site.call(
        "POST", paths.EVENTS, site.feed(), raw=good.encode(), headers={"Content-Type": "text/plain"}
    )
    site.refused(typed, 415)
    _nothing_came(site, "strict")


def too_large(site: Site) -> None:
    """Send a body over every limit."""
    raw = b'{"intake_id":"' + b"x" * 2_000_000 + b'"}'
    site.refused(site.call("POST", paths.EVENTS, site.feed(), raw=raw), 413)


def roles(site: Site) -> None:
    """Ask for what one's role may not do: 403 with the action."""
    body = things.intake(site, "roles")
    for role, method, path, sent in (
        (Role.AUDITOR, "POST", paths.EVENTS, body),
        (Role.FEED, "GET", paths.ITEMS.format(kind="event"), None),
        (Role.FEED, "GET", paths.AUDIT, None),
        (Role.MAINTAINER, "POST", paths.EVENTS, body),
    ):
        try:
            seat = site.of(role)
        except SkippedError:
            continue
        site.refused(site.call(method, path, seat, body=sent), 403)
    site.refused(site.call("GET", paths.AUDIT, site.desk()), 403)
    _nothing_came(site, "roles")


def audit_chain(site: Site) -> None:
    """Read the audit trail: every row follows from the one before."""
    page = site.ok(
        site.call("GET", paths.AUDIT, site.of(Role.AUDITOR), query={"limit": 50}), AuditPage
    )
    pairs = pairwise(page.rows)
    need(
        bool(page.rows) and all(b.previous == a.hash and b.seq == a.seq + 1 for a, b in pairs),
        Text("审计链断开。", "The audit chain is broken."),
    )


def _nothing_came(site: Site, name: str) -> None:
    """Demand that a refused intake left nothing: the same again is new."""
    reply = site.call("POST", paths.EVENTS, site.feed(), body=things.intake(site, name))
    need(
        reply.status_code == 201,
        Text("被拒绝的请求留下了事件。", "A refused request left an event."),
    )
    site.undo(lambda: things.close(site, str(reply.json()["item_id"])))


CHECKS: Final = (
    Check("doors.health", Text("自报名称、版本和时间", "says name, version and time"), health),
    Check(
        "doors.closed",
        Text("无凭证时每个入口都拒绝", "every door is closed without a token"),
        closed_without_token,
    ),
    Check(
        "doors.there",
        Text("每个入口都在,坏请求有双语拒绝", "every door is there and refuses in two languages"),
        every_door_is_there,
    ),
    Check(
        "doors.unknown", Text("没有的路径和方法", "paths and methods there are not"), unknown_paths
    ),
    Check("doors.password", Text("错误密码被拒绝", "a wrong password is refused"), wrong_password),
    Check("doors.tokens", Text("凭证续期一次、可注销", "tokens renew once and end"), tokens),
    Check("doors.strict", Text("严格的 JSON", "JSON is read strictly"), strict_json),
    Check("doors.large", Text("过大的正文被拒绝", "too large a body is refused"), too_large),
    Check("doors.roles", Text("角色不许的操作为 403", "what a role may not do is 403"), roles),
    Check("doors.audit", Text("审计链连续", "the audit chain holds"), audit_chain),
)
