"""Numbers in, numbers out: geometry, distances, totals; no I/O, no clock."""
