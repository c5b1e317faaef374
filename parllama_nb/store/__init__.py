"""The SQLite database, which holds everything but the vault."""
