"""The way to the sluices' devices: one Protocol, one driver per wire."""
