"""Schema revisions, forward only; each owner hangs its own revision under `0001`."""
