"""Channels' own processes: take in what a system hands over, bring it what its reporters hear."""
