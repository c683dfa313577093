"""The shift log through the real application: lines by themselves and by hand, two signatures."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.services.alarms import raise_alarm, return_alarm
from backend_client.contract import paths
from backend_client.contract.shifts import LinesPage, OpenItems, PageProof, ShiftPage
from tests.contract.backend.test_events import CAUSE
from tests.service import Service, intake, nothing_changes, serving

HALL, WATER = "shift-hall-1", "shift-water-1"
GRAVE = CAUSE.__class__(**{**{n: getattr(CAUSE, n) for n in CAUSE.__slots__}, "level": 1})


async def lines(service: Service, account: str, page_id: str = HALL) -> LinesPage:
    reply = await service.get(account, paths.SHIFT_LINES.format(page_id=page_id))
    assert reply.status_code == 200, reply.text
    return LinesPage.model_validate(reply.json())


async def page(service: Service, page_id: str = HALL, account: str = "operator") -> ShiftPage:
    path = paths.ITEM.format(kind="shift_page", item_id=page_id)
    return ShiftPage.model_validate((await service.get(account, path)).json())


async def write(service: Service, account: str, text: str, **more: object) -> httpx.Response:
    body: dict[str, object] = {"entry_id": f"entry-{text}", "text": text, **more}
    return await service.post(account, paths.SHIFT_LINES.format(page_id=HALL), body)


def signing(service: Service, account: str, **more: object) -> dict[str, object]:
    given = {
        "account": account,
        "password": service.accounts[account]["password"],
        "totp": service.code(account),
    }
    return {"lines": 1, "incoming": given | more}


async def hand_over(service: Service, account: str, body: dict[str, object]) -> httpx.Response:
    return await service.post(account, paths.SHIFT_HANDOVER.format(page_id=HALL), body)


def test_deeds_write_themselves_into_the_pages_they_concern(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            parts = service.parts
            await asyncio.to_thread(parts.shifts.tend)
            with parts.database.write() as unit:
                raise_alarm(unit, GRAVE)

            def break_off() -> None:
                with parts.database.write() as unit:
                    return_alarm(unit, GRAVE.cause)
                    raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                break_off()
            for page_id, account in ((HALL, "dispatcher"), (WATER, "operator_water")):
                rows = (await lines(service, account, page_id)).rows
                assert [line.text.zh for line in rows] == [
                    "接班开页,承接未了事项 0 项",
                    "Ⅰ 级报警 超警戒",
                ]
            assert len((await lines(service, "operator_rudong", "shift-rudong-1")).rows) == 1
            shown = await page(service)
            assert (shown.lines, shown.version) == (2, 3)

    asyncio.run(body())


def test_who_may_read_and_write(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await asyncio.to_thread(service.parts.shifts.tend)
            got = {}
            for account in (
                "operator",
                "dispatcher",
                "duty",
                "leader",
                "maintainer",
                "auditor",
                "operator_rudong",
                "feed",
            ):
                read = await service.get(account, paths.SHIFT_LINES.format(page_id=HALL))
                written = await write(service, account, account)
                got[account] = (read.status_code, written.status_code)
            assert got == {
                "operator": (200, 200),
                "dispatcher": (200, 200),
                "duty": (200, 200),
                "leader": (200, 403),
                "maintainer": (200, 403),
                "auditor": (200, 403),
                "operator_rudong": (404, 404),
                "feed": (403, 403),
            }
            found = await service.get("auditor", paths.SHIFT_SEARCH, params={"q": "dispatcher"})
            assert [row["text"]["zh"] for row in found.json()["rows"]] == ["dispatcher"]
            none = await service.get(
                "operator_rudong", paths.SHIFT_SEARCH, params={"q": "dispatcher"}
            )
            assert none.json() == {"rows": [], "more": False}

    asyncio.run(body())


def test_a_typed_line_is_written_once_and_corrected_by_another(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await asyncio.to_thread(service.parts.shifts.tend)
            first = await write(service, "operator", "=已电话核实", carry=True)
            again = await write(service, "operator", "=已电话核实", carry=True)
            assert first.json() == again.json()
            wrong = await write(service, "operator", "改", kind="correction")
            assert wrong.status_code == 422
            right = await write(
                service, "operator", "更正为 3.2 m", kind="correction",
                refers_to={"page_id": HALL, "no": 2},
            )  # fmt: skip
            assert right.status_code == 200
            rows = (await lines(service, "operator")).rows
            assert [(line.no, line.kind.value) for line in rows] == [
                (1, "shift"), (2, "note"), (3, "correction"),
            ]  # fmt: skip
            listing = await service.get("operator", paths.SHIFT_EXPORT.format(page_id=HALL))
            assert listing.headers["content-type"].startswith("text/csv")
            assert "'=已电话核实" in listing.text
            assert len(listing.text.splitlines()) == 4

    asyncio.run(body())


def test_two_signatures_lock_a_page_and_open_items_go_on(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            parts = service.parts
            await asyncio.to_thread(parts.shifts.tend)
            with parts.database.write() as unit:
                raise_alarm(unit, GRAVE)
            await write(service, "operator", "查泵站", carry=True)
            open_ = await service.get("operator", paths.SHIFT_OPEN.format(page_id=HALL))
            before = OpenItems.model_validate(open_.json())
            assert [one.kind for one in before.items] == ["alarm", "note"]
            done = await hand_over(service, "operator", signing(service, "dispatcher"))
            assert done.status_code == 200, done.text
            assert done.json()["item_id"] == "shift-hall-2"
            old, new = await page(service), await page(service, "shift-hall-2")
            assert (old.state, new.state) == ("locked", "open")
            assert old.handed_by
            assert old.taken_by
            assert (old.handed_by.person.person_id, old.taken_by.person.person_id) == (
                "operator", "dispatcher",
            )  # fmt: skip
            assert new.carried == before.items
            late = await write(service, "operator", "再写一行")
            assert late.status_code == 409
            again = await hand_over(service, "operator", signing(service, "duty"))
            assert again.status_code == 409
            for page_id in (HALL, "shift-hall-2"):
                found = await service.get("auditor", paths.SHIFT_PROOF.format(page_id=page_id))
                proof = PageProof.model_validate(found.json())
                assert proof.fault is None
                assert proof.lines == (await page(service, page_id)).lines

    asyncio.run(body())


@pytest.mark.parametrize(
    ("giver", "taker", "spoilt", "status", "code"),
    [
        ("operator", "operator", {}, 403, "same_person"),
        ("operator", "leader", {}, 403, "forbidden"),
        ("operator", "operator_rudong", {}, 403, "forbidden"),
        ("operator", "dispatcher", {"password": "wrong"}, 401, "bad_sign_in"),
        ("operator", "dispatcher", {"totp": "000000"}, 403, "bad_totp"),
        ("operator", "dispatcher", {"totp": None}, 403, "bad_totp"),
        ("leader", "dispatcher", {}, 403, "forbidden"),
        ("operator_rudong", "dispatcher", {}, 404, "not_found"),
    ],
)
def test_a_handover_refused_changes_nothing(
    data: Path, giver: str, taker: str, spoilt: dict[str, object], status: int, code: str
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await asyncio.to_thread(service.parts.shifts.tend)
            await service.headers(giver)
            signed = signing(service, taker, **spoilt)
            if code == "bad_sign_in":  # the failure itself is audited, the page stays
                reply = await hand_over(service, giver, signed)
            else:
                with nothing_changes(service):
                    reply = await hand_over(service, giver, signed)
            assert (reply.status_code, reply.json()["code"]) == (status, code)
            assert (await page(service, account="auditor")).state == "open"

    asyncio.run(body())


def test_an_unsigned_page_stays_open_and_says_so(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            tend = service.parts.shifts.tend
            await asyncio.to_thread(tend)
            shown = await page(service)
            service.clock.advance((shown.to_at - service.clock.now()).total_seconds() - 1)
            await asyncio.to_thread(tend)
            assert not (await page(service, account="auditor")).overdue
            service.clock.advance(2)
            for _ in range(2):
                await asyncio.to_thread(tend)
            late = await page(service, account="auditor")
            assert (late.overdue, late.state, late.lines) == (True, "open", 2)

    asyncio.run(body())


def test_an_order_whose_time_runs_out_is_told_once(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            tend = service.parts.shifts.tend
            await asyncio.to_thread(tend)
            made = await service.post("feed", paths.EVENTS, intake())
            event_id, verb = made.json()["item_id"], paths.EVENT_VERB
            await service.post(
                "operator", verb.format(item_id=event_id, verb="accept"), {"version": 1}
            )
            due_at = (service.clock.now() + timedelta(minutes=10)).isoformat()
            sent = {"version": 2, "department": "D24", "due_at": due_at}
            await service.post("dispatcher", verb.format(item_id=event_id, verb="dispatch"), sent)
            await asyncio.to_thread(tend)
            service.clock.advance(700)
            for _ in range(3):
                await asyncio.to_thread(tend)
            texts = [line.text.zh for line in (await lines(service, "auditor")).rows]
            assert sum(text.startswith("工单逾期") for text in texts) == 1

    asyncio.run(body())
