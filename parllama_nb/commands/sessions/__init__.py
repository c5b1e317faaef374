"""sessions: lists saved conversations; changes one, exports and imports them."""

from .command import COMMAND

__all__ = ["COMMAND"]
