"""One file per overlay, one LAYER in each: shown over any layer, counted among none."""
