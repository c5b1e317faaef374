"""vault: secrets behind one password; nothing secret is ever typed on the line."""

from .command import COMMAND

__all__ = ["COMMAND"]
