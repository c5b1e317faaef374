"""Ctrl-C, pressed when it means something: while the main thread waits."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType

from parllama_nb.api.asking import AnswerStream
from parllama_nb.runtime import wait

__all__ = ["interrupt_the_waiting"]

_PATIENCE = 10.0

# Where the main thread waits for what the service loop brings.
_WAITING = {wait.__code__, AnswerStream._next.__code__}


def interrupt_the_waiting() -> None:
    """Interrupt the main thread once it waits for a job; from any other thread.

    An interrupt that comes earlier hits whoever is about to wait, a test included.
    """
    end = time.monotonic() + _PATIENCE
    while not _waits() and time.monotonic() < end:
        time.sleep(0.001)
    signal.raise_signal(signal.SIGINT)


def _waits() -> bool:
    frame: FrameType | None = sys._current_frames()[_main()]
    while frame is not None:
        if frame.f_code in _WAITING:
            return True
        frame = frame.f_back
    return False


def _main() -> int:
    ident = threading.main_thread().ident
    assert ident is not None
    return ident
