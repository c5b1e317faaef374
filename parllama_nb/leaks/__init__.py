"""Secrets found where they must not be: in notebooks, histories and other files."""
