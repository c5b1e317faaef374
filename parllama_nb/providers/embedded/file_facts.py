"""What the file of a model says, with the errors of this provider."""

from __future__ import annotations

from pathlib import Path

from ...errors import ModelNotFoundError, UsageError
from ...weights.gguf_facts import GGUFFacts, model_facts

__all__ = ["file_facts"]


def file_facts(path: Path) -> GGUFFacts:
    """Return what a GGUF file says of its model. Blocks for some milliseconds.

    Of a split model, `path` is the first part; the others are read too.

    Raises:
        ModelNotFoundError: the file, or one of its parts, cannot be read.
        DamagedModelError: it is no GGUF file, is not whole, or is another part.

    """
    try:
        return model_facts(path)
    except UsageError as error:
        message = error.message
    raise ModelNotFoundError(message, hint=f"It should be at {path}.")
