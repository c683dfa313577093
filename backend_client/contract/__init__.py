"""The only words console and service share: types, paths, units, clock. No I/O."""
