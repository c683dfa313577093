"""Tell how the console stands to the service: late after 2 s of silence, offline after 4 s."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from app.notices import Notices
from app.session import CLOCK_WARN_S
from app.stores import Link, Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.service import Health
from backend_client.errors import Untrusted

LATE_S: Final = 2.0
OFFLINE_S: Final = 4.0
LOOK_MS: Final = 250
PROBE_S: Final = 2.0


class LinkWatch(QObject):
    """Set `stores.link` from the beats; before anyone signs in, from probing the service."""

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        stores: Stores,
        *,
        notices: Notices,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._tasks = tasks
        self._stores = stores
        self._notices = notices
        self._clock = clock
        self._is_live = False
        self._is_probing = False
        self._patience_s = OFFLINE_S
        self._since_s = clock.steady_s()
        self._probed_s = float("-inf")
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self, *, patience_s: float = OFFLINE_S) -> None:
        """Begin to look and to probe.

        Args:
            patience_s: how long the service may take for its first word; more when it is our
                own and just starting.
        """
        self._patience_s = patience_s
        self._since_s = self._clock.steady_s()
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def idle(self) -> None:
        """Expect no beats: nobody is signed in."""
        self._is_live = False
        self._since_s = self._clock.steady_s()
        self._stores.set_link(Link.CACHED if self._stores.epoch else Link.STARTING)

    def hear(self) -> None:
        """Take a beat: the link stands."""
        self._is_live = True
        self._stores.set_link(Link.ONLINE)
        self._notices.recover("link", _BACK)
        self._notices.recover("certificate", _TRUSTED)
        self._look_at_clock()

    def falter(self) -> None:
        """Take one broken connection: late until the next one stands or fails."""
        if self._stores.link is Link.ONLINE:
            self._stores.set_link(Link.LATE)

    def lose(self) -> None:
        """Take the loss of the connection: offline at once, tell it once."""
        if self._is_live or self._stores.link is Link.CACHED:
            self._stores.set_link(Link.OFFLINE)
            self._notices.lose("link", _LOST, meaning=_LAST_PICTURE, todo=_RECONNECTS)

    @Slot()
    def look(self) -> None:
        """Compare the silence with its limits."""
        if not self._is_live:
            self._probe()
            return
        silent_s = self._stores.silent_s()
        if silent_s > OFFLINE_S:
            self.lose()
        elif silent_s > LATE_S and self._stores.link is Link.ONLINE:
            self._stores.set_link(Link.LATE)

    def _probe(self) -> None:
        now_s = self._clock.steady_s()
        if self._is_probing or now_s - self._probed_s < PROBE_S:
            return
        self._is_probing, self._probed_s = True, now_s
        self._tasks.run(self._client.health, self._on_health, self._on_no_health)

    def _on_health(self, health: Health) -> None:
        self._is_probing = False
        self._patience_s = OFFLINE_S
        if self._is_live:
            return
        self._stores.hear(health.at)
        self._notices.recover("link", _BACK)
        self._stores.set_link(Link.CACHED if self._stores.epoch else Link.STARTING)

    def note(self, error: Exception) -> None:
        """Tell once of a certificate that does not stand; other causes are the link's state."""
        if isinstance(error, Untrusted):
            self._notices.lose("certificate", error.what, meaning=_UNTRUSTED, todo=error.todo)

    def _on_no_health(self, error: Exception) -> None:
        self._is_probing = False
        self.note(error)
        quiet_s = min(self._stores.silent_s(), self._clock.steady_s() - self._since_s)
        if not self._is_live and quiet_s > self._patience_s:
            self._stores.set_link(Link.OFFLINE)
            self._notices.lose("link", _LOST, meaning=_LAST_PICTURE, todo=_RECONNECTS)

    def _look_at_clock(self) -> None:
        offset_s = self._stores.clock_offset_s
        if offset_s is None or abs(offset_s) <= CLOCK_WARN_S:
            self._notices.recover("clock", _CLOCK_RIGHT)
            return
        self._notices.lose("clock", _CLOCK_WRONG, meaning=_CLOCK_MEANS, todo=_CLOCK_TODO)


_LOST: Final = Text("与服务的连接中断。", "The link to the service is down.")
_BACK: Final = Text("与服务的连接已恢复。", "The link to the service is back.")
_UNTRUSTED: Final = Text(
    "为安全起见未连接，什么都没有发送。", "For safety nothing was connected and nothing was sent."
)
_TRUSTED: Final = Text("服务的证书已受信任。", "The service's certificate is trusted now.")
_LAST_PICTURE: Final = Text(
    "画面为中断前的最后状态，数值标有时间；控制停用。",
    "The wall shows the last picture with ages; control is off.",
)
_RECONNECTS: Final = Text(
    "程序自动重连；若一直如此，请检查网络与服务。",
    "It reconnects by itself; if this stays, check the network and the service.",
)
_CLOCK_WRONG: Final = Text(
    "本机时钟与服务相差超过 2 秒。", "This machine's clock is more than 2 s off the service's."
)
_CLOCK_RIGHT: Final = Text("本机时钟已校准。", "This machine's clock is right again.")
_CLOCK_MEANS: Final = Text("超过 30 秒时控制停用。", "Beyond 30 s control is off.")
_CLOCK_TODO: Final = Text("请校准本机时钟。", "Set this machine's clock.")
