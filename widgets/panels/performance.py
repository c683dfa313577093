"""行政问效: what the orders in sight tell, and the rate sent back as the service counts it."""

from __future__ import annotations

from app.answers import NowOf
from backend_client.contract.base import Text
from widgets.card import Card, CardFigures
from widgets.panel import Age, Face

EVERY_S = 60.0
OLD_S = 300.0
"""An older answer is no longer shown: the card's age is that of the stream, not of this number."""
RETURNED = "returned_share"


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

    def freshen(self) -> None:
        """Ask the service now and then: it alone knows what was sent back in seven days."""
        if self.isVisible():
            self.room.stores.answers.ask(NowOf(), EVERY_S)
        super().freshen()

    def _returned(self) -> float | None:
        answers = self.room.stores.answers
        board = answers.get(NowOf())
        readings = board.readings if board and answers.age_s(NowOf()) < OLD_S else ()
        return next((one.value for one in readings if one.indicator == RETURNED), None)

    def figures(self) -> CardFigures:
        """Give the share back in time, the share signed and the share sent back."""
        now, words = self.room.figures.orders, self.room.words
        on_time = 100.0 * now.on_time / now.due if now.due else None
        signed = 100.0 * now.signed / now.sent if now.sent else None
        return CardFigures(
            number=words.number(on_time, 1),
            unit=Text("%", "%"),
            rows=(
                (Text("签收率", "Signed"), words.measured(signed, Text("%", "%"), 1)),
                (Text("退单率", "Returned"), words.measured(self._returned(), Text("%", "%"), 1)),
            ),
            trend=None,
        )
