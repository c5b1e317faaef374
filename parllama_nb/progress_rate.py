"""How fast a thing goes and how long it will take, told when it can be told."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from .events import Progress

__all__ = ["RateMeter"]

# Seconds over which the rate is smoothed, and from which on it can be told.
_WINDOW = 5.0
_LEAST = 0.5

# Seconds between two samples that are kept.
_APART = 0.1


class RateMeter:
    """The rate of one thing under way: the mean over its last seconds.

    A new phase, another unit or a step back begins anew. Nothing is told of the first
    half second, and no time left while nothing moves.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, float]] = deque()
        self._kind: tuple[str, str] = ("", "")

    def told(self, progress: Progress) -> Progress:
        """The progress with `rate` (units a second) and `eta` (seconds), or without.

        What its teller has said of either stays. From any thread.
        """
        if not progress.unit or progress.rate is not None or progress.eta is not None:
            return progress
        with self._lock:
            rate = self._rate(progress)
        if not rate:
            return progress
        left = None if progress.total is None else progress.total - progress.done
        eta = None if left is None else max(left, 0.0) / rate
        return replace(progress, rate=rate, eta=eta)

    def _rate(self, progress: Progress) -> float | None:
        now, done = self._clock(), progress.done
        kind = (progress.phase, progress.unit)
        if kind != self._kind or (self._seen and done < self._seen[-1][1]):
            self._seen.clear()
        self._kind = kind
        # The last sample is the newest, those before it stand apart.
        if len(self._seen) > 1 and self._seen[-1][0] - self._seen[-2][0] < _APART:
            self._seen.pop()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        began, before = self._seen[0]
        return (done - before) / (now - began) if now - began >= _LEAST else None
