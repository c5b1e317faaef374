"""The view of the memory."""
