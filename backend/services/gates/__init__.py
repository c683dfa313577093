"""Gates from the asked opening to its proof: desk (people), line (device), watch (readings)."""
