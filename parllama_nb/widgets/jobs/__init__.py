"""The view of the jobs under way."""
