"""Routers: parse, ask one service, reply."""
