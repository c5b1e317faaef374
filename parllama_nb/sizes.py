"""Sizes in words."""

from __future__ import annotations

__all__ = ["size_in_words"]

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size_in_words(count: float) -> str:
    """Return a number of bytes as "812 B", "9.5 MB" or "120 GB", in powers of 1000."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - rounds to 1000
        value, unit = value / 1000, unit + 1
    digits = 0 if not unit or value >= 99.5 else 1  # noqa: PLR2004
    return f"{value:.{digits}f} {_UNITS[unit]}"
