"""When a request that failed is sent again: one policy for all who ask."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..errors import ParllamaError, ProviderError

__all__ = ["RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a failed request is sent again; times are in seconds.

    `backoff` is the wait before the first further try and doubles with each.
    `longest_wait` is the longest wait that a provider may ask for: above it, the error
    is more use than the wait.
    """

    retries: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0

    def wait(self, error: ParllamaError, attempt: int) -> float | None:
        """Seconds until the next try; None for no further one.

        Args:
            error: what the last try failed with.
            attempt: how many tries have failed, 1 or more.

        """
        if not isinstance(error, ProviderError) or not error.retriable:
            return None
        if attempt > self.retries:
            return None
        if error.retry_after is not None:
            asked = error.retry_after
            return asked if asked <= self.longest_wait else None
        # Jitter, so that many that failed together do not come back together.
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        wait: float = self.backoff * 2.0 ** (attempt - 1) * jitter
        return min(wait, self.longest_wait)
