"""A hand that writes the log while the service dies: lines stand, a locked page never moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from backend_client.client import Client
from backend_client.contract.auth import SignIn
from backend_client.contract.shifts import Handover, LineIn, ShiftLine, ShiftPage
from backend_client.errors import ClientError, Refused, Unreachable
from tests.end2end.stack import Service, wait_for

HALL = "hall"


@dataclass
class Pen:
    """Somebody who writes for ever; what got no answer is written again under its own id."""

    client: Client
    name: str
    stop: threading.Event = field(default_factory=threading.Event)
    written: list[str] = field(default_factory=list)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self.write(f"{self.name}-{number:05d}")

    def write(self, entry_id: str) -> None:
        while not self.stop.is_set():
            try:
                page = open_page(self.client)
                self.client.write_line(page.item_id, LineIn(entry_id=entry_id, text=entry_id))
            except Refused as no:
                if no.problem.code != "wrong_state":  # the page was locked meanwhile
                    raise
            except Unreachable:
                time.sleep(0.02)
            else:
                self.written.append(entry_id)
                return


def pages(client: Client) -> list[ShiftPage]:
    items = client.items("shift_page").items
    found = [one for one in items if isinstance(one, ShiftPage) and one.group == HALL]
    return sorted(found, key=lambda one: one.no)


def open_page(client: Client) -> ShiftPage:
    return next(one for one in pages(client) if one.state == "open")


def lines(client: Client, page_id: str) -> tuple[ShiftLine, ...]:
    rows: tuple[ShiftLine, ...] = ()
    while True:
        found = client.shift_lines(page_id, after=len(rows))
        rows += found.rows
        if found.next is None:
            return rows


def hand_over(service: Service, client: Client) -> None:
    """Lock the open page; a kill in between is answered by looking, not by signing again."""
    row = service.account("operator")
    page = open_page(client)
    taker = SignIn(
        account="operator", password=row["password"], totp=service.totp("operator").now()
    )
    client.hand_over(page.item_id, Handover(lines=page.lines, incoming=taker))


@contextmanager
def writing(service: Service, name: str) -> Iterator[None]:
    """Write line after line, one page locked before; what is on both is compared at the end."""
    client = service.client("dispatcher")
    wait_for(lambda: pages(client), 20, "the first page")
    pen = Pen(service.client("duty"), name)
    hand = threading.Thread(target=pen.run, daemon=True)
    hand.start()
    wait_for(lambda: len(pen.written) > 3, 20, "lines are written")
    hand_over(service, client)
    locked = pages(client)[0]
    assert locked.state == "locked"
    before = lines(client, locked.item_id)
    try:
        yield
        known = len(pen.written)
        wait_for(lambda: len(pen.written) > known, 20, "the pen writes on")
    finally:
        pen.stop.set()
        hand.join(10)
    assert lines(client, locked.item_id) == before
    everything = [line for page in pages(client) for line in lines(client, page.item_id)]
    texts = [line.text.zh for line in everything]
    assert [texts.count(entry) for entry in pen.written] == [1] * len(pen.written)
    for page in pages(client):
        proof = client.shift_proof(page.item_id)
        assert (proof.fault, proof.lines) == (None, page.lines)
    with pytest.raises(ClientError):
        client.write_line(locked.item_id, LineIn(entry_id="late", text="late"))
