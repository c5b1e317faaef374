"""Durations in words."""

from __future__ import annotations

__all__ = ["in_words"]

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def in_words(seconds: float) -> str:
    """Return "7 s", "2 min 5 s", "2 h" or "3 d 4 h": at most two units, no zeros."""
    left = max(1, round(seconds))
    parts = []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
        if parts and (len(parts) > 1 or not count):
            break
    return " ".join(parts)
