"""Water at a sluice: flow through its bays and the inner level that answers to it."""

from __future__ import annotations

import math

G_MS2 = 9.81
DISCHARGE = 0.6  # m in Q = m·B·e·√(2gH)
REFILL_S = 20 * 3600.0  # the river net pulls the inner level back within a day
LEVELLING = 0.0115  # chamber of a lock: dh/dt = k·√h, 3 m in 300 s
HEAD_MARGIN_M = 0.10

# Head in m up to which a share of full opening is permitted: the device's own last line.
PERMITTED: tuple[tuple[float, float], ...] = ((1.0, 1.0), (2.0, 0.7), (3.0, 0.5), (99.0, 0.3))


def flow_m3s(width_m: float, opening_m: float, *, inner_m: float, outer_m: float) -> float:
    """Give the flow under one leaf, out of the city positive.

    Source: Q = m·B·e·√(2gH), H the difference of the levels.
    """
    head = inner_m - outer_m
    speed = math.sqrt(2 * G_MS2 * abs(head))
    return math.copysign(DISCHARGE * width_m * opening_m * speed, head)


def next_inner_m(
    inner_m: float, dt_s: float, *, normal_m: float, net_m3s: float, km2: float
) -> float:
    """Give the inner level after a step: what flows in less what flows out, and the net's pull."""
    change = net_m3s * dt_s / (km2 * 1e6) + (normal_m - inner_m) * dt_s / REFILL_S
    return inner_m + change


def next_chamber_m(chamber_m: float, side_m: float, dt_s: float) -> float:
    """Give a lock chamber's level after a step with the valve to one side open."""
    gap = side_m - chamber_m
    move = LEVELLING * math.sqrt(abs(gap)) * dt_s
    return side_m if move >= abs(gap) else chamber_m + math.copysign(move, gap)


def permitted_m(full_open_m: float, head_m: float) -> float:
    """Give the largest opening the device itself allows at a head."""
    return next(share for limit, share in PERMITTED if abs(head_m) <= limit) * full_open_m
