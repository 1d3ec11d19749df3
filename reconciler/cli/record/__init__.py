"""The commands on the record: `status`, `history`, `acknowledge`, and `key` for the key of its fingerprints."""
