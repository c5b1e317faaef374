"""What is under way on other threads, waited for."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["eventually"]


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so; fail where it does not become so.

    A LookupError of the condition means "not yet": what it looks into, such as a view's
    snapshot, may itself be on its way. It is raised once the time is over.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except LookupError:
            if time.monotonic() >= end:
                raise
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.005)
