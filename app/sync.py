"""The one way in for data: cache, then snapshot, then stream, positions and blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from app.keeper import Keeper
from app.layer_sync import LayerSync
from app.link_watch import OFFLINE_S, LinkWatch
from app.notices import Notices
from app.saver import Saver
from app.session import Session
from app.snapshot import Part, gone, read
from app.stores import Link, Stores
from app.tasks import Follow, Tasks
from backend_client.client import Client
from backend_client.contract.auth import Person
from backend_client.contract.change import Beat, Change, ItemKind, Resync
from backend_client.contract.clock import Clock
from backend_client.errors import SignedOut, Unreachable
from backend_client.picture import Picture
from backend_client.pull import Fixes, Pull
from backend_client.stream import Batch, Frame, Lost, Opened, Stream

AGAIN_MS: Final = 2_000
CHUNK: Final = 500


class Sync(QObject):
    """Keep the stores at the service's state, and the cache at the stores'."""

    def __init__(
        self,
        client: Client,
        *,
        server: str,
        tasks: Tasks,
        stores: Stores,
        session: Session,
        keeper: Keeper,
        notices: Notices,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            client: the service as the person signed in.
            server: names the service in the cache, also when its port changes.
            tasks: the threads.
            stores: what is filled.
            session: whose coming and going starts and ends the streams.
            keeper: the cache file.
            notices: hears of what failed.
            clock: measures ages.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._client = client
        self._server = server
        self._tasks = tasks
        self._stores = stores
        self._session = session
        self._keeper = keeper
        self._notices = notices
        self._clock = clock
        self._watch = LinkWatch(client, tasks, stores, notices=notices, clock=clock, parent=self)
        self._layers = LayerSync(client, tasks, stores, failed=self._on_failed, parent=self)
        self._saver = Saver(keeper, stores, clock, self)
        self._follows: list[Follow] = []
        self._snapshot: Follow | None = None
        self._stream: Stream | None = None
        self._losses = 0
        self._seen: defaultdict[ItemKind, set[str]] = defaultdict(set)
        self._owner = ""
        session.signed_in.connect(self._on_signed_in)
        session.signed_out.connect(self._on_signed_out)

    def start(self, *, patience_s: float = OFFLINE_S) -> None:
        """Show the last picture, and look for the service, which may take so long to answer."""
        self._watch.start(patience_s=patience_s)
        self._keeper.picture(self._server, self._on_picture)

    def stop(self) -> None:
        """Hang up every stream and write the rest into the cache."""
        self._watch.stop()
        self._hang_up()
        self._saver.pause()

    def try_now(self) -> None:
        """Reconnect without the rest of the pause: the service has just come up."""
        if self._stream is not None:
            self._stream.try_now()

    # The last picture

    def _on_picture(self, picture: Picture | None) -> None:
        if picture is None or self._session.person is not None:
            return
        stores = self._stores
        self._owner = picture.standing.person_id
        stores.restart(picture.standing.epoch, picture.standing.n)
        for block, age_s in picture.blocks:
            stores.blocks.put(block, age_s=age_s)
        if picture.fixes is not None:
            stores.positions.apply(picture.fixes[0], whole=True, age_s=picture.fixes[1])
        self._apply(picture.items, n=picture.standing.n, age_s=picture.age_s)
        if stores.link is Link.STARTING:
            stores.set_link(Link.CACHED)

    # The snapshot

    @Slot(object)
    def _on_signed_in(self, person: Person) -> None:
        self._hang_up()
        if self._owner != person.person_id:
            self._stores.clear()  # another person's sight is not theirs
        self._owner = person.person_id
        self._take_snapshot()

    @Slot(object)
    def _on_signed_out(self, _why: object) -> None:
        self._hang_up()
        self._saver.pause()
        self._watch.idle()

    def _take_snapshot(self) -> None:
        if self._snapshot is not None:
            self._snapshot.stop()
        self._seen.clear()
        self._snapshot = self._tasks.follow(
            lambda stopped: read(self._client, stopped), self._on_part, self._on_snapshot_failed
        )

    def _on_part(self, part: Part) -> None:
        page = part.page
        if page.epoch != self._stores.epoch:
            self._stores.restart(page.epoch, page.n)
        changes = part.changes()
        self._seen[part.kind].update(change.item_id for change in changes)
        self._take(changes, n=self._stores.n)
        self._stores.hear()
        if part.is_last:
            self._on_snapshot(part.first_n)

    def _on_snapshot(self, n: int) -> None:
        self._take(gone(self._stores, self._seen, n), n=max(n, self._stores.n))
        self._saver.begin(self._server, self._owner)
        self._layers.refresh()
        if self._stream is None:
            self._open_stream(f"{self._stores.epoch}:{n}")
            self._pull()

    def _on_snapshot_failed(self, error: Exception) -> None:
        if not isinstance(error, Unreachable):
            self._on_failed(error)
        if not isinstance(error, SignedOut):
            QTimer.singleShot(AGAIN_MS, self, self._on_snapshot_again)

    @Slot()
    def _on_snapshot_again(self) -> None:
        if self._session.person is not None:
            self._take_snapshot()

    # The stream

    def _open_stream(self, last_id: str) -> None:
        self._stream = Stream(self._client, self._clock, last_id=last_id)
        self._follows.append(
            self._tasks.follow(self._stream.frames, self._on_frame, self._on_stream_failed)
        )

    def _on_frame(self, frame: Frame) -> None:
        stores = self._stores
        if isinstance(frame, Lost):
            self._watch.note(frame.error)
            self._stores.retry_in(frame.pause_s)
            self._on_lost()
            return
        self._losses = 0
        if isinstance(frame, Opened):
            self._layers.refresh()
            return
        stores.hear(frame.at if isinstance(frame, Beat) else None)
        if isinstance(frame, Batch):
            self._take(frame.changes, n=None)
            for moved in frame.layers:
                self._layers.poke(moved.layer, moved.version)
        elif isinstance(frame, Resync):
            self._take_snapshot()
        else:
            self._watch.hear()
            self._layers.confirm()

    def _on_lost(self) -> None:
        """Take a broken connection: the second in a row without an answer is a lost link."""
        self._losses += 1
        if self._losses > 1:
            self._watch.lose()
        else:
            self._watch.falter()

    def _on_stream_failed(self, error: Exception) -> None:
        last_id = self._stream.last_id if self._stream else ""
        self._stores.retry_in(AGAIN_MS / 1_000)
        self._watch.lose()
        self._on_failed(error)
        if self._session.person is not None:
            QTimer.singleShot(AGAIN_MS, self, lambda: self._reopen(last_id))

    def _reopen(self, last_id: str) -> None:
        if self._session.person is not None and self._stream is not None:
            self._open_stream(last_id)

    # Positions

    def _pull(self) -> None:
        pull = Pull(self._client, self._clock)
        self._follows.append(self._tasks.follow(pull.batches, self._on_fixes, self._on_pull_failed))

    def _on_fixes(self, fixes: Fixes) -> None:
        self._stores.positions.apply(fixes.block, whole=fixes.whole)

    def _on_pull_failed(self, error: Exception) -> None:
        self._on_failed(error)
        if self._session.person is not None:
            QTimer.singleShot(AGAIN_MS, self, self._on_pull_again)

    @Slot()
    def _on_pull_again(self) -> None:
        if self._session.person is not None and self._stream is not None:
            self._pull()

    # Common

    def _take(self, changes: Sequence[Change], *, n: int | None) -> None:
        """Apply what came down and keep it for the cache."""
        self._apply(changes, n=n, age_s=0.0)
        self._saver.add(changes)

    def _apply(self, changes: Sequence[Change], *, n: int | None, age_s: float) -> None:
        """Apply in pieces, so that a long picture does not hold the main thread."""
        first, rest = changes[:CHUNK], changes[CHUNK:]
        if not rest:
            self._stores.apply(first, n=n, age_s=age_s)
            return
        self._stores.apply(first, n=self._stores.n, age_s=age_s)
        QTimer.singleShot(0, self, lambda: self._apply(rest, n=n, age_s=age_s))

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, SignedOut):
            if self._session.person is not None or self._stream is not None:
                self._session.end(error)
            return
        self._notices.fail(error)

    def _hang_up(self) -> None:
        if self._stream is not None:
            self._stream.hang_up()
            self._stream = None
        for follow in (*self._follows, self._snapshot):
            if follow is not None:
                follow.stop()
        self._follows, self._snapshot = [], None
