"""sessions: lists saved conversations; renames, deletes, encrypts or decrypts one."""

from .command import COMMAND

__all__ = ["COMMAND"]
