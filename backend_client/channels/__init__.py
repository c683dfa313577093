"""Channels: the words of each system reports come from, and how they become ours."""
