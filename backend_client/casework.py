"""Side paths of events and orders, spoken to the service; the straight line is in the client."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from backend_client.contract import paths
from backend_client.contract.answers import Answers, ToldAnswers
from backend_client.contract.attachments import MOST_BYTES
from backend_client.contract.events import (
    CallBack,
    Channel,
    Classify,
    Decide,
    Dispatch,
    Merge,
    Reasoned,
    Touch,
)
from backend_client.contract.item import Head
from backend_client.contract.orders import Extend, Return
from backend_client.contract.readings import Matters, Reading, Similar
from backend_client.contract.requests import Requests
from backend_client.contract.timeline import Timeline
from backend_client.wire import Call, Wire, parse

FILE_WAIT_S = 60.0  # without a byte moving


@dataclass(frozen=True, slots=True)
class Casework:
    """What is done with an event or order off the straight line.

    Every call is sent once; a version that has moved on is refused by the service.
    """

    wire: Wire

    def steps(self, event_id: str) -> Timeline:
        """Read every step of an event (实时追溯)."""
        path = paths.EVENT_STEPS.format(item_id=event_id)
        return parse(Timeline, self.wire.send(Call("GET", path, again=True)))

    def reading(self, event_id: str) -> Reading:
        """Read what is understood of an event's report."""
        path = paths.EVENT_READING.format(item_id=event_id)
        return parse(Reading, self.wire.send(Call("GET", path, again=True)))

    def requests(self, region: str = "") -> Requests:
        """Read where requests come together, and what the day has brought."""
        query = {"region": region} if region else {}
        call = Call("GET", paths.REQUESTS, query=query, again=True)
        return parse(Requests, self.wire.send(call))

    def similar(self, event_id: str) -> Similar:
        """Read which finished events are like one."""
        path = paths.EVENT_SIMILAR.format(item_id=event_id)
        return parse(Similar, self.wire.send(Call("GET", path, again=True)))

    def matters(self) -> Matters:
        """Read the tree of classes."""
        return parse(Matters, self.wire.send(Call("GET", paths.MATTERS, again=True)))

    def attachment(self, attachment_id: str) -> bytes:
        """Fetch a file of a report."""
        path = paths.ATTACHMENT.format(attachment_id=attachment_id)
        most = max(MOST_BYTES.values())
        call = Call("GET", path, again=True, most_bytes=most, wait_s=FILE_WAIT_S)
        return self.wire.send(call).body

    def answers(self, channel: Channel, *, after: int = 0) -> Answers:
        """Read what a channel still has to tell its reporters."""
        query = {"channel": channel.value, "after": after}
        return parse(Answers, self.wire.send(Call("GET", paths.ANSWERS, query=query, again=True)))

    def told(self, body: ToldAnswers) -> None:
        """Tell that answers reached their reporters; the same again changes nothing."""
        self.wire.send(Call("POST", paths.ANSWERS_TOLD, body=body.model_dump_json(), again=True))

    def apart(self, match_id: str, body: Reasoned) -> Head:
        """Say that two reports are not the same."""
        return send_step(self.wire, paths.MATCH_VERB, match_id, "apart", body)

    def refuse(self, event_id: str, body: Reasoned) -> Head:
        """Not accept an event (不予受理)."""
        return self._event(event_id, "refuse", body)

    def classify(self, event_id: str, body: Classify) -> Head:
        """Say what an event is about and how grave it is (定性)."""
        return self._event(event_id, "classify", body)

    def withdraw(self, event_id: str, body: Reasoned) -> Head:
        """Take an event off the line (撤销)."""
        return self._event(event_id, "withdraw", body)

    def supervise(self, event_id: str, body: Reasoned) -> Head:
        """Put an event under supervision (督办)."""
        return self._event(event_id, "supervise", body)

    def assist(self, event_id: str, body: Dispatch) -> Head:
        """Let a further unit help (协办)."""
        return self._event(event_id, "assist", body)

    def transfer(self, event_id: str, body: Dispatch) -> Head:
        """Hand an event over to another unit (转办)."""
        return self._event(event_id, "transfer", body)

    def decide(self, event_id: str, body: Decide) -> Head:
        """Decide what a unit sent back (审定)."""
        return self._event(event_id, "decide", body)

    def call_back(self, event_id: str, body: CallBack) -> Head:
        """Write down what the reporter said (回访)."""
        return self._event(event_id, "call_back", body)

    def redo(self, event_id: str, body: Reasoned) -> Head:
        """Take an answered event in hand once more (重办)."""
        return self._event(event_id, "redo", body)

    def merge(self, event_id: str, body: Merge) -> Head:
        """Work on an event together with another (并案)."""
        return self._event(event_id, "merge", body)

    def split(self, event_id: str, body: Reasoned) -> Head:
        """Part an event from its main event (拆分)."""
        return self._event(event_id, "split", body)

    def send_back(self, order_id: str, body: Return) -> Head:
        """Send an order back (退单)."""
        return self._order(order_id, "return", body)

    def extend(self, order_id: str, body: Extend) -> Head:
        """Ask for more time (延期)."""
        return self._order(order_id, "extend", body)

    def grant(self, order_id: str, body: Decide) -> Head:
        """Say yes or no to more time (审批)."""
        return self._order(order_id, "grant", body)

    def suspend(self, order_id: str, body: Reasoned) -> Head:
        """Stop an order's clock (挂起)."""
        return self._order(order_id, "suspend", body)

    def resume(self, order_id: str, body: Touch) -> Head:
        """Let an order's clock run again."""
        return self._order(order_id, "resume", body)

    def urge(self, order_id: str, body: Reasoned) -> Head:
        """Urge a unit on (催办)."""
        return self._order(order_id, "urge", body)

    def _event(self, item_id: str, verb: str, body: BaseModel) -> Head:
        return send_step(self.wire, paths.EVENT_VERB, item_id, verb, body)

    def _order(self, item_id: str, verb: str, body: BaseModel) -> Head:
        return send_step(self.wire, paths.ORDER_VERB, item_id, verb, body)


def send_step(wire: Wire, path: str, item_id: str, verb: str, body: BaseModel) -> Head:
    """Send one step of a work item, once."""
    call = Call("POST", path.format(item_id=item_id, verb=verb), body=body.model_dump_json())
    return parse(Head, wire.send(call))
