"""Who is signed in and what they may do: repeats what the service granted, adds no rule.

main.py composes through `app.console`:

    console = build(folder, url=None, clock=SystemClock())   # settings, notices, tasks, stores
    console.start()                              # cache, own service when no URL, probing
    console.reach.session.sign_in("operator", password, totp, failed=...)
    # ... windows take console.reach (client, tasks, notices, stores, session, wishes)
    console.close()                              # streams, workers, child process, in this order
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.stores import Link, Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.gates import Gate
from backend_client.contract.item import WorkItem
from backend_client.errors import SignedOut

CONTROL: Final[frozenset[str]] = frozenset({"request", "authorise"})
ALWAYS: Final[frozenset[str]] = frozenset({"stop", "abort"})  # can only make things safer
STALE_S: Final = 60.0  # a standing gate is told anew every 30 s; domain study 1.7 asks for 60
CLOCK_WARN_S: Final = 2.0
CLOCK_STOP_S: Final = 30.0
RESTING: Final = Text(
    "席位空闲，只读；紧急停止不受限。", "The seat rests and is read-only; STOP always works."
)
REPLAYING: Final = Text(
    "正在回放，只读；紧急停止不受限。", "Replay is on, read-only; STOP always works."
)
Failed = Callable[[Exception], None]


class Session(QObject):
    """Sign in and out; tokens live in the client's memory only.

    Signals:
        signed_in(Person): somebody else or again.
        signed_out(Text): nobody any more, and why.
        rested(bool): the seat became read-only (True) or works again (False).
        looked_back(bool): the maps show the past (True) or now (False).
    """

    signed_in = Signal(object)
    signed_out = Signal(object)
    rested = Signal(bool)
    looked_back = Signal(bool)

    def __init__(
        self, client: Client, tasks: Tasks, stores: Stores, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._tasks = tasks
        self._stores = stores
        self._is_resting = self._is_replaying = False

    @property
    def is_resting(self) -> bool:
        """Tell whether the seat is read-only because nobody used it."""
        return self._is_resting

    @property
    def read_only(self) -> Text | None:
        """Say why nothing may be done here but STOP; None when the seat works."""
        if self._is_resting:
            return RESTING
        return REPLAYING if self._is_replaying else None

    def look_back(self, on: bool) -> None:  # noqa: FBT001  # a switch
        """Make the seat read-only while its maps show the past."""
        if on != self._is_replaying:
            self._is_replaying = on
            self.looked_back.emit(on)

    def rest(self) -> None:
        """Make the seat read-only; the picture goes on and STOP works."""
        if self.person is not None and not self._is_resting:
            self._is_resting = True
            self.rested.emit(True)

    def wake(self, password: str, *, failed: Failed) -> None:
        """Let the person signed in go on after their password; `rested` or `failed` follows.

        The sign-in itself stays: another one is opened for the question and ended at once.
        """
        person = self.person
        if person is None:
            return
        asking = self._client.another()

        def job() -> None:
            try:
                asking.sign_in(person.person_id, password)
            finally:
                _end(asking)

        self._tasks.run(job, self._on_woken, failed)

    def _on_woken(self, _: object) -> None:
        if self._is_resting:
            self._is_resting = False
            self.rested.emit(False)

    @property
    def person(self) -> Person | None:
        """Tell who is signed in."""
        return self._client.person

    def sign_in(self, account: str, password: str, totp: str | None, *, failed: Failed) -> None:
        """Sign in; `signed_in` follows, or `failed` with the refusal."""
        self._tasks.run(
            lambda: self._client.sign_in(account, password, totp), self._on_signed_in, failed
        )

    def sign_out(self) -> None:
        """Sign out; the tokens are gone at once, the service is told when it can be."""
        if self.person is None:
            return
        ending = self._client.another()
        ending.wire.take(self._client.wire.tokens)
        self._client.wire.take(None)
        self._tasks.run(lambda: _end(ending), _nothing, _nothing)
        self.signed_out.emit(Text("已退出登录。", "Signed out."))

    def end(self, error: SignedOut) -> None:
        """Take note that the service ended the sign-in."""
        self._client.wire.take(None)
        self.signed_out.emit(error.what)

    def may(self, verb: str, item: WorkItem) -> bool:
        """Tell whether the person may take this step on the item as things stand."""
        return self.why_not(verb, item) is None

    def why_not(self, verb: str, item: WorkItem) -> Text | None:
        """Say why a step is not open; None when it is."""
        if self.person is None:
            return Text("尚未登录。", "Nobody is signed in.")
        if self.read_only is not None and verb not in ALWAYS:
            return self.read_only
        if verb not in item.allowed:
            return Text("当前状态或权限不允许此操作。", "Its state or your rights do not allow it.")
        if verb not in CONTROL:
            return None
        if isinstance(item, Gate) and _is_stale(self._stores, item):
            return Text(
                "设备读数已过时，控制停用。", "The device's reading is stale; control is off."
            )
        return self.why_no_control()

    def why_no_control(self) -> Text | None:
        """Say why control is off altogether; None when it is open."""
        stores = self._stores
        if self.read_only is not None:
            return self.read_only
        if stores.link is not Link.ONLINE:
            return Text(
                "与服务的连接中断或迟缓，控制停用。", "The link is late or down; control is off."
            )
        if self._client.wire.has_lapsed():
            return Text("登录待续，控制停用。", "The sign-in is not renewed; control is off.")
        offset_s = stores.clock_offset_s
        if offset_s is None or abs(offset_s) > CLOCK_STOP_S:
            return Text(
                "本机时钟与服务相差超过 30 秒，控制停用。",
                "This machine's clock is more than 30 s off; control is off.",
            )
        return None

    def _on_signed_in(self, person: Person) -> None:
        self._on_woken(None)
        self.signed_in.emit(person)


def _is_stale(stores: Stores, gate: Gate) -> bool:
    if gate.link != "online" or gate.observed_at is None:
        return True
    return stores.age_of_s(gate.observed_at) > STALE_S


def _end(client: Client) -> None:
    try:
        client.sign_out()
    finally:
        client.close()


def _nothing(_: object) -> None:
    """Take no notice: a sign-out the service does not hear of ends by itself."""
