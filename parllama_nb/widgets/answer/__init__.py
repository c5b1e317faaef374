"""The view of one answer in a cell."""
