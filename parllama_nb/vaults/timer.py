"""When a vault locks by itself: after some time without use, and at the latest.

Two clocks measure: one that cannot be set and goes on while the machine sleeps, and the
wall clock. Either one locks, so that neither a sleep nor a clock set back gives more
time. (A wall clock set forward locks too early, which costs typing a password.)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import UsageError

__all__ = ["Clock", "Limits", "LockTimer"]

SHORTEST: Final = 30.0

_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", None)

Clock = Callable[[], float]


def since_boot() -> float:
    """Seconds on a clock that cannot be set, and goes on while the machine sleeps."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until a vault locks: without use, and at the latest. None is never.

    Raises:
        UsageError: a limit below 30 seconds.

    """

    idle: float | None = 15 * 60
    absolute: float | None = 8 * 3600

    def __post_init__(self) -> None:
        for limit in (self.idle, self.absolute):
            if limit is not None and not limit >= SHORTEST:
                message = f"A vault cannot lock before {SHORTEST:.0f} seconds."
                raise UsageError(message, hint="Or never: None.")


class LockTimer:
    """How long a vault may stay unlocked."""

    def __init__(
        self, limits: Limits, clocks: tuple[Clock, ...] = (since_boot, time.time)
    ) -> None:
        self.limits = limits
        self._clocks = clocks
        self.start()

    def start(self) -> None:
        """Start both limits: it was unlocked just now."""
        self._unlocked = self._used = self._seen = self._now()

    def use(self) -> None:
        """Start the idle limit again, at the time when `left` was last called."""
        self._used = self._seen

    def left(self) -> float | None:
        """Return the seconds until it locks, None for never; 0 or less is due."""
        limits, left = self.limits, math.inf
        now = self._seen = self._now()
        if limits.idle is not None:
            for clock, then in zip(now, self._used, strict=True):
                left = min(left, limits.idle - clock + then)
        if limits.absolute is not None:
            for clock, then in zip(now, self._unlocked, strict=True):
                left = min(left, limits.absolute - clock + then)
        return None if left == math.inf else left

    def _now(self) -> tuple[float, ...]:
        return tuple([clock() for clock in self._clocks])
