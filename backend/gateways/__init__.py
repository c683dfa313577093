"""Doors to the outside world, a Protocol each with a real and a simulated side."""
