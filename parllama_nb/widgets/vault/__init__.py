"""The view of the vault: created, unlocked, filled, looked at, locked."""
