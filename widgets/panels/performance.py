"""行政问效: what the orders in sight honestly tell; what no source brings is said to be missing."""

from __future__ import annotations

from backend_client.contract.base import Text
from widgets.card import Card, CardFigures
from widgets.panel import Age, Face

NO_SOURCE = Text("无来源", "no source")


class Performance(Card):
    """How many of the orders that are due came back in time, how many were signed."""

    title = Text("行政问效 · 按时", "Orders on time")
    owner = Text("在派工单", "orders in sight")
    empty_words = Text("尚无到期工单", "None due yet")
    empty_reason = Text("到期或反馈后计算", "no order is due")

    def age(self) -> Age | None:
        """Give how long ago the stream that brings the orders was heard."""
        return Age(self.room.stores.silent_s(), 30.0)

    def face(self) -> Face:
        """Say that there is nothing to count before any order is due or reported."""
        known = super().face()
        due = self.room.figures.orders.due
        return Face.EMPTY if known is Face.READY and not due else known

    def figures(self) -> CardFigures:
        """Give the share back in time and the share signed; returns have no source yet."""
        now, words = self.room.figures.orders, self.room.words
        on_time = 100.0 * now.on_time / now.due if now.due else None
        signed = 100.0 * now.signed / now.sent if now.sent else None
        return CardFigures(
            number=words.number(on_time, 1),
            unit=Text("%", "%"),
            rows=(
                (Text("签收率", "Signed"), words.measured(signed, Text("%", "%"), 1)),
                (Text("退单率", "Returned"), self.say(NO_SOURCE)),
            ),
            trend=None,
        )
