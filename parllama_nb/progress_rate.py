"""The rate of a progress and the time left, as soon as they are meaningful."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from .events import Progress

__all__ = ["RateMeter"]

# Seconds over which the rate is averaged, and after which it is first meaningful.
_WINDOW = 5.0
_LEAST = 0.5

# Seconds between two samples that are stored.
_APART = 0.1


class RateMeter:
    """Measures the rate of one progress: the mean over its last five seconds.

    It starts over with a new phase, with another unit, or if `done` decreases. There is
    no rate in the first half second, and none while nothing moves.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, float]] = deque()
        self._kind: tuple[str, str] = ("", "")

    def annotate(self, progress: Progress) -> Progress:
        """Return the progress with `rate` (units per second) and `eta` (seconds) set.

        Unchanged if it has one of them already, or if they are not known. From any
        thread.
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
        samples = self._samples
        if kind != self._kind or (samples and done < samples[-1][1]):
            samples.clear()
        self._kind = kind
        # The last sample is always the newest; those before it are `_APART` seconds
        # apart, so that frequent reports do not fill the memory.
        if len(samples) > 1 and samples[-1][0] - samples[-2][0] < _APART:
            samples.pop()
        samples.append((now, done))
        while now - samples[0][0] > _WINDOW:
            samples.popleft()
        began, before = samples[0]
        return (done - before) / (now - began) if now - began >= _LEAST else None
