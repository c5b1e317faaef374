"""When a vault locks by itself: after some time unused, and after some time at all.

Two clocks measure: one that goes on while the machine sleeps and cannot be set, and
the wall's. Either one locks, so that neither a sleep nor a clock set back lengthens
anything. (Set forward, the wall's clock locks too early, which costs a password.)
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
    """Seconds on a clock that nobody sets and that goes on in a machine's sleep."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until a vault locks: unused, and at the latest. None is never.

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
        """It was unlocked just now."""
        self._unlocked = self._used = self._seen = self._now()

    def use(self) -> None:
        """It is used, and `left` was looked at just now."""
        self._used = self._seen

    def left(self) -> float | None:
        """Seconds until it locks, 0 or less if it is due; None for never."""
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
