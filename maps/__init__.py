"""The map and nothing but the map."""
