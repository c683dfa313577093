"""Tables, unit of work, change log and audit chain on one SQLite file."""
