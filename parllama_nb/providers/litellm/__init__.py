"""Every provider that litellm supports, from a process of its own."""

INSTALL = "%pip install -U litellm"
"""What to run in a notebook where litellm is missing or too old."""
