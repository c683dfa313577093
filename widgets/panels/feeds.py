"""数据健康: which feeds are live, which are late or dead, worst first, and whom to call."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from app.figures import Feed as LayerFeed
from app.tally import share_pct
from backend_client.contract.base import Text
from backend_client.contract.feeds import Feed, FeedFault, FeedState
from widgets.card import Card, CardFigures
from widgets.paint import Board
from widgets.panel import Age, Face, Panel, age_words
from widgets.panels.theme import LayerPanel
from widgets.tables import Cell, Head, draw_table, more_note

FEED_STATES: dict[FeedState, Text] = {
    FeedState.DEAD: Text("断", "dead"),
    FeedState.LATE: Text("迟到", "late"),
    FeedState.WAITING: Text("待接", "waiting"),
    FeedState.LIVE: Text("在线", "live"),
}
WORST = tuple(FEED_STATES)
FAULTS: dict[FeedFault, Text] = {
    FeedFault.BEHIND: Text("到达滞后", "arrives late"),
    FeedFault.DOUBLED: Text("重复上报", "sends twice"),
    FeedFault.UNIT: Text("疑似换单位", "unit changed"),
    FeedFault.CLOCK: Text("时钟不准", "clock wrong"),
    FeedFault.REFUSED: Text("多数被拒", "mostly refused"),
}
LEVELS = {FeedState.DEAD: 3, FeedState.LATE: 4}


def worst_first(feeds: tuple[Feed, ...]) -> list[Feed]:
    """Put dead feeds before late ones, faulty ones before sound ones, then by id."""
    return sorted(
        feeds,
        key=lambda one: (WORST.index(one.state), one.fault is FeedFault.NONE, one.item_id),
    )


class DataHealth(Card):
    """How many layers are live, how old the oldest is, how many rows are refused."""

    title = Text("数据健康", "Data health")

    def face(self) -> Face:
        """Say that nothing came yet rather than count zero."""
        known = super().face()
        heard = any(feed.newest_at for feed in self.room.figures.feeds)
        return known if heard or known is not Face.READY else Face.EMPTY

    def age(self) -> Age:
        """Give the age of the newest layer: this card is as fresh as what it counts."""
        feeds = self.room.figures.feeds
        return Age(min((feed.age_s for feed in feeds), default=float("inf")), 60.0)

    def figures(self) -> CardFigures:
        """Give live layers of all, the oldest layer's age, the share of refused rows."""
        words, feeds = self.room.words, self.room.figures.feeds
        known: list[LayerFeed] = [feed for feed in feeds if feed.newest_at is not None]
        live = sum(not feed.is_late for feed in known)
        oldest = words.age(max((feed.age_s for feed in known), default=0.0))
        registered = self.room.stores.feeds.all()
        refused = sum(feed.rejected for feed in registered)
        rows = refused + sum(feed.accepted for feed in registered)
        share = words.measured(share_pct(refused, rows), Text("%", "%"), 2)
        return CardFigures(
            number=str(live),
            unit=Text(f"/{len(feeds)} 图层", f"/{len(feeds)} layers"),
            rows=((Text("最旧图层", "Oldest"), oldest), (Text("拒收行", "Refused"), share)),
            trend=None,
        )

    def owner_words(self) -> str:
        """Count the registered feeds that are not live."""
        feeds, words = self.room.stores.feeds.all(), self.room.words
        bad = sum(feed.state in LEVELS for feed in feeds)
        if not feeds:
            return words.pick("未登记来源", "no feed registered")
        return words.pick(f"断迟 {bad}/{len(feeds)} 源", f"{bad} of {len(feeds)} bad")


class Feeds(Panel):
    """Every registered feed that is not well, worst first; who brings it and whom to call."""

    title = Text("数据来源", "Feeds")
    empty_words = Text("未登记来源", "No feed registered")
    empty_reason = Text("数据单位尚未登记", "no unit has registered its feed yet")

    def feeds(self) -> list[Feed]:
        """Give the feeds, worst first."""
        return worst_first(self.room.stores.feeds.all())

    def face(self) -> Face:
        """Say that no unit has registered a feed."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self.feeds() else known

    def note(self) -> str:
        """Count by state."""
        feeds, words = self.feeds(), self.room.words
        counts = {state: sum(one.state is state for one in feeds) for state in WORST}
        return words.join(
            *(
                f"{words.say(FEED_STATES[state])} {count}"
                for state, count in counts.items()
                if count
            )
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per feed as far as there is room, and how many are not shown."""
        feeds = self.feeds()
        room = area.adjusted(0, 0, 0, -board.u(34))
        heads = (Head("", 2.8), Head("", 1.7), Head("", 2.1), Head("", 2.3, "right"))
        shown = draw_table(board, room, heads=heads, rows=[self._row(one) for one in feeds])
        if len(feeds) > shown:
            rest = len(feeds) - shown
            more_note(board, area, self.room.words.pick(f"另有 {rest} 源", f"{rest} more"))

    def _row(self, feed: Feed) -> tuple[Cell, ...]:
        words, names = self.room.words, self.room.names
        fault = FAULTS.get(feed.fault)
        what = words.join(words.say(FEED_STATES[feed.state]), words.say(fault) if fault else "")
        level = LEVELS.get(feed.state, 4 if fault else 0)
        age_s = self.room.stores.age_of_s(feed.heard_at) if feed.heard_at else float("inf")
        since = age_words(Age(age_s, float("inf")), self.room)[0]
        return (
            Cell(self.say(feed.title), bold=bool(level), level=level, elide=True),
            Cell(words.say(names.department(feed.department)), "t2", elide=True),
            Cell(f"{what} {since}", "t2", elide=True),
            Cell(feed.phone, "t1" if level else "t3"),  # whom to call is never cut
        )


class Sources(LayerPanel, Feeds):
    """The registered feeds of one layer."""

    title = Text("数据来源", "Feeds of this layer")
    empty_words, empty_reason = Feeds.empty_words, Feeds.empty_reason

    def feeds(self) -> list[Feed]:
        """Give this layer's feeds, worst first."""
        own = tuple(one for one in self.room.stores.feeds.all() if one.layer == self.layer)
        return worst_first(own)

    def face(self) -> Face:
        """Say that no unit has registered a feed of this layer."""
        return Feeds.face(self)

    def age(self) -> None:
        """Leave ages to the rows."""
