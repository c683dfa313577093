"""One method per endpoint of the contract; blocking, so a worker or a script calls it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from backend_client.casework import Casework, send_step
from backend_client.contract import paths
from backend_client.contract.alarms import (
    Acknowledged,
    Causes,
    Loads,
    Shelve,
    Sound,
    Suppress,
    Together,
    Told,
    Withdraw,
)
from backend_client.contract.auth import Person, SignIn, Tokens
from backend_client.contract.change import ITEM, Item, ItemKind, Page
from backend_client.contract.claims import Claim, Claiming
from backend_client.contract.clock import Clock
from backend_client.contract.columns import (
    FeatureBlock,
    FixBlock,
    decode_features,
    decode_fixes,
)
from backend_client.contract.drawings import DrawingIn, Drawn
from backend_client.contract.events import Close, Dispatch, Intake, Locate, Touch
from backend_client.contract.feature import Feature, Layers, Series, Upsert, Upserted
from backend_client.contract.feeds import FeedList, Registered
from backend_client.contract.gates import (
    Authorise,
    CommandRequest,
    Gate,
    GateCommand,
    Stop,
    StopResult,
)
from backend_client.contract.indicators import Board, Entries, Parts, Past, Units, Which
from backend_client.contract.instructions import Issue
from backend_client.contract.item import Head
from backend_client.contract.positions import Fixed, Fixes, Track
from backend_client.contract.resources import Inside, Within
from backend_client.contract.rows import FixRows, Rows, encode_fix_rows, encode_rows
from backend_client.contract.search import Hits
from backend_client.contract.service import AuditPage, Health
from backend_client.contract.shifts import (
    FoundLines,
    Handover,
    LineIn,
    LinesPage,
    OpenItems,
    PageProof,
)
from backend_client.errors import SignedOut
from backend_client.faults import columns, not_of_contract
from backend_client.models import ModelDoors
from backend_client.wire import Call, Query, Reply, Wire, parse

BLOCK_BYTES = 512_000_000  # ten times the largest layer's block
WIDE_S = 60.0  # 50,000 rows on a busy machine
ARROW = "application/vnd.apache.arrow.stream"
_GATES: TypeAdapter[tuple[Gate, ...]] = TypeAdapter(tuple[Gate, ...])


class Client(ModelDoors):
    """Talk to one service as one person.

    Every method raises `Refused` when the service says no and `Unreachable` when it does
    not answer. Only reads, and writes that carry their own key, are ever repeated.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        ca_file: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._arguments = (clock, ca_file, transport, sleep)
        self.wire = Wire(url, clock, ca_file=ca_file, transport=transport, sleep=sleep)

    @property
    def url(self) -> str:
        """Give the service's root."""
        return self.wire.url

    @property
    def person(self) -> Person | None:
        """Tell who is signed in."""
        return self.wire.person

    @property
    def casework(self) -> Casework:
        """Give the side paths of events and orders."""
        return Casework(self.wire)

    def another(self) -> Client:
        """Make a second client to the same service, signed in as nobody."""
        clock, ca_file, transport, sleep = self._arguments
        return Client(self.url, clock, ca_file=ca_file, transport=transport, sleep=sleep)

    def close(self) -> None:
        """Close every connection."""
        self.wire.close()

    # Service and sign-in

    def health(self) -> Health:
        """Ask the service who it is."""
        call = Call("GET", paths.HEALTH, again=True, signed=False)
        return parse(Health, self.wire.send(call))

    def sign_in(self, account: str, password: str, totp: str | None = None) -> Person:
        """Sign in; the tokens stay inside the client."""
        body = SignIn(account=account, password=password, totp=totp).model_dump_json()
        call = Call("POST", paths.SIGN_IN, body=body, signed=False)
        tokens = parse(Tokens, self.wire.send(call))
        self.wire.take(tokens)
        return tokens.person

    def sign_out(self) -> None:
        """End the sign-in; the tokens are gone from here whatever the service says."""
        if self.wire.person is None:
            return
        try:
            self.wire.send(Call("POST", paths.SIGN_OUT))
        finally:
            self.wire.take(None)

    def me(self) -> Person:
        """Ask who is signed in."""
        return parse(Person, self._get(paths.ME))

    def audit(self, *, after: int = 0, limit: int = 200) -> AuditPage:
        """Read one page of the audit trail."""
        return parse(AuditPage, self._get(paths.AUDIT, {"after": after, "limit": limit}))

    # Work items

    def items(self, kind: ItemKind, *, after: str = "", limit: int = 500, state: str = "") -> Page:
        """Read one page of the present items of a kind, or of those of it in one state."""
        query: dict[str, str | int | float] = {"limit": limit}
        query |= {name: value for name, value in (("after", after), ("state", state)) if value}
        return parse(Page, self._get(paths.ITEMS.format(kind=kind), query))

    def item(self, kind: ItemKind, item_id: str) -> Item:
        """Read one item."""
        reply = self._get(paths.ITEM.format(kind=kind, item_id=item_id))
        try:
            return ITEM.validate_json(reply.body)
        except ValidationError as error:
            raise not_of_contract("Item") from error

    def intake(self, intake: Intake) -> Head:
        """Hand an event in; the same `intake_id` again is the same event."""
        return parse(Head, self._post(paths.EVENTS, intake, again=True))

    def accept_event(self, event_id: str, touch: Touch) -> Head:
        """Accept an event (受理)."""
        return self._verb(paths.EVENT_VERB, event_id, "accept", touch)

    def locate_event(self, event_id: str, place: Locate) -> Head:
        """Correct an event's place."""
        return self._verb(paths.EVENT_VERB, event_id, "locate", place)

    def dispatch_event(self, event_id: str, dispatch: Dispatch) -> Head:
        """Send an event to the responsible unit (派单)."""
        return self._verb(paths.EVENT_VERB, event_id, "dispatch", dispatch)

    def close_event(self, event_id: str, close: Close) -> Head:
        """Close an event with its answer (办结)."""
        return self._verb(paths.EVENT_VERB, event_id, "close", close)

    def sign_order(self, order_id: str, touch: Touch) -> Head:
        """Sign for an order (签收)."""
        return self._verb(paths.ORDER_VERB, order_id, "sign", touch)

    def report_order(self, order_id: str, close: Close) -> Head:
        """Report an order done (反馈)."""
        return self._verb(paths.ORDER_VERB, order_id, "report", close)

    def issue_instruction(self, issue: Issue, *, key: str) -> Head:
        """Issue an instruction to its receivers (下达); `key` names this one wish."""
        headers = {"Idempotency-Key": key}
        call = Call("POST", paths.INSTRUCTIONS, body=issue.model_dump_json(), headers=headers)
        return parse(Head, self.wire.send(call))

    def sign_instruction(self, instruction_id: str, touch: Touch) -> Head:
        """Sign for an instruction (签收)."""
        return self._verb(paths.INSTRUCTION_VERB, instruction_id, "sign", touch)

    def acknowledge_alarm(self, alarm_id: str, touch: Touch) -> Head:
        """Acknowledge an alarm (确认)."""
        return self._verb(paths.ALARM_VERB, alarm_id, "acknowledge", touch)

    def shelve_alarm(self, alarm_id: str, shelve: Shelve) -> Head:
        """Put an alarm aside until an instant (搁置)."""
        return self._verb(paths.ALARM_VERB, alarm_id, "shelve", shelve)

    def withdraw_alarm(self, item_id: str, body: Withdraw) -> Head:
        """Take an alarm out of service until it is put back."""
        return self._verb(paths.ALARM_VERB, item_id, "withdraw", body)

    def restore_alarm(self, item_id: str, body: Touch) -> Head:
        """Put an alarm back into service."""
        return self._verb(paths.ALARM_VERB, item_id, "restore", body)

    def acknowledge_together(self, body: Together) -> Acknowledged:
        """Acknowledge alarms of one cause that were looked at together."""
        return parse(Acknowledged, self._post(paths.ALARM_TOGETHER, body))

    def tell_causes(self, body: Causes) -> Told:
        """Tell what stands and what is over; the same again changes nothing."""
        return parse(Told, self._put(paths.ALARM_CAUSES, body))

    def suppress_alarms(self, body: Suppress) -> Head:
        """Begin or end folding away what is not part of a response."""
        return parse(Head, self._put(paths.ALARM_SUPPRESSION, body))

    def tell_sound(self, body: Sound) -> None:
        """Tell how one's own seat hears."""
        self._put(paths.ALARM_SOUND, body)

    def alarm_loads(self) -> Loads:
        """Ask for the load of one's own seat, or of every seat in a supervisor's sight."""
        return parse(Loads, self._get(paths.ALARM_LOADS))

    # Hands on events

    def claim_event(self, event_id: str, claiming: Claiming) -> Claim:
        """Take an event in hand, or keep it for another lease (锁定)."""
        path = paths.EVENT_VERB.format(item_id=event_id, verb="claim")
        return parse(Claim, self._post(path, claiming))

    def release_event(self, event_id: str) -> None:
        """Let an event go."""
        self.wire.send(Call("POST", paths.EVENT_VERB.format(item_id=event_id, verb="release")))

    def undo_event(self, event_id: str, touch: Touch) -> Head:
        """Take one's own dispatch or close back within ten seconds (撤销)."""
        return self._verb(paths.EVENT_VERB, event_id, "undo", touch)

    # Shift log

    def shift_lines(self, page_id: str, *, after: int = 0, limit: int = 500) -> LinesPage:
        """Read a page's lines after a number."""
        path = paths.SHIFT_LINES.format(page_id=page_id)
        return parse(LinesPage, self._get(path, {"after": after, "limit": limit}))

    def write_line(self, page_id: str, line: LineIn) -> Head:
        """Write a line; the same `entry_id` again is the same line."""
        path = paths.SHIFT_LINES.format(page_id=page_id)
        return parse(Head, self._post(path, line, again=True))

    def search_lines(self, words: str, *, limit: int = 100) -> FoundLines:
        """Find lines by their words, newest first."""
        return parse(FoundLines, self._get(paths.SHIFT_SEARCH, {"q": words, "limit": limit}))

    def shift_open(self, page_id: str) -> OpenItems:
        """Ask what a page would hand on now."""
        return parse(OpenItems, self._get(paths.SHIFT_OPEN.format(page_id=page_id)))

    def hand_over(self, page_id: str, handover: Handover) -> Head:
        """Hand a page over by two signatures; the head of the next page comes back."""
        return parse(Head, self._post(paths.SHIFT_HANDOVER.format(page_id=page_id), handover))

    def shift_proof(self, page_id: str) -> PageProof:
        """Ask whether a page's chain is whole."""
        return parse(PageProof, self._get(paths.SHIFT_PROOF.format(page_id=page_id)))

    def shift_csv(self, page_id: str) -> bytes:
        """Read a page as CSV."""
        return self._get(paths.SHIFT_EXPORT.format(page_id=page_id)).body

    # Layers and positions

    def layers(self) -> Layers:
        """List the layers in sight with their versions."""
        return parse(Layers, self._get(paths.LAYERS))

    def block(self, layer: str, *, since: int = 0) -> FeatureBlock | None:
        """Read a layer's block, or what changed since a version; None when nothing did."""
        path, query = paths.BLOCK.format(layer=layer), {"since": since}
        reply = self.wire.send(Call("GET", path, query=query, again=True, most_bytes=BLOCK_BYTES))
        if reply.status == 204:
            return None
        return columns(decode_features, reply.body)

    def upsert(self, layer: str, upsert: Upsert) -> Upserted:
        """Hand in objects of a layer; the same batch again changes nothing."""
        path = paths.FEATURES.format(layer=layer)
        call = Call("PUT", path, body=upsert.model_dump_json(), again=True)
        return parse(Upserted, self.wire.send(call))

    def put_rows(self, layer: str, rows: Rows) -> Upserted:
        """Hand in up to 50,000 objects as columns; the same batch again changes nothing."""
        body, headers = encode_rows(rows), {"Content-Type": ARROW}
        path = paths.ROWS.format(layer=layer)
        call = Call("PUT", path, body=body, headers=headers, again=True, wait_s=WIDE_S)
        return parse(Upserted, self.wire.send(call))

    def feature(self, layer: str, oid: int) -> Feature:
        """Read one object's own fields."""
        return parse(Feature, self._get(paths.FEATURE.format(layer=layer, oid=oid)))

    def series(self, layer: str, oid: int, *, hours: int = 24) -> Series:
        """Read one object's measured values."""
        path = paths.SERIES.format(layer=layer, oid=oid)
        return parse(Series, self._get(path, {"hours": hours}))

    def track(self, layer: str, oid: int, *, hours: int = 1) -> Track:
        """Read where one object has been."""
        path = paths.TRACK.format(layer=layer, oid=oid)
        return parse(Track, self._get(path, {"hours": hours}))

    def send_positions(self, fixes: Fixes) -> Fixed:
        """Hand in fixes; the same ones again are dropped as doubles."""
        return parse(Fixed, self._post(paths.POSITIONS, fixes, again=True))

    def send_fix_rows(self, rows: FixRows) -> Fixed:
        """Hand in up to 50,000 fixes as columns; the same ones again are dropped as doubles."""
        body, headers = encode_fix_rows(rows), {"Content-Type": ARROW}
        call = Call(
            "POST", paths.POSITION_ROWS, body=body, headers=headers, again=True, wait_s=WIDE_S
        )
        return parse(Fixed, self.wire.send(call))

    def positions(self, *, since: int, wait_s: float = 1.0) -> FixBlock | None:
        """Wait for fixes newer than a sequence number; None when there are none."""
        reply = self._get(paths.POSITIONS, {"since": since, "wait_s": wait_s})
        if reply.status == 204:
            return None
        return columns(decode_fixes, reply.body)

    def register_feeds(self, feeds: FeedList) -> Registered:
        """Register feeds, or strike them off; the same list again changes nothing."""
        call = Call("PUT", paths.FEEDS, body=feeds.model_dump_json(), again=True)
        return parse(Registered, self.wire.send(call))

    # Drawings

    def draw(self, drawing: DrawingIn) -> Drawn:
        """Draw on the shared map; the same id again replaces the drawing."""
        call = Call("PUT", paths.DRAWINGS, body=drawing.model_dump_json(), again=True)
        return parse(Drawn, self.wire.send(call))

    def erase(self, drawing_id: str) -> None:
        """Take a drawing off the shared map."""
        self.wire.send(Call("DELETE", paths.DRAWING.format(drawing_id=drawing_id)))

    def search(self, words: str, *, limit: int = 20) -> Hits:
        """Look for objects, events and places by name, plate, number or place."""
        return parse(Hits, self._get(paths.SEARCH, {"q": words, "limit": limit}))

    # Indicators

    def board(self, region: str = "") -> Board:
        """Read every indicator of a region; of one's own when none is named."""
        return parse(Board, self._get(paths.INDICATORS, _named(region=region)))

    def indicator_past(self, indicator: str, region: str = "", *, hours: int = 168) -> Past:
        """Read what an indicator was."""
        path = paths.INDICATOR_SERIES.format(indicator=indicator)
        return parse(Past, self._get(path, {**_named(region=region), "hours": hours}))

    def indicator_parts(self, indicator: str, under: str = "") -> Parts:
        """Read which counties or townships a number comes from."""
        path = paths.INDICATOR_REGIONS.format(indicator=indicator)
        return parse(Parts, self._get(path, _named(under=under)))

    def indicator_rows(self, indicator: str, region: str = "", *, limit: int = 100) -> Entries:
        """Read the things behind a number."""
        path = paths.INDICATOR_ROWS.format(indicator=indicator)
        return parse(Entries, self._get(path, {**_named(region=region), "limit": limit}))

    def units(self, *, days: int = 7) -> Units:
        """Read the units ranked by their orders."""
        return parse(Units, self._get(paths.UNITS, {"days": days}))

    def unit_rows(
        self, unit: str, which: Which = "due", *, days: int = 7, limit: int = 100
    ) -> Entries:
        """Read the orders behind a unit's numbers."""
        query: Query = {"which": which, "days": days, "limit": limit}
        return parse(Entries, self._get(paths.UNIT_ROWS.format(unit=unit), query))

    # Lasso

    def within(self, within: Within) -> Inside:
        """Ask what lies inside an area."""
        return parse(Inside, self._post(paths.WITHIN, within, again=True))

    def export(self, within: Within, form: Literal["csv", "geojson"]) -> bytes:
        """Read everything inside an area as a file."""
        body = within.model_dump_json()
        call = Call("POST", paths.WITHIN_EXPORT, body=body, query={"format": form}, again=True)
        return self.wire.send(call).body

    # Gates: never repeated, whatever happens

    def devices(self) -> tuple[Gate, ...]:
        """List the devices in sight."""
        reply = self._get(paths.DEVICES)
        try:
            return _GATES.validate_json(reply.body)
        except ValidationError as error:
            raise not_of_contract("Gate") from error

    def device(self, device_id: str) -> tuple[Gate, str]:
        """Read a device, with the tag a command on it must carry."""
        reply = self._get(paths.DEVICE.format(device_id=device_id))
        return parse(Gate, reply), reply.headers.get("etag", "")

    def request_command(
        self, device_id: str, request: CommandRequest, *, key: str, tag: str
    ) -> GateCommand:
        """Ask for a target opening.

        Args:
            device_id: the device.
            request: what is asked, with the present value seen.
            key: 16 to 64 characters naming this one wish.
            tag: "fence.seq" of the state the operator saw.
        """
        path = paths.DEVICE_COMMANDS.format(device_id=device_id)
        headers = {"Idempotency-Key": key, "If-Match": quoted(tag)}
        call = Call("POST", path, body=request.model_dump_json(), headers=headers)
        return parse(GateCommand, self.wire.send(call))

    def command(self, command_id: str) -> GateCommand:
        """Read a command with its whole history."""
        return parse(GateCommand, self._get(paths.COMMAND.format(command_id=command_id)))

    def authorise_command(
        self, command_id: str, authorise: Authorise, *, version: int
    ) -> GateCommand:
        """Consent to a command as the second person."""
        path = paths.COMMAND_AUTHORISE.format(command_id=command_id)
        headers = {"If-Match": quoted(str(version))}
        call = Call("POST", path, body=authorise.model_dump_json(), headers=headers)
        return parse(GateCommand, self.wire.send(call))

    def abort_command(self, command_id: str) -> GateCommand:
        """Abort a command."""
        path = paths.COMMAND_ABORT.format(command_id=command_id)
        return parse(GateCommand, self.wire.send(Call("POST", path)))

    def stop_device(self, device_id: str, stop: Stop) -> StopResult:
        """Stop every bay of a device now; only a token the service finds too old is renewed."""
        path, body = paths.DEVICE_STOP.format(device_id=device_id), stop.model_dump_json()
        try:
            reply = self.wire.send(Call("POST", path, body=body, at_once=True))
        except SignedOut:
            reply = self._post(path, stop)
        return parse(StopResult, reply)

    def _get(self, path: str, query: Query | None = None) -> Reply:
        return self.wire.send(Call("GET", path, query=query, again=True))

    def _post(self, path: str, body: BaseModel, *, again: bool = False) -> Reply:
        return self.wire.send(Call("POST", path, body=body.model_dump_json(), again=again))

    def _put(self, path: str, body: BaseModel) -> Reply:
        return self.wire.send(Call("PUT", path, body=body.model_dump_json(), again=True))

    def _verb(self, path: str, item_id: str, verb: str, body: BaseModel) -> Head:
        return send_step(self.wire, path, item_id, verb, body)


def _named(**given: str) -> dict[str, str | int]:
    """Leave out what is empty."""
    return {name: value for name, value in given.items() if value}


def quoted(tag: str) -> str:
    """Give an entity tag in its quotes."""
    return f'"{tag.strip(chr(34))}"'
