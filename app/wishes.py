"""The operator's unsent wishes, as on disk; each goes out again only when they press send."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.keeper import Keeper
from app.notices import Notices
from backend_client.contract.base import Text
from backend_client.draft import Draft, DraftState


class Wishes(QObject):
    """List the drafts marked 未发送 / not sent of the person signed in.

    Signals:
        changed(): the list is another one.
    """

    changed = Signal()

    def __init__(self, keeper: Keeper, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._notices = notices
        self._unsent: dict[str, Draft] = {}

    def unsent(self) -> tuple[Draft, ...]:
        """Give the drafts not sent, oldest first."""
        return tuple(self._unsent.values())

    def load(self, person_id: str) -> None:
        """Read a person's drafts from disk."""
        self._keeper.drafts(lambda drafts: drafts.unsent(person_id), self._on_loaded)

    def keep(self, draft: Draft) -> None:
        """Keep a wish that could not be sent."""
        self._unsent[draft.draft_id] = draft
        self._keeper.drafts(lambda drafts: drafts.save(draft), None, self._on_not_kept)
        self.changed.emit()

    def sent(self, draft_id: str) -> None:
        """Note that a wish went out at last."""
        self._end(draft_id, DraftState.SENT)

    def discard(self, draft_id: str) -> None:
        """Take a wish off the list because the operator says so; its row stays on disk."""
        self._end(draft_id, DraftState.DISCARDED)

    def _end(self, draft_id: str, state: DraftState) -> None:
        if self._unsent.pop(draft_id, None) is None:
            return
        self._keeper.drafts(lambda drafts: drafts.mark(draft_id, state), None, self._on_not_kept)
        self.changed.emit()

    def _on_loaded(self, drafts: tuple[Draft, ...]) -> None:
        self._unsent = {draft.draft_id: draft for draft in drafts}
        self.changed.emit()

    def _on_not_kept(self, _error: Exception) -> None:
        self._notices.say(
            Text("草稿未能写入磁盘。", "The draft could not be written to disk."),
            meaning=Text("关闭程序后它会丢失。", "It is lost when the program closes."),
            todo=Text("请释放磁盘空间后再保存一次。", "Free disk space, then keep it again."),
            weight="fault",
            key="drafts",
        )
