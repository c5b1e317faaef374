"""Secrets that are not lost, not guessed and not tampered with."""
