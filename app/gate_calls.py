"""Which sluice an alarm calls for, and which command there is still under way."""

from __future__ import annotations

from app.stores import Stores
from backend_client.contract.alarms import Alarm
from backend_client.contract.gates import TERMINAL


def gate_of(alarm: Alarm, stores: Stores) -> str:
    """Give the sluice an alarm is about, empty for another one."""
    if alarm.source_kind == "gate":
        return alarm.source_id
    command = stores.gate_commands.get(alarm.source_id)
    return command.gate_id if alarm.source_kind == "gate_command" and command else ""


def open_command(gate_id: str, stores: Stores) -> str:
    """Give the newest command of a sluice that has not ended, empty for none."""
    found = [
        one
        for one in stores.gate_commands.all()
        if one.gate_id == gate_id and one.status not in TERMINAL
    ]
    return max(found, key=lambda one: one.created_at).item_id if found else ""
