"""Conversations in the database: written, read back, encrypted."""
