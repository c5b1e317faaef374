"""The SQLite database that everything but the vault is kept in."""
