"""Put on the board what people should see anew: gate items, water features, alarms."""

from __future__ import annotations

from typing import Protocol

from backend.domain import gauges
from backend.domain.devices import Facts, Reading
from backend.services.gates.calls import call_fault, call_stray
from backend.services.gates.live import Live, Pace
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.feature import FeatureIn
from backend_client.contract.gates import Gate

LAYER = "water"
STRAY_M = 0.02
STILL_S = 30.0
AT_ONCE = 4
"""Gates written while every door waits."""


class Projector(Protocol):
    """Whoever keeps the map's layers."""

    def project(self, unit: Unit, layer: str, feature: FeatureIn) -> int:
        """Put one object into a layer inside an open unit; give its number."""
        ...


class Strays:
    """Notice leaves that leave their place while no command runs."""

    def __init__(self) -> None:
        self._rest: dict[str, tuple[int, dict[int, float]]] = {}
        self._since_s: dict[str, float] = {}

    def look(self, reading: Reading, now_s: float) -> bool | None:
        """Give True when a device begins to stray, False when it has come to rest, else None.

        Openings are compared between samples of one sequence number: any order, its end and any
        hand on the mode switch moves the number on.
        """
        device_id = reading.device_id
        openings = {bay.no: bay.opening_m for bay in reading.bays}
        seq, rest = self._rest.get(device_id, (-1, openings))
        idle = seq == reading.seq and reading.running is None
        if not idle:
            self._rest[device_id] = (reading.seq, openings)
        gone = idle and any(abs(openings[no] - rest[no]) >= STRAY_M for no in openings)
        if gone:
            began = device_id not in self._since_s
            self._since_s[device_id] = now_s
            self._rest[device_id] = (reading.seq, openings)
            return True if began else None
        if device_id in self._since_s and now_s - self._since_s[device_id] >= STILL_S:
            del self._since_s[device_id]
            return False
        return None


class Board:
    """Compare what was shown last with the live samples; write only what differs."""

    def __init__(self, database: Database, live: Live, projector: Projector, *, pace: Pace) -> None:
        self._database = database
        self._live = live
        self._projector = projector
        self._pace = pace
        self._strays = Strays()
        self._shown: dict[str, tuple[Gate, float]] = {}

    def show(self) -> int:
        """Write every gate that changed to the eye, and each that answers twice a minute.

        Returns: how many were written.
        """
        now_s = self._live.clock.steady_s()
        strays = self._look(now_s)
        due = [f for f in self._live.facts.values() if f.device_id in strays or self._is_due(f)]
        if not due:
            return 0
        for start in range(0, len(due), AT_ONCE):
            with self._database.write() as unit:
                some = due[start : start + AT_ONCE]
                written = [self._write(unit, facts, strays.get(facts.device_id)) for facts in some]
            self._shown |= {gate.item_id: (gate, now_s) for gate in written}
        return len(due)

    def _look(self, now_s: float) -> dict[str, bool]:
        found = {}
        for device_id in self._live.facts:
            reading = self._live.reading(device_id)
            turn = self._strays.look(reading, now_s) if reading else None
            if turn is not None:
                found[device_id] = turn
        return found

    def _is_due(self, facts: Facts) -> bool:
        shown = self._shown.get(facts.device_id)
        if shown is None:
            return True
        gate, at_s = shown
        if gauges.differs(gate, self._live.gate(gate)):
            return True
        answers = self._live.link(facts.device_id) == "online"
        return answers and self._live.clock.steady_s() - at_s >= self._pace.refresh_s

    def _write(self, unit: Unit, facts: Facts, stray: bool | None) -> Gate:  # noqa: FBT001
        stored = unit.get(Gate, facts.device_id)
        if stored is None:
            stored = gauges.new_gate(facts, unit.clock.now())
            unit.add(stored, by=None, action="gate.install")
        gate = self._live.gate(stored)
        unit.observe(gate)
        self._projector.project(unit, LAYER, gauges.feature(gate, facts, unit.clock.now()))
        if [bay.fault for bay in stored.bays] != [bay.fault for bay in gate.bays]:
            call_fault(unit, gate)
        if stray is not None:
            call_stray(unit, gate, moving=stray)
        return gate
