"""Reports as they come: each joins an open event or opens one; what people decided is binding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.analytics.text.decisions import Decisions
from backend.analytics.text.judge import Judge
from backend.analytics.text.matcher import Matcher
from backend.analytics.text.message import Message
from backend.analytics.text.policy import Policy
from backend.analytics.text.reading import Wording
from backend_client.contract.base import Text


@dataclass(frozen=True, slots=True)
class Step:
    """Say where a report went and why; `asks` asks a person to look.

    `event` is the event it joined or opened; `nearest` the report it was likest to, with its
    score, whether it joined that one's event or not.
    """

    event: str
    joined: bool
    score: float
    asks: bool
    nearest: str | None
    reasons: tuple[Text, ...]


class Stream:
    """Merge reports in the order of time; an event is named by its first report."""

    def __init__(
        self, judge: Judge, wording: Wording | None = None, decisions: Decisions | None = None
    ) -> None:
        """Begin without open events; the judge's threshold is where a report joins."""
        self.judge = judge
        policy = Policy(auto=judge.threshold, ask=judge.band[0])
        self.matcher = Matcher(judge, policy, decisions, wording)
        self._now = float("-inf")

    def take(self, message: Message) -> Step:
        """Take the next report.

        Raises:
            ValueError: an earlier report came later, or the same came twice.
        """
        if message.time < self._now:
            raise ValueError(
                f"{message.id} 早于已处理的报告；请按时间顺序给出 / {message.id} is earlier than "
                "what was taken; give reports in the order of time"
            )
        if message.id in self.matcher:
            raise ValueError(f"{message.id} 重复 / {message.id} came twice")
        self._now = message.time
        found = self.matcher.look(message, 1)
        joins = bool(found) and found[0].verdict == "auto"
        self.matcher.add(message, found[0].event if joins else None)
        if not found:
            return Step(message.id, False, 0.0, False, None, ())
        best = found[0]
        bound = best.evidence[0].kind == "decided"
        asks = not bound and self.judge.asks(best.score)
        said = tuple(one.said for one in best.evidence) if joins or asks else ()
        event = best.event if joins else message.id
        return Step(event, joins, best.score, asks, best.other, said)

    def close(self, event: str) -> None:
        """Let no more reports join an event."""
        self.matcher.close(event)


def events(stream: Stream, messages: Iterable[Message]) -> dict[str, str]:
    """Give the event of each report, the reports taken in the order of time and then of id."""
    ordered = sorted(messages, key=lambda one: (one.time, one.id))
    return {one.id: stream.take(one).event for one in ordered}
