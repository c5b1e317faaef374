"""When a request that failed is sent again: one policy for all who ask."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from ..durations import in_words
from ..errors import ModelLoadingError, ParllamaError, ProviderError

__all__ = ["Retries", "RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a failed request is sent again; times are in seconds.

    `backoff` is the wait before the first further try and doubles with each.
    `longest_wait` is the longest wait that a provider may ask for: above it, the error
    is more use than the wait. `poll` is the wait while a server loads the model.
    """

    retries: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0
    poll: float = 1.0

    def begin(self, patience: float) -> Retries:
        """Begin to count the tries of one request; see `Retries`."""
        return Retries(self, patience)


class Retries:
    """The tries of one request. Used on one event loop.

    A server that loads the model is asked again for `patience` seconds, which is how
    long the first token may take. Those tries do not count.
    """

    def __init__(self, policy: RetryPolicy, patience: float) -> None:
        self._policy = policy
        self._patience = patience
        self._failed = 0
        self._loaded_by: float | None = None
        self._told = False

    def wait(self, error: ParllamaError) -> float | None:
        """Note a failed try; returns the seconds until the next one, None for none."""
        if not isinstance(error, ProviderError) or not error.retriable:
            return None
        # Jitter, so that many that failed together do not come back together.
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        if isinstance(error, ModelLoadingError):
            return self._poll(error, jitter)
        policy = self._policy
        self._failed += 1
        if self._failed > policy.retries:
            return None
        if error.retry_after is not None:
            asked = error.retry_after
            return asked if asked <= policy.longest_wait else None
        wait: float = policy.backoff * 2.0 ** (self._failed - 1) * jitter
        return min(wait, policy.longest_wait)

    def notice(self, error: ParllamaError, wait: float) -> str:
        """Return what the user is told before the next try, "" where it is known."""
        if not isinstance(error, ModelLoadingError):
            count = f"{self._failed} of {self._policy.retries}"
            return f"{error.message} Trying again in {wait:.0f} s ({count})."
        if self._told:
            return ""
        self._told = True
        return f"{error.message} Waiting up to {in_words(self._patience)} for it."

    def _poll(self, error: ModelLoadingError, jitter: float) -> float | None:
        now = asyncio.get_running_loop().time()
        if self._loaded_by is None:
            self._loaded_by = now + self._patience
        wait = self._policy.poll * jitter
        # Hugging Face guesses how long it takes.
        if error.retry_after is not None:
            wait = max(wait, min(error.retry_after, 10 * self._policy.poll))
        return wait if now + wait <= self._loaded_by else None
