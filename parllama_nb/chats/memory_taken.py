"""What a conversation takes of the user's memory: all of it, with its first question.

It is an option of the conversation from then on, stored and encrypted with the others,
and stays as it is when the memory changes. "" in its place is none, by the user's wish.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import StoreError, StoreUnavailableError
from .history.reading import Turn
from .services import ChatServices

__all__ = ["is_taken", "keep_options", "with_memory", "without_memory"]

_NAME = "memory"


async def with_memory(
    options: dict[str, Any], turns: Sequence[Turn], services: ChatServices
) -> dict[str, Any]:
    """Return the options of a conversation; others, with the memory, if it is new.

    Raises:
        StoreError: the memory cannot be read.

    """
    if turns or _NAME in options:
        return options
    memory = ""
    with contextlib.suppress(StoreUnavailableError):
        memory = await services.memory()
    return {**options, _NAME: memory} if memory else options


def is_taken(memory: str, options: Mapping[str, Any]) -> bool:
    """Whether a request has a memory that its conversation did not have before."""
    return bool(memory) and _NAME not in options


async def keep_options(
    session: str, model: str | None, options: Mapping[str, Any], services: ChatServices
) -> None:
    """Store the model and the options of a conversation."""
    # What becomes of an answer that cannot be stored, its footer says.
    with contextlib.suppress(StoreError):
        await services.store.configure(session, model, options)


def without_memory(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options for another conversation, which takes the memory by itself."""
    return {name: value for name, value in options.items() if name != _NAME}
