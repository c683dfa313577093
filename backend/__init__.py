"""The reference service: one process that owns the writes; replaceable behind the contract."""
