"""Work on a thread that ends by itself when whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from ...errors import StoppedError

__all__ = ["on_thread", "stop_if"]

T = TypeVar("T")


async def on_thread(work: Callable[[threading.Event], T]) -> T:
    """Return what the work returns. If this is cancelled, the event is set.

    Then the end of the work is waited for, so that it leaves nothing half done.
    """
    stop = threading.Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        with contextlib.suppress(Exception):
            await task
        raise


def stop_if(stop: threading.Event) -> None:
    """Raise StoppedError if the event is set."""
    if stop.is_set():
        message = "Stopped."
        raise StoppedError(message)
