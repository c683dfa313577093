"""The road to the service: contract, client, stream, cache and drafts. No Qt here."""
