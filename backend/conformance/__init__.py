"""Check any service against the contract: an outsider that speaks HTTP and nothing else."""
