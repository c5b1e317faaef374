"""The view of the prompt library: found, read, filled in, edited, imported."""
