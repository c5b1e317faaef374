"""Comparisons: one question to several models, side by side."""
