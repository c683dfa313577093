"""Simulated outside world: the city's feeds, the tide and the sluices' devices."""
