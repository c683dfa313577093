"""Words of citizens in, judgements out: which reports are one event, whose matter each is."""
