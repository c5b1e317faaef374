"""How a name is written on the line of a command."""

from __future__ import annotations

__all__ = ["quoted"]


def quoted(name: str) -> str:
    """Return a name as it is written on the line of a command."""
    if name and not any(each.isspace() or each in "\"'" for each in name):
        return name
    # Within double quotes a backslash could belong to the quote after it.
    quote = "'" if "\\" in name else '"'
    return quote + name.replace(quote, 2 * quote) + quote
