"""Ground both sides stand on: datums, shores and county areas, read from what is installed."""
