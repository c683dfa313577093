"""Every layer counted once per change, in a worker where there is one; ticks read the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject

from app.event_table import EventTable
from app.order_table import OrderTable
from app.stores import Stores
from app.tally import NO_LAYER, Everyday, LayerFigures, Objects, count_layer, fixed, moving
from app.tasks import Runner
from backend_client.contract.columns import FeatureBlock, FixBlock

AGAIN_S: Final = 10.0  # ages grow: what nobody changes is counted again


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a layer before its data: how often it is due.

    Args:
        refresh_s: how often its source reports.
        periods_s: how often each kind is due; kinds without one do not grow old.
        everyday: the levels of each kind that are everyday work.
    """

    refresh_s: float = 300.0
    periods_s: Mapping[str, float] = field(default_factory=dict)
    everyday: Everyday = field(default_factory=dict)

    @property
    def period_s(self) -> float:
        """Give how often its fastest source is due."""
        return min((self.refresh_s, *self.periods_s.values()))


UNPLANNED: Final = Plan()


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """What a count was made from, and when."""

    block: FeatureBlock
    fixes: FixBlock
    at_s: float
    figures: LayerFigures


class Census(QObject):
    """Keep every layer's count at its newest block and fixes."""

    def __init__(
        self,
        stores: Stores,
        plans: Mapping[str, Plan] | None = None,
        *,
        runner: Runner | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            stores: what is counted.
            plans: the layers that are expected; others are counted as well.
            runner: the workers; without them a count is made where it is asked for.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._stores = stores
        self._runner = runner
        self._counted: dict[str, _Counted] = {}
        self._is_busy = False
        self.plans = dict(plans or {})
        self.events = EventTable(stores.events, self)
        self.orders = OrderTable(stores.orders, self)

    def layers(self) -> tuple[str, ...]:
        """List the layers that are expected; without any plan those that are there."""
        stores = self._stores
        there = (*stores.blocks.layers(), *stores.positions.layers())
        return tuple(self.plans) or tuple(dict.fromkeys(there))

    def plan(self, layer: str) -> Plan:
        """Give what is known of a layer."""
        return self.plans.get(layer, UNPLANNED)

    def of(self, layer: str) -> LayerFigures:
        """Give a layer's newest count."""
        counted = self._counted.get(layer)
        return counted.figures if counted else NO_LAYER

    def all(self) -> dict[str, LayerFigures]:
        """Give the newest count of every layer."""
        return {layer: self.of(layer) for layer in self.layers()}

    def update(self) -> None:
        """Count what has changed since; the result may come later."""
        now_s = self._stores.server_now().timestamp()
        due = [layer for layer in self.layers() if self._is_due(layer, now_s)]
        if not due or self._is_busy:
            return
        jobs = [self._job(layer, now_s) for layer in due]
        if self._runner is None:
            self._on_counted([job() for job in jobs])
            return
        self._is_busy = True
        self._runner.run(lambda: [job() for job in jobs], self._on_counted, self._on_failed)

    def _is_due(self, layer: str, now_s: float) -> bool:
        known = self._counted.get(layer)
        block, fixes = self._stores.blocks.get(layer), self._stores.positions.latest(layer)
        if known is None:
            return bool(block.oid.size or fixes.oid.size)
        moved = block.version != known.block.version or fixes.oid is not known.fixes.oid
        moved = moved or fixes.observed_ms is not known.fixes.observed_ms
        return moved or abs(now_s - known.at_s) >= AGAIN_S

    def _job(self, layer: str, now_s: float) -> Callable[[], tuple[str, _Counted]]:
        plan = self.plan(layer)
        block, fixes = self._stores.blocks.get(layer), self._stores.positions.latest(layer)

        def job() -> tuple[str, _Counted]:
            parts: list[Objects] = [fixed(block), moving(fixes)]
            figures = count_layer(parts, plan.periods_s, now_s, plan.everyday)
            return layer, _Counted(block, fixes, now_s, figures)

        return job

    def _on_counted(self, counted: list[tuple[str, _Counted]]) -> None:
        self._is_busy = False
        self._counted.update(counted)

    def _on_failed(self, error: Exception) -> None:
        self._is_busy = False
        raise error
