"""One file per schema revision; a published file is never edited."""
