"""What every driver offers, and the three ways a call can fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from backend.domain.devices import Accepted, Curve, Facts, Order, Reading


class DeviceRefusedError(Exception):
    """The device answered no: nothing moved. `word` is the device's reason."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class UnreachableError(Exception):
    """The device was not reached: certainly nothing was done."""


class DoubtError(Exception):
    """The call may have been done; only reading the device tells."""


class Driver(Protocol):
    """Talk to devices. Fence and sequence go with every order; each call ends within 3 s.

    Raises (any call): DeviceRefusedError, UnreachableError; select, operate, stop and claim
    also DoubtError.
    """

    async def select(self, device_id: str, order: Order) -> Accepted:
        """Reserve a device for one exact order."""
        ...

    async def operate(self, device_id: str, order: Order) -> Accepted:
        """Move a reserved device."""
        ...

    async def read(self, device_id: str) -> Reading:
        """Read one device."""
        ...

    async def stop(self, device_id: str) -> Accepted:
        """Halt a device and void any select, on a connection of its own."""
        ...

    async def claim(self, device_id: str, fence: int) -> Accepted:
        """Become the device's one writer; the former writer's select is void."""
        ...

    async def heartbeat(self, fences: Mapping[str, int]) -> None:
        """Let each device hear, by its own fence, that its writer lives."""
        ...

    async def read_all(self) -> tuple[Reading, ...]:
        """Read every device that answers."""
        ...

    async def facts(self) -> tuple[Facts, ...]:
        """Read what stands there."""
        ...

    async def curves(self) -> Mapping[str, Curve]:
        """Read the predicted outer levels by device."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
