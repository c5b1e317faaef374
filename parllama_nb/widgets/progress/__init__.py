"""The view of one job's progress."""
