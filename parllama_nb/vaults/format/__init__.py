"""The bytes of a vault: keys, records, manifest, log, envelopes."""
