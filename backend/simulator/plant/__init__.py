"""The sluices' devices: a pure core moved by `step`, a door on the loopback, a log of its own."""
