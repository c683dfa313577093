"""Use cases: permit, load, rule, save, audit, publish; one function each."""
