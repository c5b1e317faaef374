"""Work on a thread that a request waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

__all__ = ["to_the_end"]

T = TypeVar("T")


async def to_the_end(work: Callable[[], T]) -> T:
    """Run some work on a thread; a cancellation is heard once the work is done.

    For work with buffers that its request wipes when it ends: a thread that began later
    would store what it then finds in them.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait({working})
        except asyncio.CancelledError as error:
            # A page may cancel again: each time the work is waited for.
            cancelled = error
    if cancelled is None:
        return working.result()
    # So that asyncio does not report an error that nobody has asked for.
    working.exception()
    raise cancelled
