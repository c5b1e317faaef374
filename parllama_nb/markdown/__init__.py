"""Markdown that models write, made safe to show and to share."""
