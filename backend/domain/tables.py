"""What is wrong with a table a site edits: one line in both languages that names its place."""

from __future__ import annotations


class BadTableError(ValueError):
    """A table says something that cannot be meant; the text names file, row and what to write."""

    def line(self) -> str:
        """Give what is wrong as the one line it is."""
        return " ".join(str(self).split())
