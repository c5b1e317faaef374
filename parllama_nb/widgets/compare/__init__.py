"""The view of several answers side by side."""
