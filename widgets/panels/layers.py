"""The cards of the layers that are connected: citizens' requests, hazmat, water."""

from __future__ import annotations

from app.figures import HAZMAT, REQUESTS, WATER
from app.i18n import NOT_SET
from backend_client.contract.base import Text
from widgets.card import Card, CardFigures
from widgets.panel import Age, Face


class _LayerCard(Card):
    layer = ""

    def age(self) -> Age:
        """Give the age of the layer's newest value."""
        feed = self.room.figures.feed(self.layer)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show that nothing came yet rather than a zero."""
        known = super().face()
        feed = self.room.figures.feed(self.layer)
        return Face.EMPTY if known is Face.READY and feed.newest_at is None else known


class RequestsCard(_LayerCard):
    """Citizens' events: how many are open."""

    layer, glyph, group = REQUESTS, "requests", "g_society"
    title = Text("民生诉求", "Requests")
    owner = Text("数据局", "Data bureau")

    def figures(self) -> CardFigures:
        """Give open events, due within a day, overdue."""
        now = self.room.figures.requests
        say = self.room.words.number
        return CardFigures(
            number=say(now.open),
            unit=Text("件", "open"),
            rows=(
                (Text("24 小时到期", "Due in 24 h"), say(now.due_soon)),
                (Text("待受理", "To accept"), say(now.waiting)),
            ),
            abnormal=now.abnormal,
            trend=self.room.pulse.trend(REQUESTS),
        )


class HazmatCard(_LayerCard):
    """Hazardous goods on the road."""

    layer, glyph, group = HAZMAT, "hazmat", "g_safety"
    title = Text("危化品", "Hazmat")
    owner = Text("应急局", "Emergency")

    def figures(self) -> CardFigures:
        """Give vehicles, how many move, fixed sites."""
        now = self.room.figures.hazmat
        say = self.room.words.number
        return CardFigures(
            number=say(now.vehicles),
            unit=Text("辆", "trucks"),
            rows=(
                (Text("行驶中", "Moving"), say(now.moving)),
                (Text("登记场所", "Sites"), say(now.sites)),
            ),
            abnormal=now.abnormal,
            trend=self.room.pulse.trend(HAZMAT),
        )


class WaterCard(_LayerCard):
    """Rivers and sluices."""

    layer, glyph, group = WATER, "water", "g_city"
    title = Text("水利防汛", "Water")
    owner = Text("水利局", "Water")

    def figures(self) -> CardFigures:
        """Give stations over warning, gates open, the next drain window."""
        now = self.room.figures.water
        words = self.room.words
        window = now.next_window_at
        return CardFigures(
            number=words.number(now.over_warning),
            unit=Text("站超警", "over"),
            rows=(
                (
                    Text("开闸", "Gates open"),
                    f"{words.number(now.gates_open)}/{words.number(now.gates)}",
                ),
                (
                    Text("下个窗口", "Next window"),
                    words.minute(window) if window else words.say(NOT_SET),
                ),
            ),
            abnormal=now.abnormal,
            trend=self.room.pulse.trend(WATER),
        )
