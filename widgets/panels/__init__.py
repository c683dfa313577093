"""One file, one panel, one name a scene can use."""
