"""One file per thematic layer, one LAYER in each."""
